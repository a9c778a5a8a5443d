package trace

import (
	"bytes"
	"slices"
)

// items are the items of a list at the end of a buffer, which the pre-hash string has sorted by their bytes. The items
// of another list may be within an item of this one.
type items struct {
	from int
	ends []int
	few  [8]int // ends of a short list
}

// itemsAt returns the list that begins where b ends.
func itemsAt(b []byte) items { return items{from: len(b)} }

// end says that an item ends where b does.
func (l *items) end(b []byte) {
	if l.ends == nil {
		l.ends = l.few[:0]
	}
	l.ends = append(l.ends, len(b))
}

// sort sorts the items, which b ends with.
func (l *items) sort(b []byte) []byte {
	if len(l.ends) < 2 {
		return b
	}
	var few [len(l.few)][]byte
	list, from := few[:0], l.from
	for _, end := range l.ends {
		list = append(list, b[from:end])
		from = end
	}
	if slices.IsSortedFunc(list, bytes.Compare) {
		return b
	}
	slices.SortFunc(list, bytes.Compare)
	var buf [1024]byte
	sorted := buf[:0]
	for _, item := range list {
		sorted = append(sorted, item...)
	}
	return append(b[:l.from], sorted...)
}
