package trace

import (
	"strings"
	"testing"

	"github.com/dauvet/dauvet/gs1"
)

// FuzzPlainID holds the short way of reading an identifier against the long one.
func FuzzPlainID(f *testing.F) {
	for _, s := range []string{
		"urn:epc:id:sgtin:8935001.000002.F8C753PHW3", "urn:epc:id:sgtin:893500.1000002.A.B", "urn:epc:id:sgtin:8935001.000002.",
		"urn:epc:id:sgtin:8935001.000002.A%2F", "urn:epc:id:sgtin:8935001.000002.123456789012345678901",
		"urn:epc:id:sscc:8935001.1000000023", "urn:epc:id:sscc:8935001.1000000023.", "urn:epc:id:sscc:8935001.10000000231",
		"urn:epc:id:sgln:8935210.00001.0", "urn:epc:id:sgln:8935210.00001.1", "urn:epc:id:sgln:8935210.00001",
		"urn:epc:id:sgln:893521000001..0", "urn:epc:id:pgln:8935210.00001", "urn:epc:id:pgln:8935210.00001.0", "urn:epc:id:pgln:893521000001.",
		"https://id.gs1.org/01/08935001000020/21/A", "https://truyxuat.example.vn/01/08935001000020/10/L-1/21/A_.2",
		"https://x/01/08935001000020/10/L1", "https://x/01/08935001000021/21/A", "https://x:80/01/08935001000020/21/A",
		"https://.x/01/08935001000020/21/A", "https://x/01/08935001000020/10//21/A", "https://x/01/08935001000020/21/A?b=c",
		"https://x/01/08935001000020/21/A/", "https://x/a/01/08935001000020/21/A", "https://x/01/00000000000000/21/A",
		"https://1.2.3/01/08935001000020/21/A", "https://a..b/01/08935001000020/21/A", "https://a-/01/08935001000020/21/A",
		"https://x/01/08935001000020/22/A/10/B/21/C", "https://x/01/08935001000020/10/A/10/B/21/C",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := plainID(s)
		if got == "" {
			return
		}
		epc, err := gs1.ParseEPC(s)
		if err != nil || IDOf(epc) != got {
			t.Errorf("%q: %s, want %s, %v", s, got, epc, err)
		}
	})
}

// The short way is the one that the events of a province take.
func TestPlainID(t *testing.T) {
	for _, s := range strings.Fields("urn:epc:id:sgtin:8935001.000002.F8C753PHW3 urn:epc:id:sscc:8935001.1000000023" +
		" urn:epc:id:sgln:8935210.00001.0 urn:epc:id:pgln:8935210.00001 https://id.gs1.org/01/08935001000020/10/L-1/21/A_.2") {
		want, err := gs1.ParseEPC(s)
		if got := plainID(s); err != nil || got != IDOf(want) {
			t.Errorf("%s: %s, want %s, %v", s, got, want, err)
		}
	}
}
