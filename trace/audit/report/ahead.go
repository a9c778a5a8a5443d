package report

import (
	"context"
	"iter"
	"runtime"
	"sync"

	"github.com/dauvet/dauvet/trace"
)

// ahead reads sources with as many goroutines as there are processors, and gives their events in the order of the sources.
type ahead struct {
	cancel context.CancelFunc
	wait   sync.WaitGroup
	of     []chan []judged // by source
}

// judged is an event, or why there is none.
type judged struct {
	rec trace.Recorded
	err error
}

// readAhead begins to read. Whoever calls it calls close.
func readAhead(ctx context.Context, sources []Source) *ahead {
	ctx, cancel := context.WithCancel(ctx)
	a := &ahead{cancel: cancel}
	for range sources {
		a.of = append(a.of, make(chan []judged, 4))
	}
	next := make(chan int, len(sources))
	for i := range sources {
		next <- i
	}
	close(next)
	for range min(runtime.GOMAXPROCS(0), 8) {
		a.wait.Go(func() {
			for i := range next {
				a.read(ctx, sources[i], a.of[i])
			}
		})
	}
	return a
}

// read sends the events of a source, some at a time.
func (a *ahead) read(ctx context.Context, s Source, to chan<- []judged) {
	defer close(to)
	seq := s.Events
	if s.Bundle != nil {
		seq = s.Bundle.Events(ctx)
	}
	const some = 128
	batch := make([]judged, 0, some)
	send := func() bool {
		select {
		case to <- batch:
			batch = make([]judged, 0, some)
			return true
		case <-ctx.Done():
			return false
		}
	}
	for rec, err := range seq {
		if err == nil {
			err = rec.Event.Validate()
		}
		if err == nil {
			rec.Event = identified(rec.Event)
		}
		if batch = append(batch, judged{rec, err}); len(batch) == some && !send() {
			return
		}
	}
	send()
}

// identified returns an event that knows its identifier: a hash takes long, and is asked for more than once.
func identified(e *trace.Event) *trace.Event {
	if e.EventID != "" {
		return e
	}
	c := *e
	c.EventID = e.ID()
	return &c
}

// events yields those of a source.
func (a *ahead) events(i int) iter.Seq2[trace.Recorded, error] {
	return func(yield func(trace.Recorded, error) bool) {
		for batch := range a.of[i] {
			for _, j := range batch {
				if !yield(j.rec, j.err) {
					return
				}
			}
		}
	}
}

// close ends the reading.
func (a *ahead) close() {
	a.cancel()
	a.wait.Wait()
}
