package audit

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/dauvet/dauvet/ledger"
)

// ExportOptions say what is exported. Nil and the zero value export the whole ledger.
type ExportOptions struct {
	// First and Next are the range of records, from First on and without Next. [Period] finds those of a month. Next 0:
	// all that there are.
	First, Next int64
	// Seen are sizes of checkpoints that the inspector has: growth since each of them is proven. Sizes within the range
	// need not be named.
	Seen []int64
	// Bare leaves out the opening: what was before First is then only hashes.
	Bare bool
}

// ErrRange is returned by [Export] for a range, or a size seen, that the ledger does not have.
var ErrRange = errors.New("ledger does not have the range")

// Export writes the evidence of a ledger: the records of the range, what proves them, and a fresh checkpoint, which it
// returns. Records are verified on their way; those that are appended meanwhile are not in it. When it fails, what was
// written is of no use.
func Export(ctx context.Context, w io.Writer, l *ledger.Ledger, opts *ExportOptions) (*ledger.Checkpoint, error) {
	if opts == nil {
		opts = &ExportOptions{}
	}
	c, err := l.Checkpoint(ctx)
	if err != nil {
		return nil, fmt.Errorf("audit: export: %w", err)
	}
	var o *opening
	if opts.First > 0 && opts.First <= c.Size && !opts.Bare {
		next := opts.Next
		if next == 0 {
			next = c.Size
		}
		if o, err = choose(ctx, l, opts.First, min(next, c.Size)); err != nil {
			return nil, fmt.Errorf("audit: export: %w", err)
		}
	}
	h, err := newHead(ctx, l, c, o, opts)
	if err != nil {
		return nil, fmt.Errorf("audit: export: %w", err)
	}
	if err := writePart(w, h.text()); err != nil {
		return nil, fmt.Errorf("audit: export: %w", err)
	}
	if o != nil {
		if err := o.write(ctx, w, l, h.before, c.Size); err != nil {
			return nil, fmt.Errorf("audit: export: opening: %w", err)
		}
	}
	if err := writeRecords(ctx, w, l, h.first, h.next); err != nil {
		return nil, fmt.Errorf("audit: export: %w", err)
	}
	return c, nil
}

// newHead collects what proves the range, and growth since the sizes seen.
func newHead(ctx context.Context, l *ledger.Ledger, c *ledger.Checkpoint, o *opening, opts *ExportOptions) (*head, error) {
	h := &head{key: l.VerifierKey(), first: opts.First, next: opts.Next, note: c.Note}
	if h.next == 0 {
		h.next = c.Size
	}
	if h.first < 0 || h.first > h.next || h.next > c.Size {
		return nil, fmt.Errorf("%w: records %d to %d of %d", ErrRange, h.first, h.next-1, c.Size)
	}
	r := l.HashReader(ctx)
	if o != nil {
		h.opening, h.before = true, o.bundles()
	}
	left := gaps(h.first, c.Size, h.marked)
	_, right := edge(h.next, c.Size)
	var err error
	if h.left, err = stored(r, left); err != nil {
		return nil, err
	}
	if h.right, err = stored(r, right); err != nil {
		return nil, err
	}
	seen := slices.Clone(opts.Seen)
	slices.Sort(seen)
	for _, size := range slices.Compact(seen) {
		if size < 0 || size > c.Size {
			return nil, fmt.Errorf("%w: checkpoint seen of size %d, now %d", ErrRange, size, c.Size)
		}
		if size == 0 || h.first <= size && size <= h.next {
			continue // what is there proves it
		}
		g := growth{size: size}
		left, right := edge(size, c.Size)
		if g.left, err = stored(r, left); err != nil {
			return nil, err
		}
		if g.right, err = stored(r, right); err != nil {
			return nil, err
		}
		h.grown = append(h.grown, g)
	}
	return h, nil
}

// writeRecords writes the parts of a range.
func writeRecords(ctx context.Context, w io.Writer, l *ledger.Ledger, first, next int64) error {
	p, err := newPacker(w)
	if err != nil {
		return err
	}
	var entries []byte
	for index := first; index < next; index++ {
		rec, err := l.Read(ctx, index)
		if err != nil {
			return err
		}
		entries = appendEntry(entries, rec.Data)
		if (index+1)%partSize != 0 && index+1 != next {
			continue
		}
		if err := p.write(entries); err != nil {
			return err
		}
		entries = entries[:0]
	}
	return nil
}

func appendEntry(b, data []byte) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(data))), data...)
}

// packer writes compressed parts.
type packer struct {
	w      io.Writer
	z      *flate.Writer
	packed bytes.Buffer
}

func newPacker(w io.Writer) (*packer, error) {
	z, err := flate.NewWriter(nil, flate.DefaultCompression)
	return &packer{w: w, z: z}, err
}

func (p *packer) write(raw []byte) error {
	if len(raw) > maxPart {
		return fmt.Errorf("a part of %d bytes", len(raw))
	}
	p.packed.Reset()
	p.z.Reset(&p.packed)
	if _, err := p.z.Write(raw); err != nil {
		return err
	}
	if err := p.z.Close(); err != nil {
		return err
	}
	return writePart(p.w, p.packed.Bytes())
}
