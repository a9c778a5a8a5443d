package trace

// pool keeps one copy of each text that events share, for those who read all of them: a province has some packs, and
// every pack is named in several events. It belongs to one goroutine.
type pool struct {
	ids    map[string]ID // by what an entry has of them
	packed map[string]ID
	names  map[string]string
	texts  map[string]string
	owners map[ID]ID // by GLN
}

func newPool() *pool {
	return &pool{
		ids: make(map[string]ID), packed: make(map[string]ID), names: make(map[string]string), texts: make(map[string]string),
		owners: make(map[ID]ID),
	}
}

// id returns the identifier that an entry has as b.
func (p *pool) id(b []byte, packed bool) (ID, error) {
	ids := p.ids
	if packed {
		ids = p.packed
	}
	if id, ok := ids[string(b)]; ok {
		return id, nil
	}
	var buf [128]byte
	all, err := appendID(buf[:0], b, packed)
	if err != nil {
		return "", err
	}
	id := ID(all)
	ids[string(b)] = id
	return id, nil
}

// name returns the name of a field that an entry has as b.
func (p *pool) name(b []byte) string {
	if name, ok := p.names[string(b)]; ok {
		return name
	}
	name := string(b)
	if namespace, local, ok := cutKnown(name); ok {
		name = "{" + namespace + "}" + local
	}
	p.names[string(b)] = name
	return name
}

// text returns b as a string.
func (p *pool) text(b []byte) string {
	if p == nil {
		return string(b)
	}
	s, ok := p.texts[string(b)]
	if !ok {
		s = string(b)
		p.texts[s] = s
	}
	return s
}
