package mirror

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// What both sides write and read: C2SP tlog-witness, "add-checkpoint", and C2SP tlog-mirror, "add-entries".

const (
	packageSize    = 256 // entries of a package, which begins at a multiple of it
	maxProofHashes = 63
	maxPackages    = 32 // of a request, as the text recommends
	maxEntry       = 1<<16 - 1
	maxOrigin      = 255
)

// checkpointRequest is the body of add-checkpoint: the line "old N", hashes in base64, a line each, an empty line, and the
// checkpoint.
type checkpointRequest struct {
	old   int64
	proof []tlog.Hash
	note  []byte
}

// encode writes the body.
func (q *checkpointRequest) encode() []byte {
	b := fmt.Appendf(nil, "old %d\n", q.old)
	for _, h := range q.proof {
		b = append(base64.StdEncoding.AppendEncode(b, h[:]), '\n')
	}
	return append(append(b, '\n'), q.note...)
}

// parseCheckpointRequest reads the body. The checkpoint is not looked at.
func parseCheckpointRequest(body []byte) (*checkpointRequest, error) {
	line, rest, ok := bytes.Cut(body, []byte("\n"))
	old, ok2 := strings.CutPrefix(string(line), "old ")
	if !ok || !ok2 {
		return nil, errors.New(`no line "old" with the size of before`)
	}
	q := new(checkpointRequest)
	var err error
	if q.old, err = parseSize(old); err != nil {
		return nil, fmt.Errorf("size of before: %w", err)
	}
	for {
		if line, rest, ok = bytes.Cut(rest, []byte("\n")); !ok {
			return nil, errors.New("no empty line behind the proof")
		}
		if len(line) == 0 {
			q.note = rest
			return q, nil
		}
		if len(q.proof) == maxProofHashes {
			return nil, fmt.Errorf("more than %d hashes", maxProofHashes)
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(string(line))
		if err != nil || len(raw) != tlog.HashSize || base64.StdEncoding.EncodeToString(raw) != string(line) {
			return nil, fmt.Errorf("line %d of the proof is not a hash in base64", len(q.proof)+1)
		}
		q.proof = append(q.proof, tlog.Hash(raw))
	}
}

// parseSize reads a number in decimal without sign and leading zeros.
func parseSize(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > maxSize || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("%.40q is not the size of a log", s)
	}
	return n, nil
}

// entriesHeader is what an add-entries body begins with.
type entriesHeader struct {
	origin     string
	start, end uint64 // upload_start, upload_end
	ticket     []byte
}

// encode writes the header.
func (h *entriesHeader) encode() []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(h.origin)))
	b = append(b, h.origin...)
	b = binary.BigEndian.AppendUint64(b, h.start)
	b = binary.BigEndian.AppendUint64(b, h.end)
	b = binary.BigEndian.AppendUint16(b, uint16(len(h.ticket)))
	return append(b, h.ticket...)
}

// readEntriesHeader reads a header.
func readEntriesHeader(r io.Reader) (*entriesHeader, error) {
	sized := func() ([]byte, error) {
		var n [2]byte
		if _, err := io.ReadFull(r, n[:]); err != nil {
			return nil, err
		}
		p := make([]byte, binary.BigEndian.Uint16(n[:]))
		_, err := io.ReadFull(r, p)
		return p, err
	}
	origin, err := sized()
	if err != nil {
		return nil, err
	}
	var sizes [16]byte
	if _, err := io.ReadFull(r, sizes[:]); err != nil {
		return nil, err
	}
	h := &entriesHeader{origin: string(origin), start: binary.BigEndian.Uint64(sizes[:]), end: binary.BigEndian.Uint64(sizes[8:])}
	h.ticket, err = sized()
	return h, err
}

// entryPackage is a part of an upload: entries of one bundle and what proves them.
type entryPackage struct {
	lo         int64 // where the bundle begins: that of the subtree
	start, end int64 // of the entries
	raw        []byte
	leaves     []tlog.Hash // of the entries
	proof      []tlog.Hash
}

