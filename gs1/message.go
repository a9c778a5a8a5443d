package gs1

// Element is an element string: an AI and its value (General Specifications 3.1). Both alias the input that was parsed,
// where it holds them unescaped, and keep it from being collected; strings.Clone parts them.
type Element struct {
	AI    AI
	Value string
}

// Message is what a symbol says. The zero value is an empty message.
type Message struct {
	// Symbology is what the reader said about the symbol.
	Symbology Symbology
	// Elements are in the order of the data. An element with the AI "|" parts the linear component of a composite symbol
	// from the two-dimensional one.
	Elements []Element
	// AddOn holds the two or five digits of the add-on symbol beside an EAN/UPC symbol.
	AddOn string
}

// Value returns the value of the first element with the AI, and whether there is one.
func (m Message) Value(ai AI) (string, bool) {
	for i := range m.Elements {
		if m.Elements[i].AI == ai {
			return m.Elements[i].Value, true
		}
	}
	return "", false
}

// ElementString returns the message as an element string: GS (0x1D) stands for FNC1 and is only where one is due, so not
// in front. The components of a composite are parted by "|" and GS. Parse reads it back.
func (m Message) ElementString() string { return string(m.AppendElementString(nil)) }

// AppendElementString appends what ElementString returns.
func (m Message) AppendElementString(b []byte) []byte {
	due := false
	for i := range m.Elements {
		e := &m.Elements[i]
		if e.AI == separator {
			b, due = append(b, '|', gs), false
			continue
		}
		if due {
			b = append(b, gs)
		}
		b = append(append(b, e.AI...), e.Value...)
		row, n := dictionary.lookup(string(e.AI))
		due = n == 0 || dictionary.rule(row, string(e.AI)).flags&noFNC1 == 0
	}
	return b
}
