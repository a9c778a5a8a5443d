package datamatrix

import (
	"sync"
	"sync/atomic"
)

// Several goroutines. What is shared out is independent, and what comes of it is put together in the order in which one
// goroutine would have met it, so that the outcome is the same. No goroutine outlives the step it was started for.

// An effort is how much is done with a candidate.
type effort int

const (
	weigh effort = iota
	quick
	thorough
	patient
)

// each makes an effort with every candidate of the batch. Once as many symbols as are wanted have been found the others are
// left. It returns with how many the effort was made; those where a symbol has been found do not count.
func (r *Reader) each(s effort) (made int) {
	n := len(r.batch)
	r.outcomes = grow(r.outcomes, n)
	workers := min(len(r.examiners), n)
	if workers < 2 || s == weigh && n < 64 {
		for i := range r.batch {
			if r.done() {
				return made
			}
			if s != weigh && r.taken(&r.batch[i].quad) {
				continue
			}
			made++
			r.take(&r.examiners[0], s, i)
			if s != weigh {
				r.gather(s, i)
			}
		}
		return made
	}
	var next, end atomic.Int64
	end.Store(int64(n))
	last := r.Symbols > 0 && len(r.found)+1 >= r.Symbols
	var wg sync.WaitGroup
	for k := range workers {
		wg.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= end.Load() || r.ctx.Err() != nil {
					return
				}
				r.take(&r.examiners[k], s, int(i))
				for s != weigh && last && r.outcomes[i].ok {
					if old := end.Load(); i >= old || end.CompareAndSwap(old, i+1) {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	if s == weigh || r.ctx.Err() != nil {
		return n
	}
	for i := range min(next.Load(), end.Load()) {
		if !r.full() && !r.taken(&r.batch[i].quad) {
			made++
			r.gather(s, int(i))
		}
	}
	return made
}

// take makes an effort with candidate i of the batch.
func (r *Reader) take(e *examiner, s effort, i int) {
	switch c := &r.batch[i]; s {
	case weigh:
		e.weigh(c)
	case quick:
		e.quick(c, &r.outcomes[i])
	case thorough, patient:
		e.thorough(c, s == patient, &r.outcomes[i])
	}
}

// gather keeps the symbol of outcome i, or queues what is left for later.
func (r *Reader) gather(s effort, i int) {
	if o := &r.outcomes[i]; o.ok {
		r.found = append(r.found, o.symbol)
	} else if s == quick {
		r.queue = append(r.queue, o.later)
	}
}

// prospect fills the proposals of both polarities.
func (r *Reader) prospect(l *look, shift int, pruned bool) {
	var wg sync.WaitGroup
	wg.Go(func() { r.sides[1].prospect(l, &r.thr, shift, pruned) })
	r.sides[0].prospect(l, &r.thr, shift, pruned)
	wg.Wait()
}

// bands calls f for bands of n lines, which together are all of them.
func (r *Reader) bands(n int, f func(from, to int)) {
	size := (n + r.Goroutines - 1) / r.Goroutines
	var wg sync.WaitGroup
	for y := size; y < n; y += size {
		wg.Go(func() { f(y, min(y+size, n)) })
	}
	f(0, min(size, n))
	wg.Wait()
}

// bandsFrom is the least number of pixels that are worth sharing out.
const bandsFrom = 200_000

// alone says whether a pass over p is for one goroutine.
func (r *Reader) alone(p *plane) bool { return r.Goroutines < 2 || p.w*p.h < bandsFrom }

// halve fills q with p at half the size.
func (r *Reader) halve(p, q *plane) {
	q.resize(p.w/2, p.h/2)
	if r.alone(p) {
		q.halfOf(p, 0, q.h)
		return
	}
	r.bands(q.h, func(from, to int) { q.halfOf(p, from, to) })
}

// quarter fills q with p at a quarter of the size.
func (r *Reader) quarter(p, q *plane) {
	q.resize(p.w/4, p.h/4)
	if r.alone(p) {
		q.quarterOf(p, 0, q.h)
		return
	}
	r.bands(q.h, func(from, to int) { q.quarterOf(p, from, to) })
}

// measure finds the thresholds of p.
func (r *Reader) measure(p *plane) {
	r.thr.size(p)
	if r.alone(p) {
		r.thr.measure(p, 0, r.thr.bh)
	} else {
		r.bands(r.thr.bh, func(from, to int) { r.thr.measure(p, from, to) })
	}
	r.thr.judge()
	r.thr.spread()
}
