package audit

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// A file is a head and then a part for each bundle of 256 records, cut where the entry bundles of C2SP tlog-tiles are:
// the first and the last part may have fewer.
const partSize = 256

// partHeader is in front of the head and of each part: the length of what follows, and the CRC-32C of length and
// content, four bytes each, big endian.
const partHeader = 8

// Bounds for what is read, so that a file cannot ask for more memory than a part may need.
const (
	maxHead   = 8 << 20
	maxPart   = partSize * (2 + 65535)
	maxPacked = maxPart + maxPart/1000 + 64 // deflate adds five bytes to a block that it cannot pack
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func partSum(length, body []byte) uint32 {
	return crc32.Update(crc32.Checksum(length, castagnoli), castagnoli, body)
}

func writePart(w io.Writer, body []byte) error {
	var header [partHeader]byte
	binary.BigEndian.PutUint32(header[:], uint32(len(body)))
	binary.BigEndian.PutUint32(header[4:], partSum(header[:4], body))
	if _, err := w.Write(header[:]); err != nil {
		return err
	}
	_, err := w.Write(body)
	return err
}

// partReader reads parts of a file one after the other in the same memory.
type partReader struct {
	file    io.ReaderAt
	size    int64 // of the file
	body    []byte
	packed  bytes.Reader
	inflate io.ReadCloser
	raw     bytes.Buffer
	entries [][]byte
}

// content returns the content of the part at an offset. It is valid until the next call.
func (r *partReader) content(offset int64, limit int) ([]byte, error) {
	var header [partHeader]byte
	if r.size-offset < partHeader {
		return nil, fmt.Errorf("the file ends here")
	}
	if _, err := r.file.ReadAt(header[:], offset); err != nil {
		return nil, err
	}
	n := int64(binary.BigEndian.Uint32(header[:]))
	if n > int64(limit) {
		return nil, fmt.Errorf("a part of %d bytes", n)
	}
	if n > r.size-offset-partHeader {
		return nil, fmt.Errorf("the file ends in the middle of a part of %d bytes", n)
	}
	if int64(cap(r.body)) < n {
		r.body = make([]byte, n)
	}
	r.body = r.body[:n]
	if _, err := r.file.ReadAt(r.body, offset+partHeader); err != nil && !(err == io.EOF && n == 0) {
		return nil, err
	}
	if partSum(header[:4], r.body) != binary.BigEndian.Uint32(header[4:]) {
		return nil, fmt.Errorf("wrong checksum")
	}
	return r.body, nil
}

// records returns the n entries of the part at an offset, and where the next part begins. They are valid until the next
// call.
func (r *partReader) records(offset int64, n int) (entries [][]byte, next int64, err error) {
	raw, next, err := r.unpacked(offset)
	if err == nil {
		err = r.split(raw, n)
	}
	if err != nil {
		return nil, 0, err
	}
	return r.entries, next, nil
}

// unpacked returns the content of the part at an offset, decompressed, and where the next part begins. It is valid until
// the next call.
func (r *partReader) unpacked(offset int64) (raw []byte, next int64, err error) {
	body, err := r.content(offset, maxPacked)
	if err != nil {
		return nil, 0, err
	}
	next = offset + partHeader + int64(len(body))
	r.packed.Reset(body)
	if r.inflate == nil {
		r.inflate = flate.NewReader(&r.packed)
	} else if err := r.inflate.(flate.Resetter).Reset(&r.packed, nil); err != nil {
		return nil, 0, err
	}
	r.raw.Reset()
	if _, err := r.raw.ReadFrom(io.LimitReader(r.inflate, maxPart+1)); err != nil {
		return nil, 0, fmt.Errorf("compression: %w", err)
	}
	if r.packed.Len() > 0 {
		return nil, 0, fmt.Errorf("%d bytes too many behind the compressed records", r.packed.Len())
	}
	return r.raw.Bytes(), next, nil
}

// split cuts n entries apart, which are all that there is.
func (r *partReader) split(raw []byte, n int) error {
	r.entries = r.entries[:0]
	for range n {
		if len(raw) < 2 || len(raw)-2 < int(binary.BigEndian.Uint16(raw)) {
			return fmt.Errorf("%d records where %d should be", len(r.entries), n)
		}
		end := 2 + int(binary.BigEndian.Uint16(raw))
		r.entries = append(r.entries, raw[2:end:end])
		raw = raw[end:]
	}
	if len(raw) > 0 {
		return fmt.Errorf("more than %d records", n)
	}
	return nil
}

// leavesRoot returns the hash of a span whose leaves are the entries.
func leavesRoot(s span, entries [][]byte) tlog.Hash {
	if s.hi-s.lo == 1 {
		return tlog.RecordHash(entries[0])
	}
	k := s.cut()
	return tlog.NodeHash(leavesRoot(span{s.lo, k}, entries[:k-s.lo]), leavesRoot(span{k, s.hi}, entries[k-s.lo:]))
}
