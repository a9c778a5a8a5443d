package audit

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"golang.org/x/mod/sumdb/tlog"
)

// Options say what an inspector knows of a ledger.
type Options struct {
	// Keys are the C2SP verifier keys of the ledger: one, or several when it was rotated. They come from the
	// registration of the shop, never from the file. Without any, nothing is accepted.
	Keys []string
	// Seen is the last checkpoint of the ledger that was verified. Nil: none is known.
	Seen *ledger.Checkpoint
}

// Bundle is a file of evidence that was verified. Its methods can be called by several goroutines.
type Bundle struct {
	// Checkpoint is the signed head that everything was proven against. Keep it: it is the Seen of the next file.
	Checkpoint *ledger.Checkpoint
	// First and Next are the range of records: from First on, without Next.
	First, Next int64

	file  io.ReaderAt
	size  int64
	known hashes // beside the range
	parts []part
}

// part is where the records of a bundle of 256 lie in the file.
type part struct {
	offset int64
	root   tlog.Hash // of its records
}

// Open verifies a file of evidence, whose size is in bytes: the signature of its checkpoint, that each record is in the
// log and none is missing between the first and the last, and that the log continues the one seen before. It reads the
// file once and keeps 40 bytes for every 256 records. The file must not change while the Bundle is in use: what is read
// of it later is compared with what was verified.
//
// The errors are a *[DamageError] for a file that is not what was exported, a *[ForkError] for a log that was rewritten,
// and one that matches ledger.ErrProof for a checkpoint that none of the keys has signed. With [ErrNotCovered], and with
// no other error, there is a Bundle: it is good, but does not say how the log grew since Options.Seen.
func Open(file io.ReaderAt, size int64, opts *Options) (*Bundle, error) {
	if opts == nil {
		opts = &Options{}
	}
	r := &partReader{file: file, size: size}
	text, err := r.content(0, maxHead)
	if err != nil {
		return nil, &DamageError{0, -1, -1, err.Error()}
	}
	h, c, err := parseHead(bytes.Clone(text), opts.Keys)
	if errors.Is(err, ledger.ErrProof) {
		return nil, fmt.Errorf("audit: open: %w", err)
	}
	if err != nil {
		return nil, &DamageError{0, -1, -1, err.Error()}
	}
	b := &Bundle{Checkpoint: c, First: h.first, Next: h.next, file: file, size: size, known: hashes{}}
	b.known.add(h.first, c.Size, h.left, nil)
	b.known.add(h.next, c.Size, nil, h.right)
	if err := b.readParts(r, partHeader+int64(len(text))); err != nil {
		return nil, err
	}
	root, err := b.root(c.Size)
	if err != nil {
		return nil, err
	}
	if root != c.Root {
		return nil, &DamageError{0, h.first, h.next, "the checkpoint is of other records"}
	}
	if err := b.compare(opts.Seen, h.grown); err == ErrNotCovered {
		return b, err
	} else if err != nil {
		return nil, err
	}
	return b, nil
}

// span returns the records of part i.
func (b *Bundle) span(i int) span {
	lo := max(b.First, (b.First/partSize+int64(i))*partSize)
	return span{lo, min(b.Next, (lo/partSize+1)*partSize)}
}

// readParts notes where the parts are and what their hashes are.
func (b *Bundle) readParts(r *partReader, offset int64) error {
	for s := b.span(0); s.lo < s.hi; s = b.span(len(b.parts)) {
		entries, next, err := r.records(offset, int(s.hi-s.lo))
		if err != nil {
			return &DamageError{offset, s.lo, s.hi, err.Error()}
		}
		b.parts = append(b.parts, part{offset, leavesRoot(s, entries)})
		offset = next
	}
	if offset != b.size {
		return &DamageError{offset, -1, -1, fmt.Sprintf("%d bytes too many", b.size-offset)}
	}
	return nil
}

// compare checks that the log continues the one seen before.
func (b *Bundle) compare(seen *ledger.Checkpoint, grown []growth) error {
	c := b.Checkpoint
	// What the file proves of growth has to be right also when nobody asks for it.
	var at *tlog.Hash
	for _, g := range grown {
		known := hashes{}
		known.add(g.size, c.Size, g.left, g.right)
		root, err := known.root(span{0, c.Size}, nil)
		if err != nil || root != c.Root {
			return &DamageError{0, -1, -1, fmt.Sprintf("the proof of growth from size %d is wrong", g.size)}
		}
		if seen != nil && g.size == seen.Size {
			old, err := known.root(span{0, g.size}, nil)
			if err != nil {
				return err
			}
			at = &old
		}
	}
	switch {
	case seen == nil:
		return nil
	case seen.Origin != c.Origin:
		return fmt.Errorf("audit: open: checkpoint of log %s, seen was one of %s: %w", c.Origin, seen.Origin, ledger.ErrProof)
	case at != nil:
	case seen.Size == 0 || b.First <= seen.Size && seen.Size <= b.Next || seen.Size == c.Size:
		old, err := b.root(seen.Size)
		if err != nil {
			return err
		}
		at = &old
	default:
		return ErrNotCovered
	}
	if *at != seen.Root {
		return &ForkError{Seen: seen, New: c, Root: *at}
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
	return func(s span) (hash tlog.Hash, ok bool, err error) {
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
	return func(yield func(ledger.Record, error) bool) {
		r := &partReader{file: b.file, size: b.size}
		for i := range b.parts {
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
// tools of others check: what goes beside a finding. An index outside of the range is an error that matches
// ledger.ErrNotFound.
func (b *Bundle) Prove(index int64) ([]byte, error) {
	if index < b.First || index >= b.Next {
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

// Events returns the records as events, as [trace.DecodeRecords] has it.
func (b *Bundle) Events(ctx context.Context) iter.Seq2[trace.Recorded, error] {
	return trace.DecodeRecords(b.Records(ctx))
}
