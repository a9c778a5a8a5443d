package report

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// Reader reads files of evidence while it verifies them, each of them once, with as many goroutines as there are processors.
// What it keeps are moments of events, and not the files.
type Reader struct {
	keys    []audit.Key
	sources []source
	mu      sync.Mutex // guards auditor
	auditor *trace.Auditor
}

// source is what was read.
type source struct {
	Source
	refused []refusal
	more    int64 // that were refused, and are not in the list
	failed  bool  // nothing of it counts
}

// refusal is a record that is no event; the index -1 says why there are no more.
type refusal struct {
	index int64
	err   error
}

// NewReader returns one that verifies evidence by the keys of registered ledgers.
func NewReader(keys []audit.Key) *Reader {
	return &Reader{keys: keys, auditor: trace.NewAuditor()}
}

// Input is a file of evidence.
type Input struct {
	Name string // for people
	io.ReaderAt
	Size int64
}

// Open verifies files, as [audit.Open] does, and reads the events in them. It returns for each file the bundle, or the error
// for which nothing of it counts.
func (rd *Reader) Open(ctx context.Context, files []Input) ([]*audit.Bundle, []error) {
	bundles, errs := make([]*audit.Bundle, len(files)), make([]error, len(files))
	read := make([]source, len(files))
	from := len(rd.sources)
	numbers := make([]int, len(files))
	for i := range files {
		numbers[i] = from + i
	}
	rd.parallel(len(files), func(i int) {
		if errs[i] = ctx.Err(); errs[i] == nil {
			bundles[i], errs[i] = rd.open(&read[i], numbers[i], &files[i])
		}
	})
	rd.sources = append(rd.sources, read...)
	return bundles, errs
}

// open verifies a file and reads it.
func (rd *Reader) open(s *source, number int, f *Input) (b *audit.Bundle, err error) {
	var m trace.Moments
	records := func(yield func(ledger.Record, error) bool) {
		b, err = audit.Read(f, f.Size, rd.keys, func(rec ledger.Record) { yield(rec, nil) })
	}
	m.Read(records, s.refuse)
	s.Name, s.Bundle = f.Name, b
	if err != nil {
		*s = source{failed: true}
		return nil, err
	}
	rd.add(number, &m)
	return b, nil
}

// refuse notes a record that is no event.
func (s *source) refuse(index int64, err error) {
	if len(s.refused) < mostUnreadable || index < 0 {
		s.refused = append(s.refused, refusal{index, err})
	} else {
		s.more++
	}
}

func (rd *Reader) add(number int, m *trace.Moments) {
	rd.mu.Lock()
	defer rd.mu.Unlock()
	rd.auditor.Add(number, m)
}

// read reads further sources.
func (rd *Reader) read(ctx context.Context, more []Source) error {
	from := len(rd.sources)
	for _, s := range more {
		rd.sources = append(rd.sources, source{Source: s})
	}
	rd.parallel(len(more), func(i int) {
		s := &rd.sources[from+i]
		var m trace.Moments
		if s.Bundle != nil {
			if err := m.Read(s.Bundle.Records(ctx), s.refuse); err != nil {
				s.refuse(-1, err)
			}
		} else {
			for rec, err := range s.Events {
				if ctx.Err() != nil {
					return
				}
				if err == nil {
					err = rec.Event.Validate()
				}
				if err != nil {
					s.refuse(rec.Index, err)
				} else {
					m.Add(rec.Index, rec.Event)
				}
			}
		}
		rd.add(from+i, &m)
	})
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// parallel calls f with each number below n.
func (rd *Reader) parallel(n int, f func(int)) {
	next := make(chan int, n)
	for i := range n {
		next <- i
	}
	close(next)
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 8, n) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	wg.Wait()
}
