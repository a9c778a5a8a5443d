package report

// names gives each text a small number, from 1. 0 is the empty text.
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
		n.number[s], n.text = i, append(n.text, s)
	}
	return i
}
