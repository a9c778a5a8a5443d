package gs1

import "strings"

// AI is a GS1 Application Identifier, such as "01" or "3103" (General Specifications 3.2). The AI "|" stands between the
// linear and the two-dimensional component of a composite symbol; it has no value.
type AI string

// separator is the AI that parts the components of a composite symbol.
const separator AI = "|"

// Title returns the data title of the AI, such as "USE BY or EXPIRY" (General Specifications 3.2). It is "" for an AI
// that the dictionary does not know, and for the coupon codes 8110 and 8112, which have none.
func (ai AI) Title() string {
	if row, ok := dictionary.exact(string(ai)); ok && row != unknown {
		return dictionary.rows[row].title
	}
	return ""
}

// needs returns the req rules of a row in words: "01, 02 or 8006; 21".
func (r *row) needs() string {
	var b strings.Builder
	for f := range strings.FieldsSeq(r.rules) {
		alternatives, ok := strings.CutPrefix(f, "req=")
		if !ok {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		list := strings.Split(alternatives, ",")
		for i, a := range list {
			switch {
			case i == 0:
			case i == len(list)-1:
				b.WriteString(" or ")
			default:
				b.WriteString(", ")
			}
			b.WriteString(strings.ReplaceAll(a, "+", " with "))
		}
	}
	return b.String()
}
