package trace

import (
	"fmt"
	"testing"

	"github.com/dauvet/dauvet/gs1"
)

// TestPlainIsCanonical holds the short cut of ParseID and check against the long way.
func TestPlainIsCanonical(t *testing.T) {
	for id, want := range map[ID]bool{
		"https://id.gs1.org/01/08935001000020/21/A":                     true,
		"https://id.gs1.org/01/08935001000020/21/A-b.c_d":               true,
		"https://id.gs1.org/01/08935001000020/21/12345678901234567890":  true,
		"https://id.gs1.org/01/08935001000021/21/A":                     true, // the check digit is another matter
		"https://id.gs1.org/00/189350010000000232":                      true,
		"https://id.gs1.org/01/08935001000020/21/":                      false,
		"https://id.gs1.org/01/08935001000020/21/123456789012345678901": false,
		"https://id.gs1.org/01/08935001000020/21/A%2FB":                 false,
		"https://id.gs1.org/01/08935001000020/21/A?10=L":                false,
		"https://id.gs1.org/01/08935001000020/10/L/21/A":                false,
		"https://id.gs1.org/01/0893500100002X/21/A":                     false,
		"https://id.gs1.org/00/18935001000000023X":                      false,
		"https://id.gs1.org/01/08935001000020":                          true,
		"https://id.gs1.org/01/08935001000020/10/L-1":                   true,
		"https://id.gs1.org/01/08935001000020/10/":                      false,
		"https://id.gs1.org/01/08935001000020/10/A%2FB":                 false,
		"https://id.gs1.org/01/08935001000020/10/L/":                    false,
		"https://id.gs1.org/01/08935001000020/":                         false,
		"https://truyxuat.example.vn/01/08935001000020/21/A":            false,
		"https://id.gs1.org/414/8935001000013":                          true,
		"https://id.gs1.org/417/8935001000013":                          true,
		"https://id.gs1.org/414/8935001000013/254/1":                    false,
		"https://id.gs1.org/41":                                         false,
		"https://id.gs1.org/00/189350010000000232/21/A":                 false,
		"https://id.gs1.org/01/08935001000020/21/A/":                    false,
		"https://id.gs1.org/01/08935001000020/21/~":                     false, // no character of GS1's
		"https://id.gs1.org/01/08935001000020/21/a#b":                   false,
		"https://id.gs1.org/01/08935001000020/21/A ":                    false,
	} {
		if got := id.plain() != ""; got != want {
			t.Errorf("%q plain: %t", id, got)
		}
		if epc, err := gs1.ParseEPC(string(id)); want && (err != nil || IDOf(epc) != id) {
			t.Errorf("%q is plain and not canonical: %v, %v", id, epc, err)
		}
	}
	if err := ID("https://id.gs1.org/01/08935001000021/21/A").check(); err == nil {
		t.Error("a wrong check digit is accepted")
	}
}

func TestEscape(t *testing.T) {
	for i := range 256 {
		c := byte(i)
		want := string([]byte{c})
		if !unreserved(c) {
			want = fmt.Sprintf("%%%02X", c)
		}
		if got := escape("a" + string([]byte{c}) + "z"); got != "a"+want+"z" {
			t.Errorf("byte %d is escaped in %s, want %s", c, got, want)
		}
	}
}
