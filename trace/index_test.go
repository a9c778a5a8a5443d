package trace

import (
	"bytes"
	"fmt"
	"testing"
)

// Every object whose identifier begins with some text has a key that begins with one of the prefixes for it.
func TestKeyPrefixes(t *testing.T) {
	ids := []ID{
		"https://id.gs1.org/01/08935001000020", "https://id.gs1.org/01/08935001000020/10/L1", "https://id.gs1.org/01/08935001000020/21/A",
		"https://id.gs1.org/01/08935001000020/21/B%2F", "https://id.gs1.org/01/08935001000020/235/C", "https://id.gs1.org/01/00000000000000/21/A",
		"https://id.gs1.org/01/99999999999997/21/A", "https://id.gs1.org/00/189350010000000232", "https://id.gs1.org/00/999999999999999995",
		"https://id.gs1.org/8004/8935001A", "https://id.gs1.org/414/8935001000013", "urn:uuid:1", "https://example.vn/01/08935001000020/21/A",
	}
	keys := make(map[string]ID)
	narrow := 0
	for _, id := range ids {
		key := indexKey(keyKindEPC, string(id))
		if other, ok := keys[string(key)]; ok {
			t.Errorf("%s and %s have one key", id, other)
		}
		keys[string(key)] = id
		for n := range len(id) + 1 {
			prefixes, ok := keyPrefixes(string(id[:n]))
			if !ok {
				continue
			}
			narrow++
			found := false
			for _, p := range prefixes {
				found = found || bytes.HasPrefix(key, p)
			}
			if !found {
				t.Errorf("%s is not found by %s", id, id[:n])
			}
		}
	}
	if narrow < 50 {
		t.Errorf("%d prefixes narrow a search", narrow)
	}
}

// The keys of FORMAT.md.
func TestIndexKeys(t *testing.T) {
	for id, want := range map[ID]string{
		"https://id.gs1.org/01/08935001000020":          "652f30312f3038393335303031303030303230",
		"https://id.gs1.org/01/08935001000020/10/L1":    "652f30312f30383933353030313030303032302f31302f4c31",
		"https://id.gs1.org/01/08935001000020/21/A":     "65670820578f8854bb372d3a7a3caab6",
		"https://id.gs1.org/00/189350010000000232":      "657302a0b4d4b44444e87780174af01f",
		"https://id.gs1.org/01/08935001000020/235/C":    "65688d68272f7f372b8c",
		"urn:uuid:4e0b5d2c-6a32-4b5e-9b1c-0b6f0c0a7b11": "6568bcf154c1d7bb0e3f",
	} {
		if got := fmt.Sprintf("%x", indexKey(keyKindEPC, string(id))); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}
