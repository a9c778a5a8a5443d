package gs1

import (
	"errors"
	"fmt"
	"math/rand"
	"testing"
)

func TestCheckVectors(t *testing.T) {
	n := 0
	for _, name := range []string{"checkdigit.dev.jsonl", "peer.dev.jsonl"} {
		eachVector(t, name, func(t *testing.T, v *vector) {
			switch s := v.input(); v.Kind {
			case "checkdigit":
				full := v.Expect.Full
				if full == "" { // the last digit of the input is a check digit, right or wrong
					full, s = v.Expect.Corrected, s[:len(s)-1]
					if f := checkCSum(v.input()); (f.why == 0) != v.ExpectOK {
						t.Errorf("checkCSum(%s) = %v, want ok %v", v.input(), f, v.ExpectOK)
					}
				} else if f := checkCSum(v.Expect.Rejected); f.why != badCheckDigit {
					t.Errorf("checkCSum(%s) = %v, want a wrong check digit", v.Expect.Rejected, f)
				}
				if got, err := CheckDigit(s); err != nil || string(got) != v.Expect.CheckDigit || s+string(got) != full {
					t.Errorf("CheckDigit(%s) = %c, %v, want %s", s, got, err, v.Expect.CheckDigit)
				}
			case "checkpair":
				if got, err := CheckPair(s); err != nil || got != v.Expect.CheckPair || s+got != v.Expect.Full {
					t.Errorf("CheckPair(%s) = %s, %v, want %s", s, got, err, v.Expect.CheckPair)
				}
				if f := checkCSumAlpha(v.Expect.Rejected); f.why != badCheckPair {
					t.Errorf("checkCSumAlpha(%s) = %v, want a wrong pair", v.Expect.Rejected, f)
				}
			default:
				return
			}
			n++
		})
	}
	t.Logf("%d vectors", n)
}

func TestCheckDigit(t *testing.T) {
	// The reference counts weights from the right (General Specifications 7.9.1).
	reference := func(s string) byte {
		sum := 0
		for i := range len(s) {
			weight := 3
			if i%2 == 1 {
				weight = 1
			}
			sum += weight * int(s[len(s)-1-i]-'0')
		}
		return byte('0' + (10-sum%10)%10)
	}
	for _, s := range []string{"0", "9", "12", "893500000000", "0893500000000", "12345678901234567"} {
		if got, err := CheckDigit(s); err != nil || got != reference(s) {
			t.Errorf("CheckDigit(%s) = %c, %v, want %c", s, got, err, reference(s))
		}
	}
	for _, s := range []string{"", "12a", "１２"} {
		if got, err := CheckDigit(s); err == nil {
			t.Errorf("CheckDigit(%q) = %c, want an error", s, got)
		}
	}
}

func TestCheckPair(t *testing.T) {
	// The examples of General Specifications 7.9.5.
	for s, want := range map[string]string{"1987654Ad4X4bL5ttr2310c": "2K", "12345678901234567890123": "NT", "": "22"} {
		if got, err := CheckPair(s); err != nil || got != want {
			t.Errorf("CheckPair(%q) = %s, %v, want %s", s, got, err, want)
		}
	}
	for _, s := range []string{"é", " ", string(make([]byte, 98))} {
		if got, err := CheckPair(s); err == nil {
			t.Errorf("CheckPair(%q) = %s, want an error", s, got)
		}
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct{ in, want, short string }{
		{"08935000000007", "08935000000007", "8935000000007"},
		{"8935000000007", "08935000000007", "8935000000007"},
		{"416000336108", "00416000336108", "416000336108"},
		{"02345673", "00000002345673", "02345673"},
		{"18935000000004", "18935000000004", "18935000000004"},
	} {
		got, err := ParseGTIN(c.in)
		if err != nil || string(got) != c.want || got.Short() != c.short {
			t.Errorf("ParseGTIN(%s) = %s (short %s), %v, want %s (%s)", c.in, got, got.Short(), err, c.want, c.short)
		}
		if want := "https://id.gs1.org/01/" + c.want; got.EPC().String() != want {
			t.Errorf("GTIN(%s).EPC() = %s, want %s", got, got.EPC(), want)
		}
	}
	for in, kind := range map[string]error{
		"": ErrLength, "123": ErrLength, "123456789012345": ErrLength, "893500000000x": ErrCharacter, "8935000000008": ErrCheckDigit,
	} {
		if got, err := ParseGTIN(in); !errors.Is(err, kind) {
			t.Errorf("ParseGTIN(%q) = %s, %v, want %v", in, got, err, kind)
		}
	}
	if gln, err := ParseGLN("9520123456788"); err != nil || gln.EPC().String() != "https://id.gs1.org/414/9520123456788" {
		t.Errorf("ParseGLN = %s, %v", gln, err)
	}
	if sscc, err := ParseSSCC("340123451111111111"); err != nil || sscc.EPC().String() != "https://id.gs1.org/00/340123451111111111" {
		t.Errorf("ParseSSCC = %s, %v", sscc, err)
	}
	if _, err := ParseGLN("9520123456780"); !errors.Is(err, ErrCheckDigit) {
		t.Errorf("ParseGLN of a wrong check digit: %v", err)
	}
	if _, err := ParseSSCC("34012345111111111"); !errors.Is(err, ErrLength) {
		t.Errorf("ParseSSCC of 17 digits: %v", err)
	}
	if GTIN("").EPC() != (EPC{}) || GLN("").EPC() != (EPC{}) || SSCC("").EPC() != (EPC{}) {
		t.Error("a zero key has an EPC")
	}
}

// TestCSum holds csum equal to digits and checkDigit, of every length and with every byte in every place.
func TestCSum(t *testing.T) {
	check := func(s string) {
		t.Helper()
		areDigits, agree := csum(s)
		want := digits(s) == len(s)
		if areDigits != want || want && agree != (checkDigit(s[:len(s)-1]) == s[len(s)-1]) {
			t.Errorf("csum(%q) = %v, %v", s, areDigits, agree)
		}
	}
	rnd := rand.New(rand.NewSource(1))
	for n := 8; n <= 30; n++ {
		s := make([]byte, n)
		for range 100 {
			for i := range s {
				s[i] = '0' + byte(rnd.Intn(10))
			}
			check(string(s))
			s[n-1] = checkDigit(string(s[:n-1]))
			check(string(s))
		}
		for i := range s {
			kept := s[i]
			for c := range 256 {
				s[i] = byte(c)
				check(string(s))
			}
			s[i] = kept
		}
	}
}

// TestIsDate holds isDate equal to checkDate on every date, and with every byte in every place.
func TestIsDate(t *testing.T) {
	check := func(s string) {
		t.Helper()
		if got, want := isDate(s), checkDate(s, 2, true).why == 0; got != want && s[2:] != "0229" {
			t.Errorf("isDate(%q) = %v", s, got)
		}
	}
	for n := range 1_000_000 {
		check(fmt.Sprintf("%06d", n))
	}
	for i := range 6 {
		for c := range 256 {
			s := []byte("271231")
			s[i] = byte(c)
			check(string(s))
		}
	}
	if isDate("270229") || isDate("280229") {
		t.Error("isDate knows leap years")
	}
}
