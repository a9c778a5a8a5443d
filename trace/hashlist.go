package trace

import (
	"bytes"
	"slices"
)

// items are the items of a list at the end of a buffer, which the pre-hash string has sorted by their bytes. The items
// of another list may be within an item of this one.
type items struct {
	from, n int
	few     [8]int // ends of the first items
	more    []int  // and of the others
}

// itemsAt returns the list that begins where b ends.
func itemsAt(b []byte) items { return items{from: len(b)} }

// end says that an item ends where b does.
func (l *items) end(b []byte) {
	if l.n < len(l.few) {
		l.few[l.n] = len(b)
	} else {
		l.more = append(l.more, len(b))
	}
	l.n++
}

// at returns where item i ends.
func (l *items) at(i int) int {
	if i < len(l.few) {
		return l.few[i]
	}
	return l.more[i-len(l.few)]
}

// sort sorts the items, which b ends with.
func (l *items) sort(b []byte) []byte {
	if l.n < 2 {
		return b
	}
	var few [len(l.few)][]byte
	list, from := few[:0], l.from
	for i := range l.n {
		list = append(list, b[from:l.at(i)])
		from = l.at(i)
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
