package badgerledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"github.com/dauvet/dauvet/ledger"
)

func openStore(t *testing.T, dir string, tune func(badger.Options) badger.Options) *store {
	t.Helper()
	s, err := driver{log: slog.New(slog.DiscardHandler), tune: tune}.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s.(*store)
}

// count stops the timer, so that nothing depends on time.
func (k *cursors) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.timer != nil {
		k.timer.Stop()
	}
	return len(k.kept)
}

// scanAll counts the rows, and ends after stop of them when it is not 0.
func scanAll(t *testing.T, s *store, stop int) (n int) {
	t.Helper()
	end := errors.New("end")
	err := s.Scan(context.Background(), []byte("r"), []byte("s"), func(k, v []byte) error {
		if n++; n == stop {
			return end
		}
		return nil
	})
	if err != nil && !errors.Is(err, end) {
		t.Error(err)
	}
	return n
}

func writeRow(t *testing.T, s *store, n int, value string) {
	t.Helper()
	if err := s.Write(context.Background(), []ledger.KV{{Key: fmt.Appendf(nil, "r%06d", n), Value: []byte(value)}}); err != nil {
		t.Fatal(err)
	}
}

// TestCursors keeps iterators between Scans, up to the next Write or a while.
func TestCursors(t *testing.T) {
	s := openStore(t, t.TempDir(), nil)
	for round := range 3 {
		writeRow(t, s, round, "v")
		if n := s.cursors.count(); n != 0 {
			t.Fatalf("%d cursors are kept after a Write", n)
		}
		for i := range 2 * scansToKeep {
			// One that ended early begins anew.
			stop := i % 2
			if n := scanAll(t, s, stop); stop == 0 && n != round+1 {
				t.Fatalf("scan %d of %d rows has %d", i, round+1, n)
			}
			if n, want := s.cursors.count(), i/scansToKeep; n != want {
				t.Fatalf("after scan %d %d cursors are kept, want %d", i, n, want)
			}
		}
		if round == 1 {
			s.cursors.close() // as the timer does
			if n := s.cursors.count(); n != 0 {
				t.Fatalf("%d cursors are kept after a while", n)
			}
			if n := scanAll(t, s, 0); n != round+1 || s.cursors.count() != 1 {
				t.Fatalf("then %d rows and %d cursors", n, s.cursors.count())
			}
		}
	}
	// One that is in use when the others are closed is not kept.
	err := s.Scan(context.Background(), []byte("r"), nil, func(k, v []byte) error {
		s.cursors.close()
		return nil
	})
	if n := s.cursors.count(); err != nil || n != 0 {
		t.Errorf("%d cursors are kept, %v", n, err)
	}
	scanAll(t, s, 0)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestCursorsRelease reads beside writing until Badger has replaced memory by
// tables and tables by others, and finds the files in order afterwards.
func TestCursorsRelease(t *testing.T) {
	dir := t.TempDir()
	small := func(o badger.Options) badger.Options {
		return o.WithMemTableSize(1 << 20).WithBaseTableSize(64 << 10).WithNumLevelZeroTables(1)
	}
	const rows, width = 800, 8000
	value := string(make([]byte, width))
	s := openStore(t, dir, small)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 * maxKept {
		wg.Go(func() {
			for last := 0; ; {
				select {
				case <-done:
					return
				default:
				}
				n := scanAll(t, s, 0)
				if n < last {
					t.Errorf("%d rows after %d", n, last)
					return
				}
				last = n
			}
		})
	}
	for i := range rows {
		writeRow(t, s, i, value)
		if i%100 == 0 {
			if n := scanAll(t, s, 0); n != i+1 {
				t.Errorf("%d rows, want %d", n, i+1)
			}
		}
	}
	close(done)
	wg.Wait()
	if n := s.cursors.count(); n > maxKept {
		t.Errorf("%d cursors are kept", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir, small)
	if n := scanAll(t, s, 0); n != rows {
		t.Errorf("%d rows, want %d", n, rows)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
