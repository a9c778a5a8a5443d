package gs1

// maxFaults is how many faults Lint returns at most.
const maxFaults = 100

// Lint returns everything that is wrong with a label, and not only what Parse, ParseHRI or ParseDigitalLink say first: for
// those who print labels. It takes scan data, HRI or a Digital Link and returns the faults in the order in which they are
// found, values first, at most 100; none when the label is in order. Where it cannot tell how to read on, the rest is left
// unread.
func Lint(label string) []*ParseError {
	var p Parser
	return p.Lint(label)
}

// Lint is the function Lint with the options of p.
func (p *Parser) Lint(label string) []*ParseError {
	var all []*ParseError
	r := &reading{t: p.table(), p: *p, input: label, all: &all}
	if label != "" && label[0] == '(' {
		r.hri()
	} else {
		r.scan()
	}
	return all
}

// collect keeps a fault, unless there is one for the same place already, and says whether to go on.
func (r *reading) collect(e *ParseError) bool {
	for _, known := range *r.all {
		if known.Unwrap() == e.Unwrap() && known.AI == e.AI && known.Offset == e.Offset {
			return true
		}
	}
	*r.all = append(*r.all, e)
	return len(*r.all) < maxFaults
}
