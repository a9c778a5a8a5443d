package scanner_test

import (
	"testing"

	"github.com/dauvet/dauvet/gs1/scanner"
)

func TestInputMethodRules(t *testing.T) {
	const (
		telex  = scanner.Telex
		simple = scanner.SimpleTelex
		vni    = scanner.VNI
	)
	for _, c := range []struct {
		rule   string
		method scanner.InputMethod
		keys   string
		want   string
	}{
		{"no method changes nothing", scanner.NoInputMethod, "ASW d9", "ASW d9"},
		{"aa is â", telex, "caan", "cân"},
		{"ee is ê", telex, "ddeem", "đêm"},
		{"oo is ô", telex, "nhoo", "nhô"},
		{"dd is đ", telex, "dd", "đ"},
		{"aw is ă", telex, "trawng", "trăng"},
		{"ow is ơ", telex, "mow", "mơ"},
		{"uw is ư", telex, "tuw", "tư"},
		{"uow is ươ", telex, "nuowc", "nươc"},
		{"uoc then w is ươ", telex, "nuocw", "nươc"},
		{"s sets sắc", telex, "as", "á"},
		{"f sets huyền", telex, "af", "à"},
		{"r sets hỏi", telex, "ar", "ả"},
		{"x sets ngã", telex, "ax", "ã"},
		{"j sets nặng", telex, "aj", "ạ"},
		{"z removes a tone", telex, "asz", "a"},
		{"z without tone is z", telex, "az", "az"},
		{"a lone w is ư", telex, "W", "Ư"},
		{"a lone w after a consonant is ư", telex, "tw", "tư"},
		{"ww is w", telex, "WW", "W"},
		{"a key without a letter to mark is itself", telex, "sfrxjz", "sfrxjz"},
		{"another tone replaces the first", telex, "asf", "à"},
		{"another mark replaces the first", telex, "aaw", "ă"},
		{"the same tone again takes it back", telex, "her" + "r", "her"},
		{"the same mark again takes it back", telex, "xooong", "xoong"},
		{"ddd is dd", telex, "ddd", "dd"},
		{"uww is uw", telex, "uww", "uw"},
		{"after taking back the word is left alone", telex, "assas", "asas"},
		{"free marking over a final consonant", telex, "toans", "toán"},
		{"free marking of a double letter", telex, "cana", "cân"},
		{"free marking of d", telex, "daud", "đau"},
		{"no marking over what ends no syllable", telex, "abs", "abs"},
		{"the tone goes to the marked vowel", telex, "tieengs", "tiếng"},
		{"the tone goes to the first of two open vowels", telex, "hoas", "hóa"},
		{"the tone moves when the word goes on", telex, "hoasn", "hoán"},
		{"the u of qu carries no tone", telex, "quas", "quá"},
		{"the i of gi carries no tone", telex, "giof", "giò"},
		{"a digit ends a word", telex, "a1s", "a1s"},
		{"a symbol ends a word", telex, "A-S", "A-S"},
		{"case is that of the letter", telex, "As aS AS DD Dd", "Á á Á Đ Đ"},

		{"a lone w stays w in Simple Telex", simple, "W tw", "W tw"},
		{"uw is ư in Simple Telex", simple, "UW", "Ư"},
		{"aa, tones and dd as in Telex", simple, "AAS DD", "Ấ Đ"},

		{"1 sets sắc", vni, "a1", "á"},
		{"2 sets huyền", vni, "a2", "à"},
		{"3 sets hỏi", vni, "a3", "ả"},
		{"4 sets ngã", vni, "a4", "ã"},
		{"5 sets nặng", vni, "a5", "ạ"},
		{"0 removes a tone", vni, "a10", "a"},
		{"0 without tone is 0", vni, "a0", "a0"},
		{"6 is â ê ô", vni, "a6 e6 o6", "â ê ô"},
		{"7 is ơ ư", vni, "o7 u7", "ơ ư"},
		{"7 after uo is ươ", vni, "nuo7c", "nươc"},
		{"8 is ă", vni, "a8", "ă"},
		{"9 is đ", vni, "d9", "đ"},
		{"a digit without a letter to mark is itself", vni, "b1", "b1"},
		{"digits are not marks of digits", vni, "a12", "à"},
		{"the same digit again takes it back", vni, "a11", "a1"},
		{"a digit that stands for itself ends the word", vni, "a111", "a11"},
		{"free marking over a final consonant in VNI", vni, "toan1", "toán"},
		{"free marking of đ in VNI", vni, "dau9", "đau"},
		{"letters are no mark keys in VNI", vni, "as aw dd", "as aw dd"},
		{"Y is a vowel", vni, "Y2", "Ỳ"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			if got := c.method.Type(c.keys); got != c.want {
				t.Errorf("%v.Type(%q) = %q, want %q", c.method, c.keys, got, c.want)
			}
		})
	}
}
