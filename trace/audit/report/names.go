package report

// names gives each text a small number, so that a book of millions of rows holds each of them once. 0 is the empty text.
type names[T ~string] struct {
	number map[T]int32
	text   []T
}

func newNames[T ~string]() *names[T] {
	return &names[T]{number: map[T]int32{"": 0}, text: []T{""}}
}

func (n *names[T]) of(s T) int32 {
	i, ok := n.number[s]
	if !ok {
		i = int32(len(n.text))
		s = T(append([]byte(nil), s...)) // not with the memory of its event
		n.number[s], n.text = i, append(n.text, s)
	}
	return i
}
