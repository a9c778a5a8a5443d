package mirror

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/dauvet/dauvet/ledger"
)

// Tiles returns a stored log as a C2SP tlog-tiles directory: what ledger.VerifyTiles and Ledger.Repair read. It can be
// used until Close. Directories in it cannot be listed; [Mirror.Export] writes all files. The error matches
// ledger.ErrNotFound for a log of which no checkpoint was ever mirrored.
func (m *Mirror) Tiles(origin string) (fs.FS, error) {
	r := m.stored(originHash(origin))
	if r == nil || r.point() == nil {
		return nil, fmt.Errorf("mirror: tiles of %s: %w", origin, ledger.ErrNotFound)
	}
	return tiles{m, r}, nil
}

// point is the checkpoint of which everything is stored, or nil.
func (r *replica) point() *ledger.Checkpoint {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.mirrored
}

// tiles is a stored log as files.
type tiles struct {
	m *Mirror
	r *replica
}

// Open implements fs.FS.
func (t tiles) Open(name string) (fs.File, error) {
	data, err := t.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return &tileFile{name: path.Base(name), size: int64(len(data)), Reader: bytes.NewReader(data)}, nil
}

// ReadFile implements fs.ReadFileFS.
func (t tiles) ReadFile(name string) ([]byte, error) {
	end, ok := t.m.begin()
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrClosed}
	}
	defer end()
	data, err := t.r.readTile(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return data, nil
}

// readTile returns checkpoint, tile or entry bundle. Of a partial tile any width is there that the log has.
func (r *replica) readTile(name string) ([]byte, error) {
	c := r.point()
	if c == nil {
		return nil, fs.ErrNotExist
	}
	if name == "checkpoint" {
		return c.Note, nil
	}
	kind, n, width, ok := parseTilePath(name)
	if !ok {
		return nil, fs.ErrNotExist
	}
	level := 0
	if kind != entriesKind {
		level, _ = strconv.Atoi(kind)
	}
	if n*packageSize+width > c.Size>>(8*level) {
		return nil, fs.ErrNotExist
	}
	if err := r.acquire(false); err != nil {
		return nil, err
	}
	defer r.release()
	if kind == entriesKind {
		return r.bundle(n, width)
	}
	var indexes []int64
	for i := range width {
		indexes = append(indexes, tlog.StoredHashIndex(8*level, n*packageSize+i))
	}
	hashes, err := r.ReadHashes(indexes)
	if err != nil {
		return nil, r.damaged("hashes", err)
	}
	var data []byte
	for _, h := range hashes {
		data = append(data, h[:]...)
	}
	return data, nil
}

const entriesKind = "entries"

// maxTileLevel is the level of tiles that no log completes.
const maxTileLevel = 7

// tilePath is the path of a tile, or an entry bundle: C2SP tlog-tiles, "Merkle Tree".
func tilePath(kind string, n, width int64) string {
	p := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		p = fmt.Sprintf("x%03d/%s", n%1000, p)
	}
	p = "tile/" + kind + "/" + p
	if width < packageSize {
		p += fmt.Sprintf(".p/%d", width)
	}
	return p
}

// parseTilePath is the inverse of tilePath.
func parseTilePath(name string) (kind string, n, width int64, ok bool) {
	parts := strings.Split(name, "/")
	if len(parts) < 3 || len(parts) > 10 || parts[0] != "tile" {
		return "", 0, 0, false
	}
	kind, width = parts[1], packageSize
	if level, err := strconv.Atoi(kind); kind != entriesKind && (err != nil || level < 0 || level > maxTileLevel || strconv.Itoa(level) != kind) {
		return "", 0, 0, false
	}
	number := parts[2:]
	if last := len(number) - 2; last >= 0 && strings.HasSuffix(number[last], ".p") {
		w, err := strconv.ParseInt(number[last+1], 10, 64)
		if err != nil || w < 1 || w >= packageSize {
			return "", 0, 0, false
		}
		width = w
		number = append(number[:last:last], strings.TrimSuffix(number[last], ".p"))
	}
	for _, part := range number {
		digits := strings.TrimPrefix(part, "x")
		d, err := strconv.ParseInt(digits, 10, 64)
		if err != nil || len(digits) != 3 || d < 0 || n > maxSize/1000/packageSize {
			return "", 0, 0, false
		}
		n = n*1000 + d
	}
	return kind, n, width, tilePath(kind, n, width) == name
}

// Export writes a stored log as a C2SP tlog-tiles directory, as Ledger.Export does: what a shop that lost its computer
// needs. The checkpoint is written last and returned; ledger.VerifyTiles checks the result.
func (m *Mirror) Export(ctx context.Context, origin string, to ledger.Target) (*ledger.Checkpoint, error) {
	from, err := m.Tiles(origin)
	if err != nil {
		return nil, err
	}
	// The checkpoint may move on meanwhile; what is written here is of this one.
	c := from.(tiles).r.point()
	for level := -1; level < 0 || c.Size>>(8*level) > 0; level++ {
		kind := entriesKind
		if level >= 0 {
			kind = strconv.Itoa(level)
		}
		count := c.Size >> (8 * max(level, 0))
		for n := int64(0); n*packageSize < count; n++ {
			if err := ctx.Err(); err != nil {
				return nil, fmt.Errorf("mirror: export %s: %w", origin, err)
			}
			name := tilePath(kind, n, min(packageSize, count-n*packageSize))
			data, err := fs.ReadFile(from, name)
			if err == nil {
				err = to.WriteFile(name, data)
			}
			if err != nil {
				return nil, fmt.Errorf("mirror: export %s: %w", origin, err)
			}
		}
	}
	if err := to.WriteFile("checkpoint", c.Note); err != nil {
		return nil, fmt.Errorf("mirror: export %s: %w", origin, err)
	}
	return c, nil
}

// tileFile is a file in memory.
type tileFile struct {
	name string
	size int64
	*bytes.Reader
}

var _ io.ReadSeeker = (*tileFile)(nil)

func (f *tileFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *tileFile) Close() error               { return nil }
func (f *tileFile) Name() string               { return f.name }
func (f *tileFile) Size() int64                { return f.size }
func (f *tileFile) Mode() fs.FileMode          { return 0o444 }
func (f *tileFile) ModTime() time.Time         { return time.Time{} }
func (f *tileFile) IsDir() bool                { return false }
func (f *tileFile) Sys() any                   { return nil }
