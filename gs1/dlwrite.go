package gs1

// resolver is the host of canonical Digital Links.
const resolver = "https://id.gs1.org"

// DigitalLink returns the message as a GS1 Digital Link URI (GS1 Digital Link Standard: URI Syntax 1.6.0): the first
// primary key of the message with its qualifiers in the path, other AIs as attributes in the query, those of fixed length
// first. A base such as "https://example.com/stem" replaces https://id.gs1.org, which "" stands for. The error is of the
// kind ErrDigitalLink when there is no key, or an AI that may be no attribute.
func (m Message) DigitalLink(base string) (string, error) {
	b, err := m.AppendDigitalLink(nil, base)
	return string(b), err
}

// AppendDigitalLink appends what DigitalLink returns. After an error b is as it was.
func (m Message) AppendDigitalLink(b []byte, base string) ([]byte, error) {
	return dictionary.appendLink(b, m, base)
}

func (t *table) appendLink(b []byte, m Message, base string) ([]byte, error) {
	size := len(b)
	var path [4]AI
	n := t.linkPath(m, &path)
	if n == 0 {
		return b, linkError(m, noKey, "")
	}
	if base == "" {
		base = resolver
	}
	if base[len(base)-1] == '/' {
		base = base[:len(base)-1]
	}
	b = append(b, base...)
	for _, ai := range path[:n] {
		v, _ := m.Value(ai)
		b = append(append(append(append(b, '/'), ai...), '/'), ""...)
		b = appendEscaped(b, v, false)
	}
	sep := byte('?')
	for _, fixed := range [...]uint8{noFNC1, 0} {
		for i := range m.Elements {
			e := &m.Elements[i]
			row, k := t.lookup(string(e.AI))
			if k == 0 && e.AI == separator {
				continue
			}
			rule := &anyValue
			if k != 0 {
				rule = t.rule(row, string(e.AI))
			}
			if rule.flags&noFNC1 != fixed || inPath(path[:n], e.AI) || m.before(i) {
				continue
			}
			if rule.flags&dlAttr == 0 {
				return b[:size], linkError(m, notAttribute, e.AI)
			}
			b = append(append(append(b, sep), e.AI...), '=')
			b = appendEscaped(b, e.Value, true)
			sep = '&'
		}
	}
	return b, nil
}

// linkPath finds the first primary key of the message and the list of its qualifiers of which the message has most. A
// list that leaves a qualifier over which may be no attribute gives way to one that does not.
func (t *table) linkPath(m Message, path *[4]AI) int {
	var rule *rule
	for i := range m.Elements {
		if row, n := t.lookup(string(m.Elements[i].AI)); n != 0 && row != unknown && t.rules[row].flags&dlKey != 0 {
			rule, path[0] = &t.rules[row], m.Elements[i].AI
			break
		}
	}
	if rule == nil {
		return 0
	}
	n, most, whole := 1, 0, false
	for k, list := range rule.keys {
		var found [3]AI
		has, count := t.qualifiers(m, list, &found)
		rest := 0
		for j, other := range rule.keys {
			if j != k {
				rest += t.pathOnly(m, other)
			}
		}
		if count == 0 || whole && rest > 0 || count <= most && whole == (rest == 0) {
			continue
		}
		most, whole = count, rest == 0
		n = 1 + copy(path[1:], found[:has])
	}
	return n
}

// qualifiers finds which qualifiers of a list the message has, in the order of the list, and how many elements they are.
func (t *table) qualifiers(m Message, list []uint8, found *[3]AI) (n, count int) {
	for _, q := range list {
		before := count
		for i := range m.Elements {
			if row, _ := t.lookup(string(m.Elements[i].AI)); row == q {
				count++
				found[n] = m.Elements[i].AI
			}
		}
		if count > before {
			n++
		}
	}
	return n, count
}

// pathOnly counts the elements that are qualifiers of a list and may be no attributes.
func (t *table) pathOnly(m Message, list []uint8) (n int) {
	for _, q := range list {
		for i := range m.Elements {
			if row, _ := t.lookup(string(m.Elements[i].AI)); row == q && t.rules[q].flags&dlAttr == 0 {
				n++
			}
		}
	}
	return n
}

func inPath(path []AI, ai AI) bool {
	for _, p := range path {
		if p == ai {
			return true
		}
	}
	return false
}

// before reports whether the AI of element i stands before it.
func (m Message) before(i int) bool {
	for k := range i {
		if m.Elements[k].AI == m.Elements[i].AI {
			return true
		}
	}
	return false
}

func linkError(m Message, why reason, ai AI) error {
	return &ParseError{Kind: why.kind(), Symbology: m.Symbology, AI: ai, why: why}
}

// appendEscaped appends s with everything but unreserved characters escaped; in a query "+" stands for a space.
func appendEscaped(b []byte, s string, query bool) []byte {
	const hex = "0123456789ABCDEF"
	n := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if class[c]&unreserved != 0 {
			continue
		}
		b = append(b, s[n:i]...)
		n = i + 1
		if c == ' ' && query {
			b = append(b, '+')
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return append(b, s[n:]...)
}
