package mirror

import (
	"errors"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// maxSize bounds sizes and indices, as package ledger does.
const maxSize = 1 << 56

// A subtree [lo, hi) begins at a multiple of the power of two that is not below hi-lo. In a tree it is made up of nodes of
// RFC 6962, the last of which may be one that the tree has filled up since. Its consistency proof is that of
// draft-ietf-plants-merkle-tree-certs, "Subtree Consistency Proofs"; with lo = 0 it is the one of RFC 6962, 2.1.2.

// cut is where RFC 6962, 2.1, cuts a tree of more than one leaf: at the largest power of two below its number of leaves.
func cut(lo, hi int64) int64 {
	return lo + 1<<(bits.Len64(uint64(hi-lo-1))-1)
}

// rangeHash computes the hash of a subtree from what is stored.
func rangeHash(lo, hi int64, r tlog.HashReader) (tlog.Hash, error) {
	if n := hi - lo; n&(n-1) == 0 {
		level := bits.TrailingZeros64(uint64(n))
		h, err := r.ReadHashes([]int64{tlog.StoredHashIndex(level, lo>>level)})
		if err != nil {
			return tlog.Hash{}, err
		}
		return h[0], nil
	}
	k := cut(lo, hi)
	left, err := rangeHash(lo, k, r)
	if err != nil {
		return tlog.Hash{}, err
	}
	right, err := rangeHash(k, hi, r)
	return tlog.NodeHash(left, right), err
}

// proveSubtree appends to proof what proves the subtree [lo, hi) to be in the tree [from, to). known: the verifier has the
// hash of the subtree.
func proveSubtree(proof []tlog.Hash, lo, hi, from, to int64, known bool, r tlog.HashReader) ([]tlog.Hash, error) {
	if lo == from && hi == to {
		if known {
			return proof, nil
		}
		h, err := rangeHash(lo, hi, r)
		return append(proof, h), err
	}
	k := cut(from, to)
	var far [2]int64
	var err error
	switch {
	case hi <= k:
		far = [2]int64{k, to}
		proof, err = proveSubtree(proof, lo, hi, from, k, known, r)
	case k <= lo:
		far = [2]int64{from, k}
		proof, err = proveSubtree(proof, lo, hi, k, to, known, r)
	default: // lo is from: the left part is whole, the verifier does not know the right one
		far = [2]int64{from, k}
		proof, err = proveSubtree(proof, k, hi, k, to, false, r)
	}
	if err != nil {
		return nil, err
	}
	h, err := rangeHash(far[0], far[1], r)
	return append(proof, h), err
}

// errProofLength is returned for a proof with too few or too many hashes.
var errProofLength = errors.New("proof has another number of hashes than it needs")

// checkSubtree computes what the proof says of a subtree [lo, hi) with the hash given and the tree of size leaves: the
// hash of the subtree and that of the tree. The proof is right when they are as expected; when only that of the tree is,
// the tree has another subtree there.
func checkSubtree(proof []tlog.Hash, lo, hi, size int64, hash tlog.Hash) (sub, root tlog.Hash, err error) {
	if lo < 0 || hi <= lo || hi > size {
		return sub, root, errProofLength
	}
	sub, root, rest, err := fold(proof, lo, hi, 0, size, &hash)
	if err == nil && len(rest) > 0 {
		err = errProofLength
	}
	return sub, root, err
}

// fold is the inverse of proveSubtree: it takes the hashes off the end of the proof.
func fold(proof []tlog.Hash, lo, hi, from, to int64, known *tlog.Hash) (sub, root tlog.Hash, rest []tlog.Hash, err error) {
	if known != nil && lo == from && hi == to {
		return *known, *known, proof, nil
	}
	if len(proof) == 0 {
		return sub, root, nil, errProofLength
	}
	last := proof[len(proof)-1]
	proof = proof[:len(proof)-1]
	if lo == from && hi == to {
		return last, last, proof, nil
	}
	k := cut(from, to)
	switch {
	case hi <= k:
		sub, root, rest, err = fold(proof, lo, hi, from, k, known)
		return sub, tlog.NodeHash(root, last), rest, err
	case k <= lo:
		sub, root, rest, err = fold(proof, lo, hi, k, to, known)
		return sub, tlog.NodeHash(last, root), rest, err
	default:
		sub, root, rest, err = fold(proof, k, hi, k, to, nil)
		return tlog.NodeHash(last, sub), tlog.NodeHash(last, root), rest, err
	}
}

// leavesHash is the hash of a subtree from the hashes of its leaves.
func leavesHash(leaves []tlog.Hash) tlog.Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := cut(0, int64(len(leaves)))
	return tlog.NodeHash(leavesHash(leaves[:k]), leavesHash(leaves[k:]))
}
