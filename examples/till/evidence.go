package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// evidenceRequest hands the records of a period to an inspector.
type evidenceRequest struct {
	head
	To    string  `json:"to"`    // the file; one that is there is replaced
	From  string  `json:"from"`  // when recorded: a day or a time; empty means from the first record on
	Until string  `json:"until"` // the same, not included; empty means up to now
	Seen  []int64 `json:"seen"`  // sizes of checkpoints that the inspector has
}

// handed says what is in the file: the records from first on, without next.
type handed struct {
	First int64 `json:"first"`
	Next  int64 `json:"next"`
	state
}

func (t *till) evidence(ctx context.Context, _ *station, q *evidenceRequest) (*handed, error) {
	if q.To == "" {
		return nil, badField("to", "missing")
	}
	size := t.ledger.Size()
	for _, seen := range q.Seen {
		if seen < 0 || seen > size {
			return nil, badField("seen", "no such size")
		}
	}
	out := &handed{Next: size}
	if q.From != "" || q.Until != "" {
		from, until := time.Time{}, t.now().Add(time.Second)
		for _, limit := range []struct {
			name, text string
			time       *time.Time
		}{{"from", q.From, &from}, {"until", q.Until, &until}} {
			if limit.text == "" {
				continue
			}
			var err error
			if *limit.time, err = t.moment(limit.text); err != nil {
				return nil, &trace.FieldError{Field: limit.name, Err: err}
			}
		}
		var err error
		if out.First, out.Next, err = audit.Period(ctx, t.ledger, from, until); err != nil {
			return nil, err
		}
	}
	err := replace(q.To, func(f *os.File) error {
		w := bufio.NewWriter(f)
		c, err := audit.Export(ctx, w, t.ledger, &audit.ExportOptions{First: out.First, Next: out.Next, Seen: q.Seen})
		if err != nil {
			return err
		}
		out.state = *t.state(c.Size)
		return w.Flush()
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// replace writes a file: it is there whole, or what was there before is.
func replace(name string, write func(*os.File) error) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.Create(name + ".part")
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name())
		return err
	}
	return os.Rename(f.Name(), name)
}
