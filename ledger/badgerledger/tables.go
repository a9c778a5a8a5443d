package badgerledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/table"
)

// checkTables verifies the checksums of all tables of the MANIFEST, which was
// walked before. Badger does so too when it opens them, but it does it in
// goroutines of its own and believes the lengths in them first: a flipped bit
// there ends the process. Other tables were being written when the process
// was killed; Badger removes them.
func checkTables(path string) error {
	f, err := os.Open(filepath.Join(path, badger.ManifestFilename))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	m, _, err := badger.ReplayManifestFile(f, 0, badger.DefaultOptions(path).WithLogger(nil))
	if err != nil {
		return damage(err)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		id, ok := table.ParseFileID(e.Name())
		if !ok {
			continue
		}
		if _, listed := m.Tables[id]; !listed {
			continue
		}
		p, err := os.ReadFile(filepath.Join(path, e.Name()))
		if err != nil {
			return err
		}
		if err := checkTable(p); err != nil {
			return damage(fmt.Errorf("%s: %w", e.Name(), err))
		}
	}
	return nil
}

var errTable = errors.New("table is damaged")

// cutBack takes n bytes off the end of p.
func cutBack(p []byte, n int) (rest, tail []byte, ok bool) {
	if n < 0 || n > len(p) {
		return nil, nil, false
	}
	return p[:len(p)-n], p[len(p)-n:], true
}

// cutLen takes a length of four bytes, big endian, off the end of p, and then
// as many bytes.
func cutLen(p []byte) (rest, tail []byte, ok bool) {
	p, n, ok := cutBack(p, 4)
	if !ok {
		return nil, nil, false
	}
	size := binary.BigEndian.Uint32(n)
	if int64(size) > int64(len(p)) {
		return nil, nil, false
	}
	return cutBack(p, int(size))
}

// checkTable verifies a table of Badger v4 without encryption and
// compression. From its end: length of a checksum, the checksum, length of
// the index, the index it is of. The index has the offsets of the blocks;
// each block ends with a checksum and its length.
func checkTable(p []byte) (err error) {
	// An index with the right checksum that is none was not written by Badger.
	defer func() {
		if recover() != nil {
			err = errTable
		}
	}()
	rest, sum, ok := cutLen(p)
	if !ok {
		return errTable
	}
	want, ok := parseChecksum(sum)
	if !ok {
		return errTable
	}
	rest, index, ok := cutLen(rest)
	if !ok || len(index) < 8 || crc32.Checksum(index, castagnoli) != want {
		return errTable
	}
	// The bytes are what Badger wrote: from here on they can be believed.
	ti := fb.GetRootAsTableIndex(index, 0)
	for i := range ti.OffsetsLength() {
		var at fb.BlockOffset
		if !ti.Offsets(&at, i) || int64(at.Offset())+int64(at.Len()) > int64(len(rest)) {
			return errTable
		}
		if err := checkBlock(rest[at.Offset():][:at.Len()]); err != nil {
			return err
		}
	}
	return nil
}

func checkBlock(p []byte) error {
	data, sum, ok := cutLen(p)
	if !ok {
		return errTable
	}
	want, ok := parseChecksum(sum)
	if !ok || crc32.Checksum(data, castagnoli) != want {
		return errTable
	}
	return nil
}

// parseChecksum reads the protocol buffer message Checksum of Badger: field
// 1 is the algorithm, 0 or absent for CRC-32C, field 2 the sum.
func parseChecksum(p []byte) (sum uint32, ok bool) {
	for len(p) > 0 {
		tag, n := binary.Uvarint(p)
		if n <= 0 {
			return 0, false
		}
		value, m := binary.Uvarint(p[n:])
		if m <= 0 {
			return 0, false
		}
		p = p[n+m:]
		switch {
		case tag == 1<<3 && value == 0:
		case tag == 2<<3 && value < 1<<32:
			sum = uint32(value)
		default:
			return 0, false
		}
	}
	return sum, true
}
