package scanner

import (
	"testing"
)

// TestUntypeFindsEveryText types every short series of keys and asks for the
// keys behind the text. The true keys may be too far down the list to be
// returned; but the search must never claim to have found all when it has not.
func TestUntypeFindsEveryText(t *testing.T) {
	for _, m := range []InputMethod{Telex, SimpleTelex, VNI} {
		alphabet := "aAbdDesSWzq"
		if m == VNI {
			alphabet = "aAbdDoun1670"
		}
		pre := map[string][]string{}
		var grow func(keys string, n int)
		grow = func(keys string, n int) {
			for _, d := range m.dialects() {
				text := d.typed(keys)
				if l := pre[text]; len(l) == 0 || l[len(l)-1] != keys {
					pre[text] = append(l, keys)
				}
			}
			if n == 0 {
				return
			}
			for _, c := range alphabet {
				grow(keys+string(c), n-1)
			}
		}
		grow("", 5)
		unique, right, lost := 0, 0, 0
		for text, keys := range pre {
			if len(text) > 3 {
				continue // longer texts may need more keys than were typed
			}
			got, all := m.untype(text, false)
			if all && len(got) == 1 {
				unique++
				if len(keys) != 1 || keys[0] != got[0].keys {
					t.Errorf("%v: %q: only %q found, typed by %q", m, text, got[0].keys, keys)
				}
			} else if len(keys) == 1 && len(got) > 0 {
				lost++
			}
			for _, u := range got {
				for _, k := range keys {
					if u.keys == k {
						right++
					}
				}
				ok := false
				for _, d := range m.dialects() {
					ok = ok || d.typed(u.keys) == text
				}
				if !ok {
					t.Errorf("%v: %q does not type %q", m, u.keys, text)
				}
			}
			if len(got) == 0 {
				t.Errorf("%v: no keys found for %q, typed by %q", m, text, keys)
			}
		}
		t.Logf("%v: %d texts, %d with one series of keys, %d not seen to be so", m, len(pre), unique, lost)
	}
}
