package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	maxIndexKey = 240     // bytes; escaped and with its frame it fits MaxKey
	maxQueued   = 8 << 20 // bytes that wait for the commit before Append blocks
)

// Append appends all entries, in order, with neighbouring indices, or none.
// It returns when they survive a loss of power. Appends that come together
// share one sync.
//
// An entry whose id ([Options.Index]) is in the ledger already, or occurs
// twice in the call, is not appended again: the existing record stands in
// its place in the result. The Data of other results are the slices given,
// which are the caller's again once Append returns.
//
// An entry of more than [MaxEntry] bytes, or entries that together, with two
// bytes for each, exceed 4 MiB, give ErrTooLarge. When ctx ends before the
// entries are taken up, nothing is appended and its error is returned; after
// that ctx is not consulted any more. No entries: no records, no error.
func (l *Ledger) Append(ctx context.Context, entries ...[]byte) ([]Record, error) {
	records, err := l.append(ctx, entries, nil)
	if err != nil {
		return nil, fmt.Errorf("ledger: append: %w", err)
	}
	return records, nil
}

// NewEntry is an entry of which more is known than its bytes.
type NewEntry struct {
	Data []byte
	Keys [][]byte // what [Options.Index] says of Data
	ID   []byte   // likewise
	Size int64    // the first Size entries do not have the ID
}

// AppendNew is Append of one entry for whoever has computed its keys and
// searched the ledger by them, so that neither is done again: it calls no
// Index, and looks for the ID in later entries only, which are mostly in
// memory. Append reads the store for that. When what is said is wrong, Check
// reports that the rows of the index are not those that the entries call for.
// In a ledger without Index keys and ID say nothing.
func (l *Ledger) AppendNew(ctx context.Context, e NewEntry) (Record, error) {
	records, err := l.append(ctx, [][]byte{e.Data}, &e)
	if err != nil {
		return Record{}, fmt.Errorf("ledger: append: %w", err)
	}
	return records[0], nil
}

// append appends entries, or the one of which more is known if that is not nil.
func (l *Ledger) append(ctx context.Context, entries [][]byte, known *NewEntry) ([]Record, error) {
	if err := l.writable(ctx); err != nil {
		return nil, err
	}
	l.queue.callers.Add(1)
	defer l.queue.callers.Add(-1)
	r, err := l.prepare(ctx, entries, known)
	if err != nil {
		return nil, err
	}
	if r.fresh > 0 {
		b, err := l.queue.add(ctx, r)
		if err != nil {
			return nil, err
		}
		l.commitUntil(b)
		if err := l.queue.wait(ctx, b, r); err != nil {
			return nil, err
		}
	} else if _, _, err := l.acknowledged(ctx); err != nil {
		return nil, err
	}
	for i := range r.entries {
		e := &r.entries[i]
		if !e.known {
			r.records[i] = Record{Index: e.at, Data: e.data}
			continue
		}
		if r.records[i], err = l.read(ctx, e.at); err != nil {
			return nil, fmt.Errorf("entry is in the ledger as %d: %w", e.at, err)
		}
	}
	return r.records, nil
}

// request is a call of Append on its way.
type request struct {
	entries []pending
	fresh   int   // entries not found in the store
	bytes   int   // of the frame
	base    int64 // the ids of entries from here on were not looked for
	records []Record
}

// pending is an entry on its way.
type pending struct {
	data  []byte
	hash  tlog.Hash
	seal  uint64 // see Ledger.seal
	keys  []byte
	id    []byte
	at    int64
	known bool // at is where it stands already
}

// prepare does what can be done in the goroutine of the caller: hashes,
// keys, and a look for the ids in the store.
func (l *Ledger) prepare(ctx context.Context, entries [][]byte, known *NewEntry) (*request, error) {
	r := &request{entries: make([]pending, len(entries)), records: make([]Record, len(entries))}
	if l.opts.Index != nil {
		l.mu.RLock()
		r.base = l.chunks[0].first
		if known != nil {
			r.base = min(known.Size, l.size)
		}
		l.mu.RUnlock()
	}
	for i, data := range entries {
		if len(data) > MaxEntry {
			return nil, fmt.Errorf("entry %d of %d bytes: %w", i, len(data), ErrTooLarge)
		}
		r.entries[i].data = data
	}
	l.inShares(len(entries), 512, func(h *hasher, from, to int) {
		for i := from; i < to; i++ {
			e := &r.entries[i]
			e.hash = h.leaf(entries[i])
			e.seal = l.seal(entries[i], e.hash[:])
		}
	})
	for i, data := range entries {
		e := &r.entries[i]
		if l.opts.Index != nil {
			var err error
			if known != nil {
				e.keys, e.id, err = keepIndex(known.Keys, known.ID)
			} else {
				e.keys, e.id, err = l.indexOf(data)
			}
			if err != nil {
				return nil, fmt.Errorf("entry %d: %w", i, err)
			}
		}
		if e.id != nil && known == nil {
			at, ok, err := l.findID(ctx, e.id)
			if err != nil {
				return nil, err
			}
			if ok {
				e.at, e.known = at, true
				continue
			}
		}
		r.fresh++
		if r.bytes += 2 + len(data); r.bytes > l.opts.layout.maxBody {
			return nil, fmt.Errorf("entries of more than %d bytes in one call: %w", l.opts.layout.maxBody, ErrTooLarge)
		}
	}
	return r, nil
}

