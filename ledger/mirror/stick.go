package mirror

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/dauvet/dauvet/ledger"
)

// AddTiles takes a log from a C2SP tlog-tiles directory, such as Ledger.Export writes it to a USB stick, by the same steps
// as a push over the line, and refuses the same: only what is new is read, and verified. It returns the checkpoint with the
// cosignatures of witness and mirror; carried back to the shop, Ledger.AddCosignatures takes it.
//
// The error is or wraps a [*RefusedError] when the log is refused, and matches [ErrAhead] when more of it is known here.
func (m *Mirror) AddTiles(ctx context.Context, from fs.FS) (*ledger.Checkpoint, error) {
	end, ok := m.begin()
	if !ok {
		return nil, fmt.Errorf("mirror: add tiles: %w", ledger.ErrClosed)
	}
	defer end()
	c, err := m.addTiles(ctx, from)
	if err != nil {
		return nil, fmt.Errorf("mirror: add tiles: %w", err)
	}
	return c, nil
}

func (m *Mirror) addTiles(ctx context.Context, from fs.FS) (*ledger.Checkpoint, error) {
	text, err := fs.ReadFile(from, "checkpoint")
	if err != nil {
		return nil, err
	}
	c, err := parseNote(text)
	if err != nil {
		return nil, err
	}
	c.Note = ownNote(c)
	p := &push{from: newTilesSource(from, c), c: c, to: directPort{m}}
	if _, r := m.registered(c.Origin); r != nil {
		r.mu.Lock()
		p.next = r.next
		if old := r.latest(); old != nil {
			p.cosigned = old.Size
		}
		r.mu.Unlock()
	}
	witnessed, err := p.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	mirrored, err := p.entries(ctx)
	if err != nil {
		return nil, err
	}
	c.Note = append(append(c.Note, witnessed...), mirrored...)
	return c, nil
}

// directPort is a mirror without a line.
type directPort struct{ m *Mirror }

func (d directPort) post(ctx context.Context, request string, body []byte) (*answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if request == addCheckpoint {
		return d.m.addCheckpoint(body, nil), nil
	}
	return d.m.addEntries(bytes.NewReader(body), nil), nil
}

// tilesSource is a tiles directory as source. Hashes are verified against its checkpoint, entries by the mirror.
type tilesSource struct {
	from fs.FS
	size int64
	tlog.HashReader
}

func newTilesSource(from fs.FS, c *ledger.Checkpoint) *tilesSource {
	s := &tilesSource{from: from, size: c.Size}
	s.HashReader = tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, s)
	return s
}

// Height implements tlog.TileReader: a tile has 256 hashes.
func (s *tilesSource) Height() int { return 8 }

// ReadTiles implements tlog.TileReader.
func (s *tilesSource) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	all := make([][]byte, len(tiles))
	for i, t := range tiles {
		// A tile is there in the width that the checkpoint gives it.
		width := min(packageSize, s.size>>(8*t.L)-t.N*packageSize)
		data, err := s.read(tilePath(strconv.Itoa(t.L), t.N, width))
		if err != nil {
			return nil, err
		}
		if len(data) != int(width)*tlog.HashSize || t.W > int(width) {
			return nil, fmt.Errorf("%s has %d bytes", tilePath(strconv.Itoa(t.L), t.N, width), len(data))
		}
		all[i] = data[:t.W*tlog.HashSize]
	}
	return all, nil
}

// SaveTiles implements tlog.TileReader.
func (s *tilesSource) SaveTiles([]tlog.Tile, [][]byte) {}

// maxFile bounds what is read of a directory that nobody has verified: the largest bundle.
const maxFile = packageSize * (2 + maxEntry)

func (s *tilesSource) read(name string) ([]byte, error) {
	st, err := fs.Stat(s.from, name)
	if err != nil {
		return nil, err
	}
	if st.Size() > maxFile {
		return nil, fmt.Errorf("%s has %d bytes", name, st.Size())
	}
	return fs.ReadFile(s.from, name)
}

func (s *tilesSource) fill(_ context.Context, p *entryPackage) error {
	width := min(packageSize, s.size-p.lo)
	name := tilePath(entriesKind, p.lo/packageSize, width)
	data, err := s.read(name)
	if err != nil {
		return err
	}
	all := entryPackage{lo: p.lo, start: p.lo, end: p.lo + width}
	in := bytes.NewReader(data)
	if err := all.readEntries(in, nil); err != nil || in.Len() > 0 {
		return errors.Join(fmt.Errorf("%s does not hold %d entries", name, width), err)
	}
	all.skip(p.start - p.lo)
	p.raw, p.leaves = all.raw, all.leaves[:p.end-p.start]
	return nil
}
