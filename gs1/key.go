package gs1

import (
	"slices"
	"strings"
)

// GTIN is a Global Trade Item Number of 14 digits, shorter ones with zeros in front (General Specifications 3.3.2). The
// zero value is no GTIN.
type GTIN string

// ParseGTIN returns the GTIN that 8, 12, 13 or 14 digits are. The error is a *ParseError of the kind ErrLength,
// ErrCharacter or ErrCheckDigit.
func ParseGTIN(s string) (GTIN, error) {
	if err := checkKey("01", s, 8, 12, 13, 14); err != nil {
		return "", err
	}
	return GTIN("000000"[:14-len(s)] + s), nil
}

// Short returns the GTIN as it stands under a bar code: 8, 12, 13 or 14 digits.
func (g GTIN) Short() string {
	s := string(g)
	for _, n := range [...]int{8, 12, 13} {
		if cut := len(s) - n; cut > 0 && zeros(s[:cut]) == cut {
			return s[cut:]
		}
	}
	return s
}

// GLN is a Global Location Number of 13 digits (General Specifications 3.7). The zero value is no GLN.
type GLN string

// ParseGLN returns the GLN that 13 digits are. The error is as of ParseGTIN.
func ParseGLN(s string) (GLN, error) {
	if err := checkKey("414", s, 13); err != nil {
		return "", err
	}
	return GLN(s), nil
}

// SSCC is a Serial Shipping Container Code of 18 digits (General Specifications 3.3.1). The zero value is no SSCC.
type SSCC string

// ParseSSCC returns the SSCC that 18 digits are. The error is as of ParseGTIN.
func ParseSSCC(s string) (SSCC, error) {
	if err := checkKey("00", s, 18); err != nil {
		return "", err
	}
	return SSCC(s), nil
}

// EPC returns the class of all trade items with the GTIN (EPC Tag Data Standard 6).
func (g GTIN) EPC() EPC { return keyEPC("01", string(g)) }

// EPC returns the identity of the location (EPC Tag Data Standard 6).
func (g GLN) EPC() EPC { return keyEPC("414", string(g)) }

// EPC returns the identity of the logistic unit (EPC Tag Data Standard 6).
func (s SSCC) EPC() EPC { return keyEPC("00", string(s)) }

func keyEPC(ai AI, s string) EPC {
	if s == "" {
		return EPC{}
	}
	return newEPC(ai, s, "", "")
}

// checkKey checks the length, the digits and the check digit of a numeric key.
func checkKey(ai AI, s string, lengths ...int) error {
	if !slices.Contains(lengths, len(s)) {
		why := tooShort
		if len(s) > lengths[len(lengths)-1] {
			why = tooLong
		}
		return &ParseError{AI: ai, Length: len(s), why: why, input: s}
	}
	if f := checkCSum(s); f.why != 0 {
		return &ParseError{AI: ai, Offset: f.at, Length: f.of, why: f.why, input: s}
	}
	return nil
}

// Check checks the value by itself, as Parse does, so a key that a program made: Element{"8003", …}.Check(). The error
// is a *ParseError with offsets in the value.
func (e Element) Check() error {
	row, ok := dictionary.exact(string(e.AI))
	if !ok || row == unknown {
		return &ParseError{AI: e.AI, why: unknownAI, input: e.Value}
	}
	rule := dictionary.rule(row, string(e.AI))
	f := fault{why: rule.length(len(e.Value)), of: len(e.Value)}
	if f.why == 0 {
		f = rule.check(e.Value)
	}
	if f.why != 0 {
		return &ParseError{AI: e.AI, Offset: f.at, Length: f.of, why: f.why, input: e.Value}
	}
	return nil
}

// Split returns the components of the value, as the dictionary parts it (General Specifications 3): a GDTI and its serial
// component, a date and a time, a currency and an amount. Optional components that are not there are left out.
func (e Element) Split() []string {
	row, ok := dictionary.exact(string(e.AI))
	if !ok {
		return nil
	}
	var parts []string
	s := e.Value
	rule := dictionary.rule(row, string(e.AI))
	for i := range rule.parts {
		n := min(int(rule.parts[i].max), len(s))
		if n > 0 {
			parts = append(parts, s[:n])
		}
		s = s[n:]
	}
	return parts
}

// Clone returns the message with values that do not alias the input.
func (m Message) Clone() Message {
	m.Elements = slices.Clone(m.Elements)
	for i := range m.Elements {
		m.Elements[i] = Element{AI(strings.Clone(string(m.Elements[i].AI))), strings.Clone(m.Elements[i].Value)}
	}
	m.AddOn = strings.Clone(m.AddOn)
	return m
}
