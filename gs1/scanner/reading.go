package scanner

import (
	"errors"
	"fmt"

	"github.com/dauvet/dauvet/gs1"
)

// A Reading is what was made of one scan. Exactly one of Certain, a non-empty
// Candidates and Err holds.
type Reading struct {
	Message    gs1.Message // what was read, when Certain
	Certain    bool        // clean, or repaired in the only way the data allow
	Repairs    []Repair    // what was changed, and where; nil for a clean scan
	Candidates []Candidate // ranked, each with its Message, when not Certain
	Err        error       // why nothing can be made of it, an [*Error]

	Raw    string // the scan as it arrived, without prefix and suffix
	Device string // of the profile
}

// A Candidate is one thing that a scan may have been.
type Candidate struct {
	Message gs1.Message
	Repairs []Repair // that lead to it; nil for the scan as it stands
	Doubts  []Doubt  // why it is not certain
	cost    int      // tenths of nats: the less, the likelier
}

// A Repair is one change made to a scan.
type Repair struct {
	Kind RepairKind
	At   int    // offset in Raw in bytes, or -1 for the scan as a whole
	Was  string // what stood there
	Is   string // what was put in its place, or the name of the layout or input method
	AI   gs1.AI // of the element before it, for SeparatorLost
}

// A RepairKind says what sort of change a [Repair] is.
type RepairKind uint8

const (
	_                RepairKind = iota
	StrayCharacters             // characters that belong to no scan were dropped
	Width                       // full-width forms became plain characters
	Composition                 // decomposed letters were composed
	SeparatorSpelled            // what stood for the separator became GS
	SeparatorDoubled            // needless separators were dropped
	SeparatorLost               // a separator was put back
	Identifier                  // the symbology identifier was mended or left out
	CaseInverted                // Caps Lock was undone
	Brackets                    // human readable text was read
	ScannedTwice                // the second of two equal scans was dropped
	TwoScans                    // one of several scans was taken
	LayoutUndone                // a keyboard layout was undone
	MethodUndone                // an input method was undone
	ShiftUndone                 // a Shift key that came too late or early was undone
	BareGTIN                    // the digits of an EAN/UPC or ITF symbol became AI 01
)

var repairNames = [...]string{"", "stray characters", "full width", "composition", "separator spelled", "separator doubled",
	"separator lost", "symbology identifier", "case inverted", "brackets", "scanned twice", "two scans", "keyboard layout",
	"input method", "shift", "bare GTIN"}

// String returns a name for logs, such as "separator spelled".
func (k RepairKind) String() string {
	if k > 0 && int(k) < len(repairNames) {
		return repairNames[k]
	}
	return fmt.Sprintf("RepairKind(%d)", uint8(k))
}

// MarshalText returns the name.
func (k RepairKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// A Doubt is a reason why a [Candidate] is not certain.
type Doubt uint8

const (
	_                  Doubt = iota
	MaybeSeparatorLost       // no separator arrived, and a value can be divided
	MaybeSpelling            // the separator is spelled with characters that may be data
	NotMarkedGS1             // the symbology identifier says that this is not GS1, or is maimed
	MaybeCase                // letters may be in the wrong case
	MaybeLayout              // the keyboard layout is not known
	MaybeMethod              // the input method is not known, or more than one series of keystrokes gives the text
	MaybeShift               // digits may have become symbols
	MaybeBracket             // a bracket may belong to a value
	MoreThanOneScan          // the text holds several scans
	MaybeGTIN                // the digits may be a GTIN or an element string
	MixedSeparators          // different characters stand where separators would
)

var doubtNames = [...]string{"", "separator may be lost", "separator spelled with data characters", "not marked as GS1",
	"case", "keyboard layout", "input method", "shift", "bracket", "more than one scan", "GTIN or element string", "mixed separators"}

// String returns a name for logs, such as "separator may be lost".
func (d Doubt) String() string {
	if d > 0 && int(d) < len(doubtNames) {
		return doubtNames[d]
	}
	return fmt.Sprintf("Doubt(%d)", uint8(d))
}

// MarshalText returns the name.
func (d Doubt) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// The kinds of an [Error], for errors.Is. Each has words for the person at the
// till, see [Error.Words]. Data that are in order and not GS1 are
// [gs1.ErrNotGS1].
var (
	// ErrEmpty is a scan without characters.
	ErrEmpty = errors.New("empty scan")
	// ErrTooLong is a scan longer than Profile.MaxLength. Its suffix was
	// probably lost; the next scan is read again.
	ErrTooLong = errors.New("scan is too long")
	// ErrHalf is the rest at the end of input of a reader that ends its scans
	// with a suffix. Scan again.
	ErrHalf = errors.New("scan is not complete")
	// ErrSeparatorLost is a scan that makes no sense without separators. Set the
	// reader to send GS.
	ErrSeparatorLost = errors.New("separator was lost")
	// ErrInputMethod is a scan with letters that a Vietnamese input method makes.
	// Turn it off, or name it in the profile.
	ErrInputMethod = errors.New("input method changed the scan")
	// ErrLayout is a scan with characters of another keyboard layout. Set the
	// layout of the computer, or name it in the profile.
	ErrLayout = errors.New("keyboard layout changed the scan")
	// ErrNoise is a scan with bytes that no reader sends. Check the speed and
	// parity of the line.
	ErrNoise = errors.New("scan is noise")
	// ErrInvalid is a scan that is whole and breaks a rule of GS1; the error
	// wraps the *gs1.ParseError that says where. The symbol itself is wrong, or
	// it was damaged where nothing shows.
	ErrInvalid = errors.New("scan is not valid")
)

// An Error says why nothing can be made of a scan.
type Error struct {
	Kind error // one of the Err variables, or gs1.ErrNotGS1
	Err  error // what package gs1 said of the scan, or nil
}

// Error returns the kind and the cause.
func (e *Error) Error() string {
	if e.Err != nil {
		return "scanner: " + e.Kind.Error() + ": " + e.Err.Error()
	}
	return "scanner: " + e.Kind.Error()
}

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}