// nextPackage is the range of the package at a place of the canonical sequence of an upload.
func nextPackage(at, end int64) entryPackage {
	lo := at &^ (packageSize - 1)
	return entryPackage{lo: lo, start: at, end: min(end, lo+packageSize)}
}

// encode appends the package to b.
func (p *entryPackage) encode(b []byte) []byte {
	b = append(append(b, p.raw...), byte(len(p.proof)))
	for _, h := range p.proof {
		b = append(b, h[:]...)
	}
	return b
}

// add appends an entry to the package.
func (p *entryPackage) add(data []byte) {
	p.raw = append(binary.BigEndian.AppendUint16(p.raw, uint16(len(data))), data...)
	p.leaves = append(p.leaves, tlog.RecordHash(data))
}

// errManyHashes is returned for a package whose number of hashes cannot be.
var errManyHashes = fmt.Errorf("more than %d hashes behind the entries", maxProofHashes)

// read reads entries and proof of the package whose range is given. io.EOF: there is none, the body ended before it. take
// is asked before n more bytes are kept in memory.
func (p *entryPackage) read(r *bufio.Reader, take func(n int) error) error {
	if _, err := r.Peek(1); err != nil {
		return err
	}
	err := p.readEntries(r, take)
	if err == nil {
		err = p.readProof(r)
	}
	return noEOF(err)
}

// readEntries reads the entries of the range.
func (p *entryPackage) readEntries(r io.Reader, take func(n int) error) error {
	for range p.end - p.start {
		var size [2]byte
		if _, err := io.ReadFull(r, size[:]); err != nil {
			return err
		}
		n := int(binary.BigEndian.Uint16(size[:]))
		if take != nil {
			if err := take(2 + n + tlog.HashSize); err != nil {
				return err
			}
		}
		at := len(p.raw) + 2
		p.raw = append(append(p.raw, size[:]...), make([]byte, n)...)
		if _, err := io.ReadFull(r, p.raw[at:]); err != nil {
			return err
		}
		p.leaves = append(p.leaves, tlog.RecordHash(p.raw[at:]))
	}
	return nil
}

// readProof reads the hashes behind them.
func (p *entryPackage) readProof(r *bufio.Reader) error {
	n, err := r.ReadByte()
	if err != nil {
		return err
	}
	if n > maxProofHashes {
		return errManyHashes
	}
	p.proof = make([]tlog.Hash, n)
	for i := range p.proof {
		if _, err := io.ReadFull(r, p.proof[i][:]); err != nil {
			return err
		}
	}
	return nil
}

// skip drops the first n entries.
func (p *entryPackage) skip(n int64) {
	for range n {
		p.raw = p.raw[2+int(binary.BigEndian.Uint16(p.raw)):]
	}
	p.leaves = p.leaves[n:]
	p.start += n
}

// mirrorInfo is what 202 and 409 tell of the mirror: text/x.tlog.mirror-info.
type mirrorInfo struct {
	size   int64 // of a pending checkpoint
	next   int64 // the first entry that is missing
	ticket []byte
}

func (i *mirrorInfo) encode() []byte {
	return fmt.Appendf(nil, "%d\n%d\n%s\n", i.size, i.next, base64.StdEncoding.EncodeToString(i.ticket))
}

func parseMirrorInfo(body []byte) (*mirrorInfo, error) {
	lines := strings.Split(string(body), "\n")
	if len(lines) != 4 || lines[3] != "" {
		return nil, errors.New("not the three lines of a mirror's state")
	}
	size, err := parseSize(lines[0])
	if err != nil {
		return nil, err
	}
	next, err := parseSize(lines[1])
	if err != nil {
		return nil, err
	}
	ticket, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(ticket) > maxEntry {
		return nil, errors.New("ticket is not base64")
	}
	return &mirrorInfo{size, next, ticket}, nil
}
