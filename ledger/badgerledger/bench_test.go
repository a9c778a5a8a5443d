package badgerledger_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
)

// The benchmarks put the ledger beside two peers: a plain file with group
// commit, and Badger with group commit. Entries have 183 bytes; each writer
// has one append in flight, which returns when it is durable.
const benchEntry = 183

// appender is what is compared: append is called from many goroutines.
type appender struct {
	append func(data []byte) error
	close  func() error
}

// fillEntry makes entry i: unlike any other, with an id, one key of its own,
// one of 2,000 and one of 200.
func fillEntry(p []byte, i int64) {
	binary.BigEndian.PutUint64(p, uint64(i))
	copy(p[8:], "|unit/0000000000|lot/0000|party/000|abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz")
	digits(p[14:24], i)
	digits(p[29:33], i*7919%2000)
	digits(p[40:43], i%200)
}

func digits(p []byte, n int64) {
	for k := len(p) - 1; k >= 0; k-- {
		p[k] = byte('0' + n%10)
		n /= 10
	}
}

func benchKeys(data []byte) ([][]byte, []byte, error) {
	parts := bytes.SplitN(data[8:], []byte("|"), 5)
	return parts[1:4], nil, nil
}

func benchKeysID(data []byte) ([][]byte, []byte, error) {
	keys, _, err := benchKeys(data)
	return keys, data[:32], err
}

func openLedger(b *testing.B, index func([]byte) ([][]byte, []byte, error)) appender {
	l, err := badgerledger.Open(b.TempDir(), &ledger.Options{Index: index})
	if err != nil {
		b.Fatal(err)
	}
	return appender{func(data []byte) error {
		_, err := l.Append(context.Background(), data)
		return err
	}, l.Close}
}

// group is a group commit over any durable write of a batch.
type group struct {
	mu      sync.Mutex
	pending [][]byte
	done    chan error // of the batch that is pending
	kick    chan struct{}
	ended   chan struct{}
}

func newGroup(limit int, write func([][]byte) error) *group {
	g := &group{done: make(chan error), kick: make(chan struct{}, 1), ended: make(chan struct{})}
	go func() {
		defer close(g.ended)
		for range g.kick {
			for {
				g.mu.Lock()
				batch, done := g.pending, g.done
				g.pending, g.done = nil, make(chan error)
				g.mu.Unlock()
				if len(batch) == 0 {
					break
				}
				for len(batch) > 0 {
					n := min(limit, len(batch))
					if err := write(batch[:n]); err != nil {
						panic(err)
					}
					batch = batch[n:]
				}
				close(done)
			}
		}
	}()
	return g
}

func (g *group) append(data []byte) error {
	g.mu.Lock()
	g.pending = append(g.pending, data)
	done := g.done
	g.mu.Unlock()
	select {
	case g.kick <- struct{}{}:
	default:
	}
	<-done
	return nil
}

func (g *group) close() { close(g.kick); <-g.ended }

func openFile(b *testing.B) appender {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	g := newGroup(1<<20, func(batch [][]byte) error {
		buf = buf[:0]
		for _, data := range batch {
			buf = binary.BigEndian.AppendUint16(buf, uint16(len(data)))
			buf = append(buf, data...)
		}
		if _, err := f.Write(buf); err != nil {
			return err
		}
		return f.Sync()
	})
	return appender{g.append, func() error { g.close(); return f.Close() }}
}

func openBadger(b *testing.B) appender {
	db, err := badger.Open(badger.DefaultOptions(b.TempDir()).WithSyncWrites(true).WithLogger(nil))
	if err != nil {
		b.Fatal(err)
	}
	var n uint64
	g := newGroup(1000, func(batch [][]byte) error {
		txn := db.NewTransaction(true)
		defer txn.Discard()
		for _, data := range batch {
			n++
			if err := txn.Set(binary.BigEndian.AppendUint64(nil, n), data); err != nil {
				return err
			}
		}
		return txn.Commit()
	})
	return appender{g.append, func() error { g.close(); return db.Close() }}
}

// BenchmarkAppend is the table of issue and README: entries a second and the
// median of one append.
func BenchmarkAppend(b *testing.B) {
	systems := []struct {
		name string
		open func(*testing.B) appender
	}{
		{"file", openFile},
		{"badger", openBadger},
		{"ledger", func(b *testing.B) appender { return openLedger(b, nil) }},
		{"ledger3keys", func(b *testing.B) appender { return openLedger(b, benchKeys) }},
		{"ledger3keysid", func(b *testing.B) appender { return openLedger(b, benchKeysID) }},
	}
	for _, writers := range []int{1, 16, 256} {
		for _, s := range systems {
			b.Run(fmt.Sprintf("writers=%d/%s", writers, s.name), func(b *testing.B) {
				a := s.open(b)
				b.ResetTimer()
				runWriters(b, writers, b.N, a.append)
				b.StopTimer()
				if err := a.close(); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

func runWriters(b *testing.B, writers, n int, add func([]byte) error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	took := make([][]time.Duration, writers)
	start := time.Now()
	for w := range writers {
		wg.Go(func() {
			buf := make([]byte, benchEntry)
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				fillEntry(buf, i)
				before := time.Now()
				if err := add(buf); err != nil {
					b.Error(err)
					return
				}
				took[w] = append(took[w], time.Since(before))
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(n)/elapsed.Seconds(), "entries/s")
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkAppendBatch is one writer that appends 256 entries a call.
func BenchmarkAppendBatch(b *testing.B) {
	for _, s := range []struct {
		name  string
		index func([]byte) ([][]byte, []byte, error)
	}{{"ledger", nil}, {"ledger3keys", benchKeys}, {"ledger3keysid", benchKeysID}} {
		b.Run(s.name, func(b *testing.B) {
			l, err := badgerledger.Open(b.TempDir(), &ledger.Options{Index: s.index})
			if err != nil {
				b.Fatal(err)
			}
			batch := make([][]byte, 256)
			for i := range batch {
				batch[i] = make([]byte, benchEntry)
			}
			next := int64(0)
			for b.Loop() {
				for _, data := range batch {
					fillEntry(data, next)
					next++
				}
				if _, err := l.Append(context.Background(), batch...); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(next)/b.Elapsed().Seconds(), "entries/s")
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
