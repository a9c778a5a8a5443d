package gs1

import (
	"crypto/sha256"
	"fmt"
	"math/rand"
	"testing"
)

// packs are 64 different medicine packs: element strings, and the same as links.
func packs(tb testing.TB) (strings, links [64]string) {
	tb.Helper()
	rnd := rand.New(rand.NewSource(64))
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
	word := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[rnd.Intn(len(letters))]
		}
		return string(b)
	}
	for i := range strings {
		gtin := fmt.Sprintf("0893500%06d", rnd.Intn(1000000))
		gtin += string(checkDigit(gtin))
		s := fmt.Sprintf("01%s17%02d%02d%02d10%s\x1d21%s", gtin, 26+rnd.Intn(5), 1+rnd.Intn(12), rnd.Intn(29),
			word(6+rnd.Intn(3)), word(11+rnd.Intn(4)))
		m, err := Parse(s)
		if err != nil {
			tb.Fatal(err)
		}
		strings[i] = s
		if links[i], err = m.DigitalLink(""); err != nil {
			tb.Fatal(err)
		}
	}
	return strings, links
}

func BenchmarkParseInto(b *testing.B) {
	scans, _ := packs(b)
	var p Parser
	m := Message{Elements: make([]Element, 0, 8)}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := p.ParseInto(&m, scans[i%64]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	scans, _ := packs(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := Parse(scans[i%64]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseHRI(b *testing.B) {
	scans, _ := packs(b)
	for i, s := range scans {
		m, _ := Parse(s)
		scans[i] = m.HRI()
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := ParseHRI(scans[i%64]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseDigitalLink(b *testing.B) {
	_, links := packs(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := ParseDigitalLink(links[i%64]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendDigitalLink(b *testing.B) {
	scans, _ := packs(b)
	var ms [64]Message
	for i, s := range scans {
		ms[i], _ = Parse(s)
	}
	buf := make([]byte, 0, 256)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := ms[i%64].AppendDigitalLink(buf, ""); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWrongCheckDigit(b *testing.B) {
	scans, _ := packs(b)
	for i, s := range scans {
		scans[i] = s[:15] + string('0'+(s[15]-'0'+5)%10) + s[16:]
	}
	var p Parser
	m := Message{Elements: make([]Element, 0, 8)}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := p.ParseInto(&m, scans[i%64]); err == nil {
			b.Fatal("accepted")
		}
	}
}

func BenchmarkEPC(b *testing.B) {
	scans, _ := packs(b)
	m, _ := Parse(scans[0])
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.EPC(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkYardstick is what the figures of this machine are to be compared with: SHA-256 of 1 KiB.
func BenchmarkYardstick(b *testing.B) {
	var data [1024]byte
	for b.Loop() {
		sha256.Sum256(data[:])
	}
}
