package gs1

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The kinds of a ParseError, for errors.Is.
var (
	// ErrNotGS1 is the kind of data that are not GS1 data: plain text, a link without a GS1 key, or digits of which
	// nothing says that they are GS1 (General Specifications 5.1.2). The caller may look such data up elsewhere.
	ErrNotGS1 = errors.New("not GS1 data")
	// ErrSyntax is the kind of text that is neither HRI (General Specifications 4.14) nor a URI (RFC 3986), though it was
	// given as one.
	ErrSyntax = errors.New("bad syntax")
	// ErrUnknownAI is the kind of data where no AI of the dictionary begins where one must (General Specifications 3.2). A
	// GS (FNC1) that the reader lost shows so, too.
	ErrUnknownAI = errors.New("unknown AI")
	// ErrLength is the kind of a value that is too short or too long (General Specifications 3.2).
	ErrLength = errors.New("wrong length")
	// ErrCharacter is the kind of a value with a character that is not allowed (General Specifications 7.11).
	ErrCharacter = errors.New("wrong character")
	// ErrCheckDigit is the kind of a key whose check digit, check digits or check character pair is wrong (General
	// Specifications 7.9). Scan again.
	ErrCheckDigit = errors.New("wrong check digit")
	// ErrValue is the kind of a value that is well-formed and means nothing (General Specifications 3), such as a date in
	// month 13.
	ErrValue = errors.New("wrong value")
	// ErrExclusive is the kind of a message with two AIs that exclude each other (General Specifications 4.13).
	ErrExclusive = errors.New("AIs exclude each other")
	// ErrRequired is the kind of a message that lacks an AI which another requires (General Specifications 4.13). That AI
	// may be on another label; Parser.Unpaired accepts such messages.
	ErrRequired = errors.New("required AI is missing")
	// ErrRepeated is the kind of a message that repeats an AI with another value (General Specifications 4.13), or at all
	// in a Digital Link.
	ErrRepeated = errors.New("AI is repeated")
	// ErrDigitalLink is the kind of AIs that cannot be in a Digital Link, or not in this place (GS1 Digital Link Standard:
	// URI Syntax 1.6.0).
	ErrDigitalLink = errors.New("not a Digital Link")
)

// ParseError says where and why data are refused. It wraps one of the Err variables, its kind.
type ParseError struct {
	Symbology Symbology // the zero value when no identifier was given
	why       reason
	unmarked  bool   // nothing said that the data are GS1
	value     uint32 // offset of the value in the input
	AI        AI     // "" where the fault is in no value
	Offset    int    // of the first offending byte in the input
	Length    int    // of the offending bytes; 0 at the end of the input
	input     string
	other     *string // what the reason names, or nil
}

// Error returns the AI, the reason and the offset: "gs1: (17) month is not 01 to 12 at byte 20".
func (e *ParseError) Error() string {
	var b strings.Builder
	b.WriteString("gs1: ")
	if e.AI != "" {
		b.WriteString("(" + string(e.AI) + ") ")
	}
	b.WriteString(e.Reason())
	b.WriteString(" at byte ")
	b.WriteString(strconv.Itoa(e.Offset))
	return b.String()
}

// Reason returns why, in words: "month is not 01 to 12".
func (e *ParseError) Reason() string {
	if e.other != nil {
		return e.why.text() + *e.other
	}
	return e.why.text()
}

// Markup shows the offending characters between bars: "(17)99|13|32", or for a fault that is in no value a few bytes of
// the input around them: "…0012|9|34…".
func (e *ParseError) Markup() string {
	const around = 12
	end := e.Offset + e.Length
	for end < len(e.input) && !utf8.RuneStart(e.input[end]) {
		end++
	}
	from, to := max(0, e.Offset-around), min(len(e.input), end+around)
	head, tail := "", ""
	if value := int(e.value); e.AI != "" && value <= e.Offset {
		head, from = "("+string(e.AI)+")", value
		to = end
		for to < len(e.input) && strings.IndexByte("\x1d|(/?&#", e.input[to]) < 0 {
			to++
		}
	} else {
		if from > 0 {
			head = "…"
		}
		if to < len(e.input) {
			tail = "…"
		}
	}
	return head + e.input[from:e.Offset] + "|" + e.input[e.Offset:end] + "|" + e.input[end:to] + tail
}

// Is reports whether target is the kind of the error. It is ErrNotGS1, too, where nothing marks the data as GS1 (no
// symbology identifier, no FNC1) and already the first element is wrong by more than its check digit.
func (e *ParseError) Is(target error) bool {
	return target == e.Unwrap() || e.unmarked && target == ErrNotGS1
}

// Unwrap returns the kind.
func (e *ParseError) Unwrap() error { return e.why.kind() }
