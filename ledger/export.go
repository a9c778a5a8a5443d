package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
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
func (l *Ledger) Export(ctx context.Context, to Target) (*Checkpoint, error) {
	c, err := l.export(ctx, to)
	if err != nil {
		return nil, fmt.Errorf("ledger: export: %w", err)
	}
	return c, nil
}

func (l *Ledger) export(ctx context.Context, to Target) (*Checkpoint, error) {
	c, err := l.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	from, err := l.exported(ctx, to)
	if err != nil {
		return nil, err
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
	return c, to.WriteFile("checkpoint", c.Note)
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

// VerifyTiles checks a C2SP tlog-tiles directory: the checkpoint against the
// verifier keys, as [VerifyCheckpoint] does, and every entry and every hash
// of it against the checkpoint. It needs no ledger. The error matches
// ErrProof.
func VerifyTiles(ctx context.Context, from fs.FS, vkeys ...string) (*Checkpoint, error) {
	c, err := verifyTiles(ctx, from, vkeys, nil)
	if err != nil {
		return nil, refuse("tiles", err)
	}
	return c, nil
}

// verifyTiles gives the entries to f, when it is not nil, a bundle at a time
// and before the root is known to be right.
func verifyTiles(ctx context.Context, from fs.FS, vkeys []string, f func([][]byte) error) (*Checkpoint, error) {
	text, err := fs.ReadFile(from, "checkpoint")
	if err != nil {
		return nil, err
	}
	c, err := verifyCheckpoint(text, vkeys)
	if err != nil {
		return nil, err
	}
	var tree frontier
	var tiles [maxTileLevel + 1][]byte
	for tree.n < c.Size {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		width := min(bundleSize, c.Size-tree.n)
		entries, err := readBundle(from, tree.n/bundleSize, width)
		if err != nil {
			return nil, err
		}
		for _, data := range entries {
			h := leafHash(data)
			tiles[0] = append(tiles[0], h[:]...)
			tree.push(h, func(level int, n int64, h tlog.Hash) {
				if level%tileHeight == 0 {
					tiles[level/tileHeight] = append(tiles[level/tileHeight], h[:]...)
				}
			})
		}
		if err := compareTiles(from, &tiles, tree.n, tree.n == c.Size); err != nil {
			return nil, err
		}
		if f != nil {
			if err := f(entries); err != nil {
				return nil, err
			}
		}
	}
	if tree.root() != c.Root {
		return nil, fmt.Errorf("the entries do not have the root of the checkpoint")
	}
	return c, nil
}

// compareTiles compares the tiles that are full, or at the end all, with the
// files, and forgets them.
func compareTiles(from fs.FS, tiles *[maxTileLevel + 1][]byte, size int64, end bool) error {
	for level := range tiles {
		have := tiles[level]
		if len(have) == 0 || len(have) < tileWidth*hashSize && !end {
			continue
		}
		width := int64(len(have) / hashSize)
		n := (size>>(tileHeight*level) - 1) / tileWidth
		path := tilePath(strconv.Itoa(level), n, width)
		want, err := fs.ReadFile(from, path)
		if err != nil {
			return err
		}
		if string(want) != string(have) {
			return fmt.Errorf("%s does not have the hashes of the entries", path)
		}
		tiles[level] = have[:0]
	}
	return nil
}

// readBundle reads the entries of a bundle file.
func readBundle(from fs.FS, bundle, width int64) ([][]byte, error) {
	path := tilePath("entries", bundle, width)
	data, err := fs.ReadFile(from, path)
	if err != nil {
		return nil, err
	}
	entries, ok := splitEntries(data, int(width))
	if !ok {
		return nil, fmt.Errorf("%s does not hold %d entries", path, width)
	}
	return entries, nil
}

// Import fills an empty ledger with the entries of a C2SP tlog-tiles
// directory that [Ledger.Export] wrote, as when a shop moves to another
// computer. All of it is verified first as [VerifyTiles] does, and nothing
// is appended when that fails. The ledger must have the origin of the
// checkpoint: give it in Options when it is made, or put the key file in
// place before. It is not called beside Append.
func (l *Ledger) Import(ctx context.Context, from fs.FS, vkeys ...string) error {
	if err := l.importTiles(ctx, from, vkeys); err != nil {
		return fmt.Errorf("ledger: import: %w", err)
	}
	return nil
}

func (l *Ledger) importTiles(ctx context.Context, from fs.FS, vkeys []string) error {
	size, _, err := l.acknowledged(ctx)
	if err != nil {
		return err
	}
	if size > 0 {
		return fmt.Errorf("the ledger has %d entries already", size)
	}
	c, err := VerifyTiles(ctx, from, vkeys...)
	if err != nil {
		return err
	}
	if c.Origin != l.Origin() {
		return &OptionError{Name: "Origin", Stored: l.Origin(), Given: "an export of " + c.Origin}
	}
	for done := int64(0); done < c.Size; {
		entries, err := readBundle(from, done/bundleSize, min(bundleSize, c.Size-done))
		if err != nil {
			return err
		}
		done += int64(len(entries))
		for len(entries) > 0 {
			n, bytes := 0, 0
			for n < len(entries) && bytes+2+len(entries[n]) <= l.opts.layout.maxBody {
				bytes += 2 + len(entries[n])
				n++
			}
			records, err := l.append(ctx, entries[:n])
			if err != nil {
				return err
			}
			// An id that comes twice would not be appended again.
			if got, want := records[n-1].Index, done-int64(len(entries)-n)-1; got != want {
				return fmt.Errorf("entry %d has the id of another", want)
			}
			entries = entries[n:]
		}
	}
	root, err := l.RootAt(ctx, c.Size)
	if err == nil && root != c.Root {
		err = fmt.Errorf("the directory changed during the import")
	}
	return err
}

// Repair goes through all blocks as Check does and replaces each that is
// damaged beyond repair by its bundle in a C2SP tlog-tiles directory, which
// can be an export or a mirror of this ledger. Nothing is taken that the
// tree of this ledger does not prove. It returns the number of bundles
// replaced.
func (l *Ledger) Repair(ctx context.Context, from fs.FS) (int, error) {
	size, _, err := l.acknowledged(ctx)
	if err != nil {
		return 0, fmt.Errorf("ledger: repair: %w", err)
	}
	l.mu.RLock()
	applied := min(l.chunks[0].first, size)
	l.mu.RUnlock()
	replaced := 0
	for bundle := range applied / bundleSize {
		_, _, err := l.wholeBundle(ctx, bundle)
		if errors.Is(err, ErrCorrupt) {
			err = l.replace(ctx, from, bundle)
			replaced++
		}
		if err != nil {
			return replaced, fmt.Errorf("ledger: repair: bundle %d: %w", bundle, err)
		}
	}
	return replaced, nil
}

// replace writes a block anew from a bundle of an export.
func (l *Ledger) replace(ctx context.Context, from fs.FS, bundle int64) error {
	at, err := l.pointer(ctx, bundle)
	if err != nil {
		return err
	}
	root, err := l.subtree(ctx, tileHeight, bundle)
	if err != nil {
		return err
	}
	entries, err := readBundle(from, bundle, bundleSize)
	if err != nil {
		return err
	}
	var c chunk
	var tree frontier
	for _, data := range entries {
		c.add(&tree, data, leafHash(data), nil, nil)
	}
	raw := appendBlock(nil, bundle, c.recs, c.groups, root)
	if tree.root() != root || len(raw) != at.length {
		return fmt.Errorf("the export has another bundle")
	}
	return l.applier.mend(at.blockPos, raw)
}