// inShares calls f for the parts of n things to be hashed, in as many
// goroutines as there are processors, but for no fewer than least things each.
func (l *Ledger) inShares(n, least int, f func(h *hasher, from, to int)) {
	shares := max(1, min(runtime.GOMAXPROCS(0), n/least))
	part := func(i int) {
		h := l.hasher()
		f(h, i*n/shares, (i+1)*n/shares)
		l.hashers.Put(h)
	}
	var wg sync.WaitGroup
	for i := 1; i < shares; i++ {
		wg.Go(func() { part(i) })
	}
	part(0)
	wg.Wait()
}

// hasher takes a hasher from the pool; the caller puts it back.
func (l *Ledger) hasher() *hasher {
	if h, ok := l.hashers.Get().(*hasher); ok {
		return h
	}
	return newHasher()
}

// indexOf calls Options.Index and keeps what it says.
func (l *Ledger) indexOf(data []byte) (keys, id []byte, err error) {
	ks, id, err := l.opts.Index(data)
	if err != nil {
		return nil, nil, err
	}
	return keepIndex(ks, id)
}

// keepIndex checks and copies what an index function says. An empty id is
// none.
func keepIndex(ks [][]byte, id []byte) (keys, own []byte, err error) {
	for _, k := range ks {
		if len(k) > maxIndexKey {
			return nil, nil, fmt.Errorf("index key of %d bytes: %w", len(k), ErrTooLarge)
		}
	}
	if len(id) == 0 {
		id = nil
	}
	return packKeys(ks), bytes.Clone(id), nil
}

func idKey(id []byte) []byte {
	h := sha256.Sum256(id)
	return append([]byte{rowID}, h[:16]...)
}

// findID looks in the store for the entry with the id.
func (l *Ledger) findID(ctx context.Context, id []byte) (int64, bool, error) {
	var buf [16]byte
	row, err := getRow(ctx, &l.store, idKey(id), buf[:0])
	if errors.Is(err, ErrNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	at, ok := parseIndex(row)
	if !ok {
		return 0, false, storeDamage("bad row of an id")
	}
	// Rows hold half a hash of the id; the entry itself decides.
	r, err := l.read(ctx, at)
	if errors.Is(err, ErrNotFound) {
		return 0, false, storeDamage("an id points beyond the ledger")
	}
	if err != nil {
		return 0, false, err
	}
	_, have, err := l.opts.Index(r.Data)
	return at, err == nil && bytes.Equal(have, id), err
}

// batch is what becomes one frame.
type batch struct {
	requests []*request
	bytes    int
	taken    bool
	done     chan struct{} // closed when err and the requests are final
	err      error
}

// isDone reports whether the batch is final.
func (b *batch) isDone() bool {
	select {
	case <-b.done:
		return true
	default:
		return false
	}
}

// queue holds the batches that wait to be committed. Who has added one tries
// to take the turn, and commits; who gives the turn back and finds more calls
// the committer. So somebody comes for every batch.
type queue struct {
	limit    int          // bytes of a batch
	callers  atomic.Int32 // of Append, on their way
	turn     sync.Mutex   // of who commits
	mu       sync.Mutex
	batches  []*batch
	bytes    int
	closed   bool
	space    chan struct{} // closed when a batch was taken
	called   chan struct{} // has one when the committer should look
	shutting chan struct{} // closed when no more comes
	drained  chan struct{} // closed when the committer has ended
}

func (q *queue) init(limit int) {
	q.limit = limit
	q.space = make(chan struct{})
	q.called = make(chan struct{}, 1)
	q.shutting = make(chan struct{})
	q.drained = make(chan struct{})
}

// add puts the request into the last batch that has room.
func (q *queue) add(ctx context.Context, r *request) (*batch, error) {
	q.mu.Lock()
	for !q.closed && q.bytes > maxQueued {
		space := q.space
		q.mu.Unlock()
		select {
		case <-space:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		q.mu.Lock()
	}
	if q.closed {
		q.mu.Unlock()
		return nil, ErrClosed
	}
	var b *batch
	if n := len(q.batches); n > 0 && q.batches[n-1].bytes+r.bytes <= q.limit {
		b = q.batches[n-1]
	} else {
		b = &batch{done: make(chan struct{})}
		q.batches = append(q.batches, b)
	}
	b.requests = append(b.requests, r)
	b.bytes += r.bytes
	q.bytes += r.bytes
	q.mu.Unlock()
	return b, nil
}

// call calls the committer when there is something to commit.
func (q *queue) call() {
	q.mu.Lock()
	waiting := len(q.batches) > 0
	q.mu.Unlock()
	if !waiting {
		return
	}
	select {
	case q.called <- struct{}{}:
	default:
	}
}

// wait returns when the batch is committed, or when ctx ends and the request
// could be taken back.
func (q *queue) wait(ctx context.Context, b *batch, r *request) error {
	if ctx.Done() == nil {
		<-b.done
		return b.err
	}
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
	}
	q.mu.Lock()
	if !b.taken {
		for i, other := range b.requests {
			if other == r {
				b.requests = append(b.requests[:i:i], b.requests[i+1:]...)
			}
		}
		b.bytes -= r.bytes
		q.bytes -= r.bytes
		q.mu.Unlock()
		return ctx.Err()
	}
	q.mu.Unlock()
	<-b.done
	return b.err
}

// take gives the next batch to who commits, or nil.
func (q *queue) take() *batch {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.batches) == 0 {
		return nil
	}
	b := q.batches[0]
	q.batches = q.batches[1:]
	q.bytes -= b.bytes
	b.taken = true
	if q.bytes <= maxQueued {
		close(q.space)
		q.space = make(chan struct{})
	}
	return b
}

// shut lets no more requests in. It reports whether it was the first to.
func (q *queue) shut() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.closed = true
	close(q.space)
	q.space = make(chan struct{})
	close(q.shutting)
	return true
}
