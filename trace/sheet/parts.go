package sheet

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
)

// parts takes the files of a workbook from the library, which hands them over in no order, and compresses them. They go out in
// the order of their names, without a time. It is an excelize.ZipWriter.
type parts struct {
	list []*part
	open *flate.Writer // of the last, which is being written
}

// part is a file.
type part struct {
	header zip.FileHeader
	data   bytes.Buffer
	to     *flate.Writer
}

// Create begins the next file, and ends the one before.
func (p *parts) Create(name string) (io.Writer, error) {
	if err := p.Close(); err != nil {
		return nil, err
	}
	next := &part{header: zip.FileHeader{Name: name, Method: zip.Deflate}}
	w, err := flate.NewWriter(&next.data, flate.DefaultCompression)
	if err != nil {
		return nil, err
	}
	next.to, p.open, p.list = w, w, append(p.list, next)
	return next, nil
}

// Write compresses what it is given.
func (p *part) Write(data []byte) (int, error) {
	p.header.CRC32 = crc32.Update(p.header.CRC32, crc32.IEEETable, data)
	p.header.UncompressedSize64 += uint64(len(data))
	return p.to.Write(data)
}

// Close ends the last file.
func (p *parts) Close() error {
	if p.open == nil {
		return nil
	}
	err := p.open.Close()
	p.open = nil
	return err
}

// AddFS is asked for by the library's interface; it does not call it.
func (p *parts) AddFS(fs.FS) error { return errors.ErrUnsupported }

// write writes the files as one archive.
func (p *parts) write(w io.Writer) error {
	slices.SortFunc(p.list, func(a, b *part) int { return cmp.Compare(a.header.Name, b.header.Name) })
	z := zip.NewWriter(w)
	for _, f := range p.list {
		f.header.CompressedSize64 = uint64(f.data.Len())
		to, err := z.CreateRaw(&f.header)
		if err != nil {
			return err
		}
		if _, err := f.data.WriteTo(to); err != nil {
			return err
		}
	}
	return z.Close()
}
