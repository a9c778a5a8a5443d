package audit

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"golang.org/x/mod/sumdb/tlog"
)

// Bundle is a file of evidence that was verified. Its methods can be called by several goroutines.
type Bundle struct {
	// Checkpoint is the signed head that everything was proven against. Keep it for [Bundle.Continues] of the next file.
	Checkpoint *ledger.Checkpoint
	// Party is whose ledger it is, as registered.
	Party trace.Party
	// First and Next are the range of records: from First on, without Next.
	First, Next int64
	// Claims are what the ledger claims to hold, when the range begins, of goods without serial numbers, by place and class.
	// They are not proven; see [CompareOpenings].
	Claims []Claim
	// Before is how many records from before the range there are; see [Bundle.RecordsBefore].
	Before int64

	hasOpening bool
	before     []beforePart

	file  io.ReaderAt
	size  int64
	known hashes // beside the range
	parts []part
	grown map[int64]tlog.Hash // roots at sizes beside the range
}

// part is where the records of a bundle of 256 lie in the file.
type part struct {
	offset int64
	root   tlog.Hash // of its records
}

// Open verifies a file of evidence, whose size is in bytes: the signature of its checkpoint by a registered key, and that
// each record is in the log and none is missing between the first and the last. The keys may be those of all ledgers; they
// never come from the file. It reads the file once and keeps 40 bytes for every 256 records. The file must not change while
// the Bundle is in use: what is read of it later is compared with what was verified.
//
// The error is a *[DamageError] for a file that is not what was exported, and matches ledger.ErrProof for a checkpoint that
// none of the keys has signed.
func Open(file io.ReaderAt, size int64, keys []Key) (*Bundle, error) {
	return Read(file, size, keys, func(ledger.Record) {})
}

