package badgerledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Badger must not open files that are damaged: it cuts its MANIFEST at the
// first record that it cannot read, deletes the tables that are not listed
// then, and reports nothing. So its files are looked at first.
//
// After a close in order there is a file "closed" that lists all the others
// with their sizes, and checksums of those that are not tables. It is removed before Badger opens, so after a
// crash it is missing, and the records of the MANIFEST are walked instead.
// What a crash may have lost in the other files, the marks of the ledger
// tell.
const closedFile = "closed"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkFiles returns an error that matches ledger.ErrCorrupt for files that
// Badger must not open.
func checkFiles(path string) error {
	closed := filepath.Join(path, closedFile)
	want, err := os.ReadFile(closed)
	if errors.Is(err, fs.ErrNotExist) {
		return checkManifest(path)
	}
	if err != nil {
		return err
	}
	have, err := listFiles(path)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, want) {
		return damage(fmt.Errorf("files differ from those of the last close"))
	}
	if err := os.Remove(closed); err != nil {
		return err
	}
	return syncDir(path)
}

// listFiles describes all files but the list itself, a line each.
func listFiles(path string) ([]byte, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("1\n") // version
	for _, e := range entries {
		if e.Name() == closedFile || e.Name() == "LOCK" {
			continue
		}
		st, err := e.Info()
		if err != nil {
			return nil, err
		}
		var sum uint32
		if !strings.HasSuffix(e.Name(), ".sst") {
			data, err := os.ReadFile(filepath.Join(path, e.Name()))
			if err != nil {
				return nil, err
			}
			sum = crc32.Checksum(data, castagnoli)
		}
		fmt.Fprintf(&b, "%s %d %08x\n", e.Name(), st.Size(), sum)
	}
	fmt.Fprintf(&b, "%08x\n", crc32.Checksum(b.Bytes(), castagnoli))
	return b.Bytes(), nil
}

// writeClosed writes the list after Badger has closed its files.
func writeClosed(path string) error {
	list, err := listFiles(path)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(path, closedFile), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(list)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// checkManifest walks the records of a MANIFEST: after 8 bytes of magic,
// each has a length and a CRC-32C, big endian, and the bytes. All of it must
// be there, to the last byte.
func checkManifest(path string) error {
	p, err := os.ReadFile(filepath.Join(path, "MANIFEST"))
	if errors.Is(err, fs.ErrNotExist) {
		return checkNoTables(path)
	}
	if err != nil {
		return err
	}
	if len(p) < 8 || string(p[:4]) != "Bdgr" {
		return damage(fmt.Errorf("MANIFEST does not begin as it should"))
	}
	for at := 8; at < len(p); {
		rest := p[at:]
		if len(rest) < 8 {
			return damage(fmt.Errorf("MANIFEST ends within a record at byte %d", at))
		}
		n := int64(binary.BigEndian.Uint32(rest))
		if n > int64(len(rest)-8) {
			return damage(fmt.Errorf("MANIFEST ends within a record at byte %d", at))
		}
		if crc32.Checksum(rest[8:8+n], castagnoli) != binary.BigEndian.Uint32(rest[4:]) {
			return damage(fmt.Errorf("MANIFEST has a bad record at byte %d", at))
		}
		at += 8 + int(n)
	}
	return nil
}

// checkNoTables accepts a directory without a MANIFEST only when Badger has
// not written to it.
func checkNoTables(path string) error {
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".sst") || strings.HasSuffix(e.Name(), ".mem") {
			return damage(fmt.Errorf("there is %s and no MANIFEST", e.Name()))
		}
	}
	return nil
}

// syncDir makes a removal durable where the system can. Where it cannot, a
// list that comes back after a crash differs from the files, which is safe.
func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	f.Sync()
	return nil
}
