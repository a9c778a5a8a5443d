package badgerledger_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// appender is what is compared. Both of it are called from many goroutines.
type appender struct {
	append func(data []byte) error
	batch  func(batch [][]byte) error
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

func openLedger(b *testing.B, dir string, index func([]byte) ([][]byte, []byte, error)) appender {
	l, err := badgerledger.Open(dir, &ledger.Options{Index: index})
	if err != nil {
		b.Fatal(err)
	}
	batch := func(batch [][]byte) error {
		_, err := l.Append(context.Background(), batch...)
		return err
	}
	return appender{func(data []byte) error { return batch([][]byte{data}) }, batch, l.Close}
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

func (g *group) append(data []byte) error { return g.batch([][]byte{data}) }

func (g *group) batch(batch [][]byte) error {
	g.mu.Lock()
	g.pending = append(g.pending, batch...)
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

func openFile(b *testing.B, dir string) appender {
	f, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	write := func(batch [][]byte) error {
		buf = buf[:0]
		for _, data := range batch {
			buf = binary.BigEndian.AppendUint16(buf, uint16(len(data)))
			buf = append(buf, data...)
		}
		if _, err := f.Write(buf); err != nil {
			return err
		}
		return f.Sync()
	}
	g := newGroup(1<<20, write)
	return appender{g.append, g.batch, func() error { g.close(); return f.Close() }}
}

func openBadger(b *testing.B, dir string) appender {
	db, err := badger.Open(badger.DefaultOptions(dir).WithSyncWrites(true).WithLogger(nil))
	if err != nil {
		b.Fatal(err)
	}
	var n uint64
	write := func(batch [][]byte) error {
		txn := db.NewTransaction(true)
		defer txn.Discard()
		for _, data := range batch {
			n++
			if err := txn.Set(binary.BigEndian.AppendUint64(nil, n), data); err != nil {
				return err
			}
		}
		return txn.Commit()
	}
	g := newGroup(1000, write)
	return appender{g.append, g.batch, func() error { g.close(); return db.Close() }}
}

// BenchmarkAppend puts file, Badger and ledger side by side, without keys, for
// 1, 16 and 256 writers, and the ledger with keys for 256. The journal comes
// round three times or more in each run. What it reports of each:
//
//	entries/s, p50-µs, p99-µs  of one append
//	1M-entries/s, 2M-entries/s over the first million and over the second
//	x-file, x-badger           entries/s as a multiple of theirs
//	p50-x-file                 p50 as a multiple of the file's
//	disk-x-payload             bytes of blocks and store, the journal aside
func BenchmarkAppend(b *testing.B) {
	systems := []struct {
		name string
		open func(*testing.B, string) appender
		keys bool
		n    int // entries of 256 writers
	}{
		{"file", openFile, false, 1_000_000},
		{"badger", openBadger, false, 1_000_000},
		{"ledger", func(b *testing.B, dir string) appender { return openLedger(b, dir, nil) }, false, 1_000_000},
		{"ledger3keys", func(b *testing.B, dir string) appender { return openLedger(b, dir, benchKeys) }, true, 2_000_000},
		{"ledger3keysid", func(b *testing.B, dir string) appender { return openLedger(b, dir, benchKeysID) }, true, 1_000_000},
	}
	for _, run := range []struct{ writers, n int }{{1, 28_000}, {16, 240_000}, {256, 0}} {
		results := make(map[string]result)
		for _, s := range systems {
			if s.keys && run.n != 0 {
				continue
			}
			n := run.n
			if n == 0 {
				n = s.n
			}
			b.Run(fmt.Sprintf("writers=%d/%s", run.writers, s.name), func(b *testing.B) {
				var r result
				dir := ""
				for b.Loop() {
					dir = b.TempDir()
					a := s.open(b, dir)
					r = runWriters(b, run.writers, n, a.append)
					if err := a.close(); err != nil {
						b.Fatal(err)
					}
				}
				results[s.name] = r
				r.report(b)
				if s.name != "file" && results["file"].rate > 0 {
					b.ReportMetric(r.rate/results["file"].rate, "x-file")
					b.ReportMetric(float64(r.p50)/float64(results["file"].p50), "p50-x-file")
				}
				if s.name != "badger" && results["badger"].rate > 0 {
					b.ReportMetric(r.rate/results["badger"].rate, "x-badger")
				}
				b.ReportMetric(float64(diskUse(b, dir))/float64(n*benchEntry), "disk-x-payload")
			})
		}
	}
}

// diskUse is what the files of a system take, the journal of a ledger aside.
func diskUse(b *testing.B, dir string) (bytes int64) {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "journal-") {
			return err
		}
		st, err := d.Info()
		if err == nil {
			bytes += st.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return bytes
}

// result is what a run of runWriters came to.
type result struct {
	rate     float64 // entries a second
	millions []float64
	p50, p99 time.Duration
}

func (r *result) report(b *testing.B) {
	b.ReportMetric(r.rate, "entries/s")
	for i, rate := range r.millions {
		b.ReportMetric(rate, fmt.Sprintf("%dM-entries/s", i+1))
	}
	b.ReportMetric(float64(r.p50.Nanoseconds())/1000, "p50-µs")
	b.ReportMetric(float64(r.p99.Nanoseconds())/1000, "p99-µs")
	b.ReportMetric(0, "ns/op")
}

// runWriters appends n entries, each writer one after the other.
func runWriters(b *testing.B, writers, n int, add func([]byte) error) (r result) {
	const million = 1_000_000
	var next atomic.Int64
	var wg sync.WaitGroup
	took := make([][]time.Duration, writers)
	start := time.Now()
	turns := make([]time.Duration, n/million+1) // when a million began
	for w := range writers {
		took[w] = make([]time.Duration, 0, 2*n/writers)
		wg.Go(func() {
			buf := make([]byte, benchEntry)
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if i%million == 0 {
					turns[i/million] = time.Since(start)
				}
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
	r.rate = float64(n) / elapsed.Seconds()
	if turns = append(turns[:n/million], elapsed); len(turns) > 2 {
		for i := range n / million {
			r.millions = append(r.millions, million/(turns[i+1]-turns[i]).Seconds())
		}
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	r.p50, r.p99 = all[len(all)/2], all[len(all)*99/100]
	return r
}

// BenchmarkAppendBatch appends 256 entries a call, which become durable
// together: by one writer, and by 16, each with one call in flight. x-file and
// x-badger are as in BenchmarkAppend.
func BenchmarkAppendBatch(b *testing.B) {
	results := make(map[string]float64)
	for _, s := range []struct {
		name    string
		open    func(*testing.B, string) appender
		batches int // the journal comes round
		most    int // writers
	}{
		{"file", openFile, 8000, 16},
		{"badger", openBadger, 4000, 16},
		{"ledger", func(b *testing.B, dir string) appender { return openLedger(b, dir, nil) }, 8000, 16},
		{"ledger3keys", func(b *testing.B, dir string) appender { return openLedger(b, dir, benchKeys) }, 4000, 1},
		{"ledger3keysid", func(b *testing.B, dir string) appender { return openLedger(b, dir, benchKeysID) }, 4000, 1},
	} {
		for _, writers := range []int{1, 16} {
			if writers > s.most {
				continue
			}
			name := fmt.Sprintf("writers=%d/%s", writers, s.name)
			b.Run(name, func(b *testing.B) {
				for b.Loop() {
					a := s.open(b, b.TempDir())
					results[name] = runBatches(b, writers, s.batches, a.batch)
					if err := a.close(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(results[name], "entries/s")
				for _, peer := range []string{"file", "badger"} {
					if rate := results[fmt.Sprintf("writers=%d/%s", writers, peer)]; s.name != peer && rate > 0 {
						b.ReportMetric(results[name]/rate, "x-"+peer)
					}
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// runBatches appends so many batches, each writer one after the other, and
// returns entries a second.
func runBatches(b *testing.B, writers, batches int, add func([][]byte) error) float64 {
	const size = 256
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range writers {
		wg.Go(func() {
			batch := make([][]byte, size)
			for i := range batch {
				batch[i] = make([]byte, benchEntry)
			}
			for n := next.Add(1) - 1; n < int64(batches); n = next.Add(1) - 1 {
				for i, data := range batch {
					fillEntry(data, n*size+int64(i))
				}
				if err := add(batch); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(batches*size) / time.Since(start).Seconds()
}
