package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Target is where Export writes: a directory ([Dir]), or a bucket behind the
// same two methods. Names have slashes.
type Target interface {
	// ReadFile returns a file, or an error that matches fs.ErrNotExist.
	ReadFile(name string) ([]byte, error)
	// WriteFile writes a file, and the directories above it. The file is
	// there whole or not at all.
	WriteFile(name string, data []byte) error
}

// Dir is a [Target] in a directory of the operating system.
type Dir string

// ReadFile implements [Target].
func (d Dir) ReadFile(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(d), filepath.FromSlash(name)))
}

// WriteFile implements [Target]: it writes a temporary file, syncs it and
// renames it.
func (d Dir) WriteFile(name string, data []byte) error {
	path := filepath.Join(string(d), filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Export writes the ledger as a C2SP tlog-tiles directory: entry bundles,
// tiles and a checkpoint, which is written last and returned. What an export
// of before wrote is read from the checkpoint in the target and not written
// again. Appends can go on; the export is the state of one moment, and so a
// backup: [Ledger.Import] reads it back. Every entry is verified on its way.
//
// Of a damaged ledger that was opened with [Options.ReadOnly], what precedes
// the damage is exported with a checkpoint of that size, and after it the
// bundles that are whole. The checkpoint is returned together with an error
// that names all damage.
func (l *Ledger) Export(ctx context.Context, to Target) (*Checkpoint, error) {
	c, err := l.export(ctx, to)
	if err == nil && l.view != nil {
		err = l.exportRest(ctx, to, c)
	}
	if err != nil {
		return c, fmt.Errorf("ledger: export: %w", err)
	}
	return c, nil
}

func (l *Ledger) export(ctx context.Context, to Target) (*Checkpoint, error) {
	c, err := l.exportPoint(ctx)
	if err != nil {
		return nil, err
	}
	from, err := l.exported(ctx, to)
	if err != nil {
		return nil, err
	}
	if from > c.Size {
		return nil, fmt.Errorf("the target holds %d entries, more than the %d that are whole here", from, c.Size)
	}
	for bundle := from / bundleSize; bundle*bundleSize < c.Size; bundle++ {
		width := min(bundleSize, c.Size-bundle*bundleSize)
		data, err := l.bundleText(ctx, bundle, width)
		if err != nil {
			return nil, err
		}
		if err := to.WriteFile(tilePath("entries", bundle, width), data); err != nil {
			return nil, err
		}
	}
	for level := 0; c.Size>>(tileHeight*level) > 0; level++ {
		count := c.Size >> (tileHeight * level)
		for n := from >> (tileHeight * (level + 1)); n*tileWidth < count; n++ {
			width := min(tileWidth, count-n*tileWidth)
			data, err := l.tileText(ctx, level, n, width)
			if err != nil {
				return nil, err
			}
			if err := to.WriteFile(tilePath(strconv.Itoa(level), n, width), data); err != nil {
				return nil, err
			}
		}
	}
	if err := to.WriteFile("checkpoint", c.Note); err != nil {
		return nil, err
	}
	return c, nil
}

// exportPoint is the checkpoint of an export: the head, or before the first
// damage.
func (l *Ledger) exportPoint(ctx context.Context) (*Checkpoint, error) {
	size := l.Size()
	if l.view == nil || l.view.whole(size) == size {
		return l.Checkpoint(ctx)
	}
	size = l.view.whole(size)
	root, err := l.RootAt(ctx, size)
	if err != nil {
		return nil, err
	}
	return l.sign(size, root)
}

// exportRest writes the bundles behind the checkpoint that are whole, and
// returns all damage.
func (l *Ledger) exportRest(ctx context.Context, to Target, c *Checkpoint) error {
	size := l.Size()
	for bundle := (c.Size + bundleSize - 1) / bundleSize; bundle*bundleSize < size; bundle++ {
		width := min(bundleSize, size-bundle*bundleSize)
		data, err := l.bundleText(ctx, bundle, width)
		if errors.Is(err, ErrCorrupt) {
			continue
		}
		if err == nil {
			err = to.WriteFile(tilePath("entries", bundle, width), data)
		}
		if err != nil {
			return err
		}
	}
	return l.view.all()
}

// exported returns the size of the log that the target holds already.
func (l *Ledger) exported(ctx context.Context, to Target) (int64, error) {
	text, err := to.ReadFile("checkpoint")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	c, _, err := parseCheckpoint(text)
	if err != nil {
		return 0, fmt.Errorf("checkpoint in the target: %w", err)
	}
	root, err := l.RootAt(ctx, c.Size)
	if err != nil || root != c.Root || c.Origin != l.Origin() {
		return 0, fmt.Errorf("the target holds another log, or a later state of this one: %q of size %d", c.Origin, c.Size)
	}
	return c.Size, nil
}

// tilePath is the path of a tile or an entry bundle: C2SP tlog-tiles, with
// the number in groups of three digits.
func tilePath(kind string, n, width int64) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	path = "tile/" + kind + "/" + path
	if width < tileWidth {
		path += fmt.Sprintf(".p/%d", width)
	}
	return path
}

// bundleText is an entry bundle: each entry after its length in two bytes.
func (l *Ledger) bundleText(ctx context.Context, bundle, width int64) ([]byte, error) {
	var out []byte
	first := bundle * bundleSize
	l.mu.RLock()
	applied := l.chunks[0].first
	l.mu.RUnlock()
	if first+width <= applied && width == bundleSize {
		_, entries, err := l.wholeBundle(ctx, bundle)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			out = appendEntry(out, e)
		}
		return out, nil
	}
	for i := range width {
		r, err := l.read(ctx, first+i)
		if err != nil {
			return nil, err
		}
		out = appendEntry(out, r.Data)
	}
	return out, nil
}

// wholeBundle reads and verifies the block of an applied bundle.
func (l *Ledger) wholeBundle(ctx context.Context, bundle int64) (raw []byte, entries [][]byte, err error) {
	at, err := l.pointer(ctx, bundle)
	if err != nil {
		return nil, nil, err
	}
	root, err := l.subtree(ctx, tileHeight, bundle)
	if err != nil {
		return nil, nil, err
	}
	raw, entries, _, _, err = l.loadBlock(at, bundle, root)
	return raw, entries, err
}

// tileText is a tile: its hashes one after the other.
func (l *Ledger) tileText(ctx context.Context, level int, n, width int64) ([]byte, error) {
	out := make([]byte, 0, width*hashSize)
	if level > 0 && width == tileWidth {
		// Whole tiles come out of the store, or the right edge, as one piece.
		if t, err := l.tile(ctx, level, n); err == nil {
			for _, h := range t[:tileWidth] {
				out = append(out, h[:]...)
			}
			return out, nil
		}
	}
	for i := range width {
		h, err := l.subtree(ctx, level*tileHeight, n*tileWidth+i)
		if err != nil {
			return nil, err
		}
		out = append(out, h[:]...)
	}
	return out, nil
}
