package report

import (
	"slices"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// Graph is the way of one object from hand to hand: what is recorded of it, and of what it was packed in, in the order of
// time.
type Graph struct {
	Object trace.ID
	Hops   []Hop
	Left   int // hops in the middle that are left out
}

// Hop is an event on the way.
type Hop struct {
	Time  time.Time
	Step  trace.BizStep
	Place trace.Party
	To    trace.Party // of a shipment
	Odd   bool        // the finding names the event
}

// mostHops is how many hops a graph shows.
const mostHops = 24

// graphs returns the way of the first object of each of some findings. It reads the rows once, whatever their number.
func (r *Report) graphs(findings []*Finding) map[*Finding]*Graph {
	of := make(map[uint32][]*Finding) // by object
	for _, f := range findings {
		if len(f.EPCs) > 0 {
			if id := r.books.ObjectNumber(f.EPCs[0]); id != 0 {
				of[id] = append(of[id], f)
			}
		}
	}
	// What an object is packed in, and what that is packed in: three levels are a pack, a case, a pallet, and one more.
	within := make(map[uint32][]uint32) // by what holds it, the objects of findings
	for id := range of {
		within[id] = []uint32{id}
	}
	for range 3 {
		var w row
		for _, n := range r.books.packings {
			r.books.row(n, &w)
			hold := func(inside uint32) {
				for _, id := range within[inside] {
					if !slices.Contains(within[w.parent], id) {
						within[w.parent] = append(within[w.parent], id)
					}
				}
			}
			for _, child := range w.children {
				hold(child)
			}
			for _, a := range w.contents {
				hold(a.Class)
			}
		}
	}
	ways := make(map[uint32]*passage) // of each object
	for id, list := range of {
		p := &passage{odd: make(map[int32]bool)}
		for _, f := range list {
			for _, place := range f.places {
				p.odd[place] = true
			}
		}
		ways[id] = p
	}
	packed := make(map[uint32]map[uint32]bool)
	for w := range r.books.rows {
		follow(w, within, packed, ways)
	}
	out := make(map[*Finding]*Graph)
	for id, list := range of {
		for _, f := range list {
			out[f] = r.graph(f, ways[id])
		}
	}
	return out
}

// follow notes for which objects a row is a hop: those that it names, and those that are packed in what it names at that
// time.
func follow(w *row, within map[uint32][]uint32, packed map[uint32]map[uint32]bool, ways map[uint32]*passage) {
	note := func(id uint32, inside bool) {
		for _, object := range within[id] {
			if id != object && inside && !packed[object][id] {
				continue
			}
			ways[object].add(w.n)
		}
	}
	for _, id := range w.children {
		note(id, true)
		for _, object := range within[id] {
			if w.parent == 0 || id != object && !packed[object][id] {
				continue
			}
			if packed[object] == nil {
				packed[object] = make(map[uint32]bool)
			}
			if w.kind == audit.Packed {
				packed[object][w.parent] = true
			}
		}
	}
	for _, a := range w.contents {
		note(a.Class, true)
		for _, object := range within[a.Class] {
			if w.kind == audit.Packed && w.parent != 0 {
				if packed[object] == nil {
					packed[object] = make(map[uint32]bool)
				}
				packed[object][w.parent] = true
			}
		}
	}
	for _, id := range w.units {
		note(id, true)
	}
	for _, a := range w.goods {
		note(a.Class, true)
	}
	if w.parent == 0 || w.kind == audit.Packed && len(w.children) > 0 {
		return
	}
	note(w.parent, true)
	if w.kind != audit.Unpacked {
		return
	}
	for _, object := range within[w.parent] {
		for _, id := range w.children {
			if slices.Contains(within[id], object) {
				delete(packed[object], w.parent)
			}
		}
		if w.all {
			delete(packed[object], w.parent)
		}
	}
}

// passage is the way of an object, of which a lot has many rows: those of the beginning, of the end, and of findings.
type passage struct {
	odd    map[int32]bool // events of findings, by their place in the order of time
	n      int
	newest int32
	first  []int32 // a third of what a graph shows
	middle []int32 // of findings, between first and last
	last   []int32 // two thirds
}

// add notes a row, once.
func (p *passage) add(n int32) {
	const third = mostHops / 3
	if p.n > 0 && p.newest == n {
		return
	}
	p.n, p.newest = p.n+1, n
	switch {
	case len(p.first) < third:
		p.first = append(p.first, n)
	case len(p.last) < mostHops-third:
		p.last = append(p.last, n)
	default:
		if p.odd[p.last[0]/2] {
			p.middle = append(p.middle, p.last[0])
		}
		copy(p.last, p.last[1:])
		p.last[len(p.last)-1] = n
	}
}

// graph makes the graph of a finding. The beginning, what is odd, and the end tell most.
func (r *Report) graph(f *Finding, p *passage) *Graph {
	g := &Graph{Object: f.EPCs[0]}
	odd := func(n int32) bool { return slices.Contains(f.places, n/2) }
	rows := slices.Concat(p.first, p.last)
	if p.n > mostHops {
		end := p.last[len(p.last)-mostHops/3:]
		rows = slices.Clone(p.first)
		for _, n := range slices.Concat(p.middle, p.last[:len(p.last)-len(end)]) {
			if odd(n) && len(rows) < mostHops-len(end) {
				rows = append(rows, n)
			}
		}
		rows = append(rows, end...)
	}
	var w row
	for _, n := range rows {
		r.books.row(n, &w)
		h := Hop{Time: time.UnixMilli(w.at).In(zone), Step: w.step, Place: r.books.Party(w.actor), Odd: odd(n)}
		if w.kind == audit.Shipped {
			h.To = r.books.Party(w.to)
		}
		g.Hops = append(g.Hops, h)
	}
	g.Left = p.n - len(rows)
	return g
}
