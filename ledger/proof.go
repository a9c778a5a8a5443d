package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// proofMagic is the first line of a C2SP tlog-proof.
const proofMagic = "c2sp.org/tlog-proof@v1"

// ProveInclusion returns the proof that the entry with the index is in the
// log, as a C2SP tlog-proof text that holds a fresh checkpoint, or the one
// that [Ledger.Cosigned] returns when it covers the entry. Its file extension
// is .tlog-proof. [VerifyInclusion] checks it.
func (l *Ledger) ProveInclusion(ctx context.Context, index int64) ([]byte, error) {
	c, err := l.proofPoint(ctx, index)
	if err != nil {
		return nil, err
	}
	if index < 0 || index >= c.Size {
		return nil, fmt.Errorf("ledger: prove entry %d: %w", index, ErrNotFound)
	}
	p, err := tlog.ProveRecord(c.Size, index, l.hashReader(ctx))
	if err != nil {
		return nil, fmt.Errorf("ledger: prove entry %d: %w", index, err)
	}
	return inclusionText(index, p, c.Note), nil
}

// inclusionText is the C2SP tlog-proof without extra data.
func inclusionText(index int64, p tlog.RecordProof, note []byte) []byte {
	var b bytes.Buffer
	b.WriteString(proofMagic + "\nindex " + strconv.FormatInt(index, 10) + "\n")
	writeHashes(&b, p)
	b.WriteString("\n")
	b.Write(note)
	return b.Bytes()
}

func writeHashes(b *bytes.Buffer, hashes []tlog.Hash) {
	for _, h := range hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
}

// ProveConsistency returns the proof that the log of today continues the one
// of oldSize entries: the text of a C2SP tlog-witness add-checkpoint request,
// which holds a fresh checkpoint. [VerifyConsistency] checks it.
func (l *Ledger) ProveConsistency(ctx context.Context, oldSize int64) ([]byte, error) {
	c, err := l.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	if oldSize < 0 || oldSize > c.Size {
		return nil, fmt.Errorf("ledger: prove consistency with size %d of %d: %w", oldSize, c.Size, ErrNotFound)
	}
	var p tlog.TreeProof
	if oldSize > 0 && oldSize < c.Size {
		if p, err = tlog.ProveTree(c.Size, oldSize, l.hashReader(ctx)); err != nil {
			return nil, fmt.Errorf("ledger: prove consistency with size %d: %w", oldSize, err)
		}
	}
	return consistencyText(oldSize, p, c.Note), nil
}

// consistencyText is the body of a C2SP tlog-witness add-checkpoint request.
func consistencyText(oldSize int64, p tlog.TreeProof, note []byte) []byte {
	var b bytes.Buffer
	b.WriteString("old " + strconv.FormatInt(oldSize, 10) + "\n")
	writeHashes(&b, p)
	b.WriteString("\n")
	b.Write(note)
	return b.Bytes()
}

// RootAt returns the root of the tree when it had size entries. The error
// matches ErrNotFound for a size that is negative or above Size.
func (l *Ledger) RootAt(ctx context.Context, size int64) ([32]byte, error) {
	now, root, err := l.acknowledged(ctx)
	switch {
	case err != nil:
	case size < 0 || size > now:
		err = ErrNotFound
	case size == 0:
		root = emptyRoot
	case size < now:
		root, err = tlog.TreeHash(size, l.hashReader(ctx))
	}
	if err != nil {
		return [32]byte{}, fmt.Errorf("ledger: root at size %d: %w", size, err)
	}
	return root, nil
}

// HashReader returns the hashes of the tree as the functions of
// golang.org/x/mod/sumdb/tlog ask for them, for proofs of another shape than
// those of ProveInclusion and ProveConsistency. A hash that covers entries
// beyond Size gives an error that matches ErrNotFound. It can be used by
// several goroutines, until ctx ends.
func (l *Ledger) HashReader(ctx context.Context) tlog.HashReader {
	read := l.hashReader(ctx)
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		count := tlog.StoredHashCount(l.Size())
		for _, x := range indexes {
			if x < 0 || x >= count {
				return nil, fmt.Errorf("ledger: hash %d: %w", x, ErrNotFound)
			}
		}
		hashes, err := read(indexes)
		if err != nil {
			return nil, fmt.Errorf("ledger: read hashes: %w", err)
		}
		return hashes, nil
	})
}
