package gs1

import (
	"encoding/hex"
	"strings"
	"testing"
)

func TestTagVectors(t *testing.T) {
	n := 0
	eachVector(t, "epc.dev.jsonl", func(t *testing.T, v *vector) {
		if v.Kind != "epc_binary" {
			return
		}
		data, err := hex.DecodeString(v.input())
		if err != nil {
			t.Fatal(err)
		}
		var tag Tag
		if err := tag.UnmarshalBinary(data); err != nil {
			t.Errorf("%s %s: %v", v.ID, v.input(), err)
			return
		}
		if tag.Filter != v.Expect.Filter || tag.Prefix != v.Expect.GCPLength || maxPrefix-tag.Prefix != v.Expect.Partition {
			t.Errorf("%s: %+v, want %+v", v.ID, tag, v.Expect)
		}
		if uri, err := tag.URI(); err != nil || uri != v.Expect.Tag {
			t.Errorf("%s: URI %s, %v, want %s", v.ID, uri, err, v.Expect.Tag)
		}
		urn, err := tag.EPC.URN(tag.Prefix)
		if err != nil || urn != v.Expect.Pure {
			t.Errorf("%s: URN %s, %v, want %s", v.ID, urn, err, v.Expect.Pure)
		}
		m, err := new(Parser).ParseHRI(escapeHRI(v.Expect.Elements))
		if err != nil {
			t.Errorf("%s: %q: %v", v.ID, v.Expect.Elements, err)
		}
		if epc, err := m.EPC(); err != nil || epc != tag.EPC {
			t.Errorf("%s: %s, want %s (%v)", v.ID, tag.EPC, epc, err)
		}
		for _, uri := range []string{urn, v.Expect.Tag, tag.EPC.String()} {
			if epc, err := ParseEPC(uri); err != nil || epc != tag.EPC {
				t.Errorf("%s: ParseEPC(%s) = %s, %v, want %s", v.ID, uri, epc, err, tag.EPC)
			}
		}
		if back, err := tag.MarshalBinary(); err != nil || !strings.EqualFold(hex.EncodeToString(back), v.input()) {
			t.Errorf("%s: back to %x, %v, want %s", v.ID, back, err, v.input())
		}
		n++
	})
	t.Logf("%d vectors", n)
}

// escapeHRI escapes "(" in the values of HRI that has none but the brackets of (01), (21), (00), (414) and (254).
func escapeHRI(s string) string {
	s = strings.ReplaceAll(s, "(", `\(`)
	for _, ai := range []string{"01", "21", "00", "414", "254"} {
		s = strings.Replace(s, `\(`+ai+")", "("+ai+")", 1)
	}
	return s
}
