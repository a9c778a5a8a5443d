package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/bits"
)

// The limits of what is given to a [Store]. Every driver takes any batch
// within them.
const (
	MaxKey        = 512       // bytes of a key
	MaxValue      = 128 << 10 // bytes of a value
	MaxBatchKeys  = 4096      // rows of a batch
	MaxBatchBytes = 1 << 20   // bytes of keys and values of a batch
)

// KV is a row of a [Store].
type KV struct{ Key, Value []byte }

// Store keeps rows ordered by key, bytewise. There is one writer; reads come
// from any number of goroutines at any time before Close. Rows are never
// deleted, and a row that is written again has equal bytes. No slice that
// goes in or out is kept or changed by the store.
//
// Package ledgertest tests an implementation.
type Store interface {
	// Get appends the value of key to dst. A missing key gives ErrNotFound.
	Get(ctx context.Context, key, dst []byte) ([]byte, error)
	// Scan calls f for each row with from <= key < to in ascending order and
	// sees every Write that finished before it began. The slices are valid
	// during the call only. An error of f ends the scan and is returned. f
	// calls no method of the store.
	Scan(ctx context.Context, from, to []byte, f func(key, value []byte) error) error
	// Write makes all rows visible, or none. A crash may lose them until
	// Sync has returned.
	Write(ctx context.Context, batch []KV) error
	// Sync returns when all finished Writes survive a loss of power.
	Sync(ctx context.Context) error
	// Close ends all use. It is called once.
	Close() error
}

// Driver opens the store of a ledger.
type Driver interface {
	// Open opens the store of the ledger in dir, and makes it when there is
	// none. It gives an error that matches ErrCorrupt when what it finds is
	// beyond use: the ledger then calls SetAside and Open again, and writes
	// all rows anew from the log.
	Open(dir string) (Store, error)
	// SetAside moves the closed store out of the way and keeps it for
	// inspection.
	SetAside(dir string) error
	// Remove removes the closed store, or what is left of one. It is no
	// error when there is none.
	Remove(dir string) error
}

// Rows of the store. The first byte of a key says what the row is; numbers
// are big endian; every value ends with the CRC-32C of key and value:
//
//	b <bundle u64>                      file u32, offset u64, length u32
//	t <level u8> <tile u64>             256 hashes
//	x <escaped key> 0 1 <n u8> <first>  distances to the entries after the first, uvarint
//	d <16 bytes of SHA-256 of id>       index
//	c <first u64>                       next u64, rows u32
//
// The first index of a key, of n bytes, and that of an id have no more bytes
// than they need. A store with rows from i to m is written anew: i, k and m
// were ids, keys and marks, with indices of eight bytes.
const (
	rowPointer = 'b'
	rowTile    = 't'
	rowKey     = 'x'
	rowID      = 'd'
	rowMark    = 'c'

	oldRows    = 'i'
	oldRowMark = 'm'
	oldRowsEnd = 'n'
)

// appendIndex appends an index in as many bytes as it takes, big endian, none
// for 0.
func appendIndex(dst []byte, index int64) []byte {
	for n := indexLen(index) - 1; n >= 0; n-- {
		dst = append(dst, byte(index>>(8*n)))
	}
	return dst
}

func indexLen(index int64) int { return (bits.Len64(uint64(index)) + 7) / 8 }

// parseIndex is the inverse of appendIndex.
func parseIndex(p []byte) (index int64, ok bool) {
	if len(p) > 8 {
		return 0, false
	}
	for _, b := range p {
		index = index<<8 | int64(b)
	}
	return index, index >= 0 && index <= maxSize && indexLen(index) == len(p)
}

// appendKeyEnd ends the row key of an index key with the first of its entries.
// Order is kept: the shorter index is the lower one.
func appendKeyEnd(dst []byte, first int64) []byte {
	return appendIndex(append(dst, 0, 1, byte(indexLen(first))), first)
}

// parseKeyEnd returns what appendKeyEnd was given.
func parseKeyEnd(key []byte) (first int64, ok bool) {
	for end := false; !end; {
		i := bytes.IndexByte(key, 0)
		if i < 0 || i+2 >= len(key) {
			return 0, false
		}
		end, key = key[i+1] == 1, key[i+2:]
	}
	if int(key[0]) != len(key)-1 {
		return 0, false
	}
	return parseIndex(key[1:])
}

func pointerKey(bundle int64) []byte {
	return binary.BigEndian.AppendUint64([]byte{rowPointer}, uint64(bundle))
}

func tileKey(level int, n int64) []byte {
	return binary.BigEndian.AppendUint64([]byte{rowTile, byte(level)}, uint64(n))
}

func markKey(first int64) []byte {
	return binary.BigEndian.AppendUint64([]byte{rowMark}, uint64(first))
}

// appendEscaped appends key such that order is kept and no escaped key is a
// prefix of another once its end 0 1 is there: 0 becomes 0 255.
func appendEscaped(dst, key []byte) []byte {
	for _, b := range key {
		dst = append(dst, b)
		if b == 0 {
			dst = append(dst, 255)
		}
	}
	return dst
}

// keyPrefix is what all rows of an index key begin with.
func keyPrefix(key []byte) []byte {
	return append(appendEscaped([]byte{rowKey}, key), 0, 1)
}

// after is the least key that no key with the prefix reaches.
func after(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

// unseal returns the value of a row without its checksum, which is its last four bytes.
func unseal(key, sealed []byte) ([]byte, error) {
	n := len(sealed) - 4
	if n < 0 || binary.BigEndian.Uint32(sealed[n:]) != checksum(key, sealed[:n]) {
		return nil, storeDamage("a row does not have its checksum")
	}
	return sealed[:n], nil
}

func storeDamage(reason string) error {
	return &CorruptError{File: "store", Offset: -1, First: -1, Next: -1, Reason: reason + "; the log can rebuild it"}
}

// getRow reads a row; ErrNotFound when there is none.
func getRow(ctx context.Context, s Store, key, dst []byte) ([]byte, error) {
	v, err := s.Get(ctx, key, dst)
	if err != nil {
		return nil, err
	}
	return unseal(key, v[len(dst):])
}

// errStop ends a Scan early.
var errStop = errors.New("stop")
