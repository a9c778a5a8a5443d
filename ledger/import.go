package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

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
			tree.push(&h, func(level int, n int64, h *tlog.Hash) {
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
	if err := l.writable(ctx); err != nil {
		return err
	}
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
			records, err := l.append(ctx, entries[:n], nil)
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
	if err == nil {
		err = l.writable(ctx)
	}
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
	raw, have := makeBlock(bundle, entries)
	if have != root || len(raw) != at.length {
		return fmt.Errorf("the export has another bundle")
	}
	return l.applier.mend(at.blockPos, raw)
}
