package audit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/dauvet/dauvet/ledger"
	"golang.org/x/mod/sumdb/tlog"
)

// ExportTiles writes the evidence of a whole log that is stored as a C2SP tlog-tiles directory: on a stick, or in a mirror
// (mirror.Mirror.Tiles). It is what [Export] of the ledger writes under the same checkpoint. The checkpoint must be signed by
// one of the keys; the records are not verified, which is for [Open].
func ExportTiles(ctx context.Context, w io.Writer, from fs.FS, keys []Key) (*ledger.Checkpoint, error) {
	c, err := exportTiles(ctx, w, from, keys)
	if err != nil {
		return nil, fmt.Errorf("audit: export tiles: %w", err)
	}
	return c, nil
}

func exportTiles(ctx context.Context, w io.Writer, from fs.FS, keys []Key) (*ledger.Checkpoint, error) {
	text, err := readFile(from, "checkpoint", maxHead)
	if err != nil {
		return nil, err
	}
	c, _, err := VerifyCheckpoint(text, keys)
	if err != nil {
		return nil, err
	}
	h := &head{next: c.Size, note: text}
	for _, k := range keys {
		if _, _, err := VerifyCheckpoint(text, []Key{k}); err == nil {
			h.key = k.Verifier
			break
		}
	}
	if err := writePart(w, h.text()); err != nil {
		return nil, err
	}
	p, err := newPacker(w)
	if err != nil {
		return nil, err
	}
	for first := int64(0); first < c.Size; first += partSize {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		raw, err := readFile(from, bundlePath(first/partSize, min(partSize, c.Size-first)), maxPart)
		if err != nil {
			return nil, err
		}
		if err := p.write(raw); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// bundlePath is the path of an entry bundle in a C2SP tlog-tiles directory.
func bundlePath(number, width int64) string {
	path := tlog.Tile{H: 8, L: -1, N: number, W: int(width)}.Path()
	return "tile/entries/" + strings.TrimPrefix(path, "tile/8/data/")
}

// readFile reads a file that is not longer than most.
func readFile(from fs.FS, name string, most int64) ([]byte, error) {
	f, err := from.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = errors.New("too long")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}
