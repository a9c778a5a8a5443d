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

// graphs returns the way of the first object of each of some findings. It reads the rows three times, whatever their number.
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
		for w := range r.books.rows {
			if w.kind != audit.Packed || w.parent == 0 {
				continue
			}
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
	way := make(map[uint32][]int32) // of each object, the rows
	packed := make(map[uint32]map[uint32]bool)
	for w := range r.books.rows {
		follow(w, within, packed, way)
	}
	out := make(map[*Finding]*Graph)
	for id, list := range of {
		for _, f := range list {
			out[f] = r.graph(f, way[id])
		}
	}
	return out
}

// follow notes for which objects a row is a hop: those that it names, and those that are packed in what it names at that
// time.
func follow(w *row, within map[uint32][]uint32, packed map[uint32]map[uint32]bool, way map[uint32][]int32) {
	note := func(id uint32, inside bool) {
		for _, object := range within[id] {
			if id != object && inside && !packed[object][id] {
				continue
			}
			if n := len(way[object]); n == 0 || way[object][n-1] != w.n {
				way[object] = append(way[object], w.n)
			}
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

// graph makes the graph of a finding of some rows.
func (r *Report) graph(f *Finding, rows []int32) *Graph {
	g := &Graph{Object: f.EPCs[0]}
	var w row
	for _, i := range rows {
		r.books.row(i, &w)
		h := Hop{Time: time.UnixMilli(w.at).In(zone), Step: w.step, Place: r.books.Party(w.actor), Odd: slices.Contains(f.places, i/2)}
		if w.kind == audit.Shipped {
			h.To = r.books.Party(w.to)
		}
		g.Hops = append(g.Hops, h)
	}
	if n := len(g.Hops); n > mostHops {
		// The beginning, what is odd, and the end tell most.
		keep := slices.Clone(g.Hops[:mostHops/3])
		for _, h := range g.Hops[mostHops/3 : n-mostHops/3] {
			if h.Odd && len(keep) < 2*mostHops/3 {
				keep = append(keep, h)
			}
		}
		keep = append(keep, g.Hops[n-mostHops/3:]...)
		g.Left, g.Hops = n-len(keep), keep
	}
	return g
}
