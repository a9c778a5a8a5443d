package main

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/epcis"
	gocmp "github.com/google/go-cmp/cmp"
)

// open returns an empty ledger with a key that follows from the texts.
func open(t *testing.T, origin, key string) *ledger.Ledger {
	t.Helper()
	seed := sha256.Sum256([]byte(key))
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index, Origin: origin,
		Signers: []crypto.Signer{ed25519.NewKeyFromSeed(seed[:])}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// shops makes a ledger for each party of a file of events and returns them with the file of their keys.
func shops(t *testing.T, name, key string) (map[trace.Party]*ledger.Ledger, string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	byParty := make(map[trace.Party][]*trace.Event)
	for e, err := range epcis.NewDecoder(f, nil).Events() {
		if err != nil {
			t.Fatal(err)
		}
		byParty[e.Actor()] = append(byParty[e.Actor()], e)
	}
	ledgers := make(map[trace.Party]*ledger.Ledger)
	var keys strings.Builder
	for _, party := range slices.Sorted(maps.Keys(byParty)) {
		l := open(t, "example.com/"+string(party), key+string(party))
		record(t, l, byParty[party]...)
		ledgers[party] = l
		fmt.Fprintf(&keys, "%s %s\n", l.VerifierKey(), cmp.Or(party, "nobody"))
	}
	return ledgers, write(t, "keys.txt", []byte(keys.String()))
}

func record(t *testing.T, l *ledger.Ledger, events ...*trace.Event) {
	t.Helper()
	repo, err := trace.Open(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := func(yield func(*trace.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
	if _, err := repo.Import(t.Context(), all); err != nil {
		t.Fatal(err)
	}
}

func evidence(t *testing.T, l *ledger.Ledger) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := audit.Export(t.Context(), &b, l, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEvidence audits the story, and the small province, by the evidence of each party: the findings are those of the
// events themselves.
func TestEvidence(t *testing.T) {
	for _, tc := range []struct{ name, master, events string }{
		{"story", "testdata/master.json", story(t)},
		{"province", "../../../shared/vectors/province/small.master.json", "../../../shared/vectors/province/small.jsonl"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := os.Stat(tc.master); err != nil {
				t.Skipf("without %s", strings.TrimPrefix(tc.master, "../../../"))
			}
			var want, got, words bytes.Buffer
			if err := run(t.Context(), &want, io.Discard, config{master: tc.master, files: []string{tc.events}}); err != nil {
				t.Fatal(err)
			}
			ledgers, keys := shops(t, tc.events, "")
			c := config{master: tc.master, keys: keys, previous: t.TempDir()}
			for party, l := range ledgers {
				c.files = append(c.files, write(t, string(party)+".evidence", evidence(t, l)))
			}
			if err := run(t.Context(), &got, &words, c); err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(want.String(), got.String()); diff != "" {
				t.Errorf("(-events +evidence):\n%s\n%s", diff, words.String())
			}
			// The same again, now with checkpoints kept.
			got.Reset()
			if err := run(t.Context(), &got, io.Discard, c); err != nil {
				t.Fatal(err)
			}
			if got.String() != want.String() {
				t.Errorf("with checkpoints kept: %d bytes of findings, want %d", got.Len(), want.Len())
			}
			kept, err := filepath.Glob(filepath.Join(c.previous, "*"))
			if err != nil || len(kept) != len(ledgers) {
				t.Errorf("%d checkpoints of %d ledgers kept, %v", len(kept), len(ledgers), err)
			}
		})
	}
}

// TestEvidenceProblems hands in evidence that does not count beside some that does.
func TestEvidenceProblems(t *testing.T) {
	ledgers, keys := shops(t, story(t), "")
	const maker, shop, kiosk trace.Party = "8936000120009", "68-00417", "68-00500"
	other, _ := shops(t, story(t), "other") // the same events, other keys
	c := config{master: "testdata/master.json", keys: keys, previous: t.TempDir()}
	names := map[trace.Party]string{}
	for _, party := range []trace.Party{maker, shop, kiosk} {
		names[party] = write(t, string(party)+".evidence", evidence(t, ledgers[party]))
		c.files = append(c.files, names[party])
	}
	if err := run(t.Context(), io.Discard, io.Discard, c); err != nil {
		t.Fatal(err)
	}

	// The maker's file was damaged, somebody without a key pretends to be the shop, and the kiosk forgot a sale: with
	// the same key it has another ledger.
	data := evidence(t, ledgers[maker])
	data[len(data)/2] ^= 1
	forgetful := open(t, "example.com/"+string(kiosk), string(kiosk))
	record(t, forgetful, &trace.Event{Type: trace.ObjectEvent, Action: trace.Observe, Time: time.Unix(1, 0).UTC(),
		EPCs: []trace.ID{"urn:x:1"}})
	c.files = []string{
		write(t, "maker.evidence", data),
		write(t, "pretender.evidence", evidence(t, other[shop])),
		write(t, "kiosk.evidence", evidence(t, forgetful)),
		names[shop],
	}
	var out bytes.Buffer
	if err := run(t.Context(), &out, io.Discard, c); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		var f finding
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		if len(f.Events) == 0 {
			got = append(got, string(f.Rule)+" "+string(f.Place))
		}
	}
	want := []string{"evidence_damaged ", "key_unknown 68-00417", "ledger_rewritten 68-00500", "no_evidence 8936000120009"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, out.String())
	}
	if !strings.Contains(out.String(), `"place":"68-00417"`) {
		t.Errorf("the shop's own evidence was not judged:\n%s", out.String())
	}
	both, err := filepath.Glob(filepath.Join(c.previous, "*.rewritten-*"))
	if err != nil || len(both) != 2 {
		t.Errorf("%v kept of the ledger that was rewritten, %v", both, err)
	}
}

// TestDropped hands over files alone: the keys lie beside them, and the report is written there. One file is damaged.
func TestDropped(t *testing.T) {
	ledgers, keys := shops(t, story(t), "")
	folder := t.TempDir()
	put := func(name string, data []byte) string {
		name = filepath.Join(folder, name)
		if err := os.WriteFile(name, data, 0o644); err != nil {
			t.Fatal(err)
		}
		return name
	}
	text, err := os.ReadFile(keys)
	if err != nil {
		t.Fatal(err)
	}
	put("keys.txt", text)
	master, err := os.ReadFile("testdata/master.json")
	if err != nil {
		t.Fatal(err)
	}
	put("master.json", master)
	var c config
	for _, party := range slices.Sorted(maps.Keys(ledgers)) {
		data := evidence(t, ledgers[party])
		if party == "8936000120009" {
			data[len(data)/2] ^= 1
		}
		c.files = append(c.files, put(string(party)+".evidence", data))
	}
	c.dropped()
	var words bytes.Buffer
	if err := run(t.Context(), io.Discard, &words, c); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(folder, "bao-cao.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Tệp bằng chứng hỏng", "8936000120009.evidence", "c2sp.org/tlog-proof@v1", "Bán khi bị đình chỉ"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, name := range []string{"tong-hop.csv", "phat-hien.csv", "bang-chung.csv", "khong-xac-minh.csv", "do-phu.csv", "ton-kho.csv", "tren-duong.csv", "phat-hien.jsonl"} {
		data, err := os.ReadFile(filepath.Join(folder, "bao-cao", name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".csv") && !strings.HasPrefix(string(data), "\ufeff") {
			t.Errorf("%s has no byte order mark", name)
		}
	}
	if book, err := os.ReadFile(filepath.Join(folder, "bao-cao.xlsx")); err != nil || !strings.HasPrefix(string(book), "PK") {
		t.Errorf("workbook: %d bytes, %v", len(book), err)
	}
	left, err := filepath.Glob(filepath.Join(folder, ".audit-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestProgress tells the rate and the time that remains.
func TestProgress(t *testing.T) {
	p := newProgress(io.Discard, 400e6)
	p.add("a", 100e6)
	if got, want := p.line("shop/a.evidence", 10*time.Second), " 25 %  10.0 MB/s  30s left  a.evidence"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestMirror audits the mirror of a province, and the tiles of a stick: the findings are those of the files.
func TestMirror(t *testing.T) {
	ledgers, keys := shops(t, story(t), "")
	want, got := &bytes.Buffer{}, &bytes.Buffer{}
	c := config{master: "testdata/master.json", keys: keys}
	dir, stick := t.TempDir(), t.TempDir()
	var vkeys []string
	for _, party := range slices.Sorted(maps.Keys(ledgers)) {
		c.files = append(c.files, write(t, string(party)+".evidence", evidence(t, ledgers[party])))
		vkeys = append(vkeys, ledgers[party].VerifierKey())
	}
	if err := run(t.Context(), want, io.Discard, c); err != nil {
		t.Fatal(err)
	}
	m, err := mirror.Open(dir, &mirror.Options{Keys: vkeys})
	if err != nil {
		t.Fatal(err)
	}
	const shop trace.Party = "68-00417"
	for party, l := range ledgers {
		tiles := t.TempDir()
		if party == shop {
			tiles = stick
		}
		if _, err := l.Export(t.Context(), ledger.Dir(tiles)); err != nil {
			t.Fatal(err)
		}
		if party == shop {
			continue
		}
		if _, err := m.AddTiles(t.Context(), os.DirFS(tiles)); err != nil {
			t.Fatal(err)
		}
	}

	// While the mirror is in use it is told by name.
	c.files = []string{stick, dir}
	if err := run(t.Context(), got, io.Discard, c); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.String(), string(audit.SourceBroken)) || !strings.Contains(got.String(), filepath.Base(dir)) {
		t.Errorf("a mirror in use is not told:\n%s", got)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	got.Reset()
	var words bytes.Buffer
	if err := run(t.Context(), got, &words, c); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want.String(), got.String()); diff != "" {
		t.Errorf("(-files +mirror):\n%s\n%s", diff, &words)
	}

	// A changed record in the mirror is that of one ledger, and the others count.
	logs, err := filepath.Glob(filepath.Join(dir, "logs", "*", "entries"))
	if err != nil || len(logs) != 2 {
		t.Fatalf("%v, %v", logs, err)
	}
	data, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := os.WriteFile(logs[0], data, 0o644); err != nil {
		t.Fatal(err)
	}
	got.Reset()
	if err := run(t.Context(), got, io.Discard, c); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(got.String(), string(audit.EvidenceDamaged)); n != 1 {
		t.Errorf("%d logs are damaged, want 1:\n%s", n, got)
	}
}