// Read is [Open] for those who want the records as well: it gives each of the range while it verifies them, and reads the file
// once. What was made of them counts only when Read returns a Bundle, for the proof comes at the end. Data is valid until
// record returns.
func Read(file io.ReaderAt, size int64, keys []Key, record func(ledger.Record)) (*Bundle, error) {
	r := &partReader{file: file, size: size}
	text, err := r.content(0, maxHead)
	if err != nil {
		return nil, &DamageError{0, -1, -1, err.Error()}
	}
	h, c, party, err := parseHead(bytes.Clone(text), keys)
	if errors.Is(err, ledger.ErrProof) {
		return nil, fmt.Errorf("audit: open: %w", err)
	}
	if err != nil {
		return nil, &DamageError{0, -1, -1, err.Error()}
	}
	b := &Bundle{Checkpoint: c, Party: party, First: h.first, Next: h.next, file: file, size: size,
		known: make(hashes), grown: make(map[int64]tlog.Hash)}
	for i, s := range gaps(h.first, c.Size, h.marked) {
		b.known[s] = h.left[i]
	}
	b.known.add(h.next, c.Size, nil, h.right)
	offset := partHeader + int64(len(text))
	if b.hasOpening = h.opening; h.opening {
		if offset, err = b.readOpening(r, offset, h.before); err != nil {
			return nil, err
		}
	}
	if err := b.readParts(r, offset, record); err != nil {
		return nil, err
	}
	root, err := b.root(c.Size)
	if err != nil {
		return nil, err
	}
	if root != c.Root {
		return nil, &DamageError{0, h.first, h.next, "the checkpoint is of other records"}
	}
	for _, g := range h.grown {
		if err := b.grow(g); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// span returns the records of part i.
func (b *Bundle) span(i int) span {
	lo := max(b.First, (b.First/partSize+int64(i))*partSize)
	return span{lo, min(b.Next, (lo/partSize+1)*partSize)}
}

// readParts notes where the parts are and what their hashes are, and hands over the records.
func (b *Bundle) readParts(r *partReader, offset int64, record func(ledger.Record)) error {
	for s := b.span(0); s.lo < s.hi; s = b.span(len(b.parts)) {
		entries, next, err := r.records(offset, int(s.hi-s.lo))
		if err != nil {
			return &DamageError{offset, s.lo, s.hi, err.Error()}
		}
		b.parts = append(b.parts, part{offset, leavesRoot(s, entries)})
		for i, e := range entries {
			record(ledger.Record{Index: s.lo + int64(i), Data: e})
		}
		offset = next
	}
	if offset != b.size {
		return &DamageError{offset, -1, -1, fmt.Sprintf("%d bytes too many", b.size-offset)}
	}
	return nil
}

// grow takes in what the file proves of growth from a size beside the range.
func (b *Bundle) grow(g growth) error {
	known, c := make(hashes), b.Checkpoint
	known.add(g.size, c.Size, g.left, g.right)
	now, err := known.root(span{0, c.Size}, nil)
	if err == nil && now == c.Root {
		b.grown[g.size], err = known.root(span{0, g.size}, nil)
	}
	if err != nil || now != c.Root {
		return &DamageError{0, -1, -1, fmt.Sprintf("the proof of growth from size %d is wrong", g.size)}
	}
	return nil
}

// Continues checks that the log continues the one of which a checkpoint was kept from before. The checkpoint was verified
// then. The error is a *[ForkError] for a log that was rewritten, [ErrNotCovered] when the file does not reach back to the
// checkpoint, and matches ledger.ErrProof for a checkpoint of another log.
func (b *Bundle) Continues(seen *ledger.Checkpoint) error {
	c := b.Checkpoint
	if seen.Origin != c.Origin {
		return fmt.Errorf("audit: checkpoint of log %s, seen was one of %s: %w", c.Origin, seen.Origin, ledger.ErrProof)
	}
	root, ok := b.grown[seen.Size]
	if !ok {
		if seen.Size != 0 && seen.Size != c.Size && (seen.Size < b.First || b.Next < seen.Size) {
			return ErrNotCovered
		}
		var err error
		if root, err = b.root(seen.Size); err != nil {
			return err
		}
	}
	if root != seen.Root {
		return &ForkError{Seen: seen, New: c, Root: root}
	}
	return nil
}

// root returns the root of the tree when it had size leaves: the size of the checkpoint, or one within the range.
func (b *Bundle) root(size int64) (tlog.Hash, error) {
	return b.known.root(span{0, size}, b.below())
}

// below returns what gives the hashes of spans within the range. It reads a part when a piece of it is asked for, and
// keeps the last one.
func (b *Bundle) below() func(span) (tlog.Hash, bool, error) {
	var r *partReader
	var entries [][]byte
	have := -1
	var opening *opened
	number := int64(-1)
	return func(s span) (hash tlog.Hash, ok bool, err error) {
		if p, ok := b.partBefore(s.lo / partSize); ok && s.hi <= b.First && s.lo/partSize == (s.hi-1)/partSize {
			if number != p.number {
				if opening, err = b.openedAgain(&partReader{file: b.file, size: b.size}, p); err != nil {
					return hash, false, err
				}
				number = p.number
			}
			hash, err = opening.known.root(s, nil)
			return hash, err == nil, nil // what is not known there is not known at all
		}
		if s.lo < b.First || b.Next < s.hi || s.lo/partSize != (s.hi-1)/partSize {
			return hash, false, nil
		}
		i := int(s.lo/partSize - b.First/partSize)
		whole := b.span(i)
		if s == whole {
			return b.parts[i].root, true, nil
		}
		if have != i {
			if r == nil {
				r = &partReader{file: b.file, size: b.size}
			}
			if entries, err = b.read(r, i); err != nil {
				return hash, false, err
			}
			have = i
		}
		return leavesRoot(s, entries[s.lo-whole.lo:s.hi-whole.lo]), true, nil
	}
}

// read returns the records of part i again, compared with what was verified.
func (b *Bundle) read(r *partReader, i int) ([][]byte, error) {
	s := b.span(i)
	entries, _, err := r.records(b.parts[i].offset, int(s.hi-s.lo))
	if err == nil && leavesRoot(s, entries) != b.parts[i].root {
		err = fmt.Errorf("not what was verified")
	}
	if err != nil {
		return nil, &DamageError{b.parts[i].offset, s.lo, s.hi, err.Error()}
	}
	return entries, nil
}

// Records returns the records in the order of the ledger. The Data are the caller's. An error ends the loop.
func (b *Bundle) Records(ctx context.Context) iter.Seq2[ledger.Record, error] {
	return b.records(ctx, 0, len(b.parts))
}

// records returns those of some parts.
func (b *Bundle) records(ctx context.Context, from, to int) iter.Seq2[ledger.Record, error] {
	return func(yield func(ledger.Record, error) bool) {
		r := &partReader{file: b.file, size: b.size}
		for i := from; i < to; i++ {
			entries, err := b.read(r, i)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(ledger.Record{}, err)
				return
			}
			for j, e := range entries {
				if !yield(ledger.Record{Index: b.span(i).lo + int64(j), Data: bytes.Clone(e)}, nil) {
					return
				}
			}
		}
	}
}

// Prove returns the proof that one record is in the log, as a C2SP tlog-proof text, which ledger.VerifyInclusion and
// tools of others check: what goes beside a finding. An index that is not in the bundle is an error that matches
// ledger.ErrNotFound.
func (b *Bundle) Prove(index int64) ([]byte, error) {
	there, err := b.has(index)
	if err != nil {
		return nil, fmt.Errorf("audit: prove record %d: %w", index, err)
	}
	if !there {
		return nil, fmt.Errorf("audit: prove record %d: %w", index, ledger.ErrNotFound)
	}
	path, err := b.known.path(index, span{0, b.Checkpoint.Size}, b.below())
	if err != nil {
		return nil, fmt.Errorf("audit: prove record %d: %w", index, err)
	}
	var text bytes.Buffer
	text.WriteString("c2sp.org/tlog-proof@v1\nindex " + strconv.FormatInt(index, 10) + "\n")
	for _, h := range path {
		text.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	text.WriteString("\n")
	text.Write(b.Checkpoint.Note)
	return text.Bytes(), nil
}

// has reports whether the bundle has a record: in the range, or from before it.
func (b *Bundle) has(index int64) (bool, error) {
	if index < 0 || index >= b.First {
		return index >= 0 && index < b.Next, nil
	}
	p, ok := b.partBefore(index / partSize)
	if !ok {
		return false, nil
	}
	o, err := b.openedAgain(&partReader{file: b.file, size: b.size}, p)
	return err == nil && slices.Contains(o.indices, index), err
}

// Events returns the records as events, as [trace.DecodeRecords] has it.
func (b *Bundle) Events(ctx context.Context) iter.Seq2[trace.Recorded, error] {
	return trace.DecodeRecords(b.Records(ctx))
}
