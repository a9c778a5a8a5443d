package scanner

import (
	"fmt"
	"slices"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// A Profile says how a reader was programmed and what lies between it and the
// program. The zero value suits a reader with factory settings whose path is
// not known; nil means the zero value everywhere. [Calibrate] fills one in, and
// encoding/json stores it. A profile must not be changed while it is in use.
type Profile struct {
	// Device names the reader; it is copied into every [Reading].
	Device string `json:"device,omitempty"`

	// Prefix is sent before each scan and Suffix after it. Without a Suffix a
	// scan ends at CR, LF, TAB, ETX or EOT, or as Idle says. Without a Prefix
	// STX, SOH, ENQ and blanks in front are dropped.
	Prefix string `json:"prefix,omitempty"`
	Suffix string `json:"suffix,omitempty"`

	// Idle is the silence that ends a scan, in nanoseconds in JSON. Zero means
	// 200 ms for as long as no suffix is known: once Suffix is set, or the reader
	// has ended a scan with one, silence ends nothing. Negative means never.
	Idle time.Duration `json:"idle,omitempty"`

	// MaxLength is the length in bytes beyond which a scan is refused. Zero
	// means 4096.
	MaxLength int `json:"max_length,omitempty"`

	// Separators are the texts that arrive for FNC1, such as "\x1d" or "{GS}".
	// When there are any, a scan without one needs none. Empty means that it is
	// not known what arrives.
	Separators []string `json:"separators,omitempty"`

	// CaseLost says that the reader makes all letters upper or lower case. No
	// reading with letters is certain then.
	CaseLost bool `json:"case_lost,omitempty"`

	// Layout, CapsLock and InputMethod name the keyboard path.
	Layout      Layout      `json:"layout,omitempty"`
	CapsLock    bool        `json:"caps_lock,omitempty"`
	InputMethod InputMethod `json:"input_method,omitempty"`

	// Keys describes a layout that is not in [Layouts]: what arrives, and the
	// character that the reader typed. It is used instead of Layout.
	Keys map[string]string `json:"keys,omitempty"`

	// Expect are the AIs of the messages to come. They make a reading that has
	// them all likelier than one that has not, and a lost separator can be put
	// back with certainty when only one place gives them all. Messages with
	// other AIs are still read.
	Expect []gs1.AI `json:"expect,omitempty"`
}

// MedicinePack returns a profile for the packs of medicines: GTIN, expiry,
// batch and serial number.
func MedicinePack() *Profile {
	return &Profile{Expect: []gs1.AI{"01", "17", "10", "21"}}
}

// factory is the profile that nil means.
var factory Profile

// Validate reports the first setting that cannot work.
func (p *Profile) Validate() error {
	if p == nil {
		return nil
	}
	if p.Layout != US && layoutOf(p.Layout) == nil {
		return fmt.Errorf("scanner: no keyboard layout %q", string(p.Layout))
	}
	if int(p.InputMethod) >= len(inputMethodNames) {
		return fmt.Errorf("scanner: no input method %d", uint8(p.InputMethod))
	}
	if p.MaxLength < 0 {
		return fmt.Errorf("scanner: length limit %d is negative", p.MaxLength)
	}
	if slices.Contains(p.Separators, "") {
		return fmt.Errorf("scanner: a separator is empty")
	}
	for from, to := range p.Keys {
		if from == "" || len(to) > 1 {
			return fmt.Errorf("scanner: key %q types %q, not one character of a US keyboard", from, to)
		}
	}
	return nil
}

// maxLength returns the limit in bytes.
func (p *Profile) maxLength() int {
	if p.MaxLength > 0 {
		return p.MaxLength
	}
	return 4096
}

// shown returns how many bytes of a scan that is too long are kept in
// Reading.Raw.
func (p *Profile) shown() int { return min(p.maxLength(), 64) }

// keyboard reports whether the profile names a path that changes characters.
func (p *Profile) keyboard() bool {
	return p.Layout != US || p.CapsLock || p.InputMethod != NoInputMethod || len(p.Keys) > 0 || p.CaseLost
}

// sendsGS reports whether GS is all that stands for FNC1.
func (p *Profile) sendsGS() bool {
	return len(p.Separators) == 1 && p.Separators[0] == "\x1d"
}
