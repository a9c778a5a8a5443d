package audit

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// span is a range of leaves of a tree of RFC 6962. The spans that have a hash are those into which its section 2.1 cuts
// a tree: at the largest power of two below the number of leaves.
type span struct{ lo, hi int64 }

func (s span) cut() int64 {
	return s.lo + 1<<(bits.Len64(uint64(s.hi-s.lo-1))-1)
}

// edge returns the fewest spans that make up a tree of size leaves on the left of a position, and on its right. Together
// they prove the root, and the left ones alone the root that the tree had when the position was its size.
func edge(at, size int64) (left, right []span) {
	s := span{0, size}
	for s.lo < at && at < s.hi {
		if k := s.cut(); at <= k {
			right = append(right, span{k, s.hi})
			s.hi = k
		} else {
			left = append(left, span{s.lo, k})
			s.lo = k
		}
	}
	// What is left lies on one side. On the left it is a part of the tree of at leaves, cut as that is.
	if s.lo < s.hi {
		if at <= s.lo {
			right = append(right, s)
		} else {
			left = append(left, s)
		}
	}
	return left, right
}

// gaps returns the fewest spans of a tree of size leaves that make up what is on the left of a position and in none of the
// bundles of 256 that are marked. Without any it is the left edge.
func gaps(at, size int64, marked func(span) bool) []span {
	var out []span
	var walk func(span)
	walk = func(s span) {
		switch {
		case s.lo >= at:
		case s.hi <= at && !marked(s):
			out = append(out, s)
		case s.lo/partSize == (s.hi-1)/partSize && marked(s): // what is in the bundle says the rest
		default:
			k := s.cut()
			walk(span{s.lo, k})
			walk(span{k, s.hi})
		}
	}
	if size > 0 {
		walk(span{0, size})
	}
	return out
}

// gapsWithin returns the fewest spans of a tree of size leaves that make up what is in a bundle of 256, on the left of a
// position, and no record of an opening.
func gapsWithin(bundle, at, size int64, has func(int64) bool) []span {
	var out []span
	lo, hi := bundle*partSize, min((bundle+1)*partSize, at)
	var walk func(span)
	walk = func(s span) {
		if s.hi <= lo || hi <= s.lo {
			return
		}
		if lo <= s.lo && s.hi <= hi {
			none := true
			for i := s.lo; i < s.hi && none; i++ {
				none = !has(i)
			}
			if none {
				out = append(out, s)
				return
			}
		}
		if s.hi-s.lo > 1 {
			k := s.cut()
			walk(span{s.lo, k})
			walk(span{k, s.hi})
		}
	}
	walk(span{0, size})
	return out
}

// hashes knows the hashes of some spans.
type hashes map[span]tlog.Hash

// add takes in the edge of a tree at a position; nil leaves a side of it out.
func (h hashes) add(at, size int64, left, right []tlog.Hash) {
	l, r := edge(at, size)
	for i, hash := range left {
		h[l[i]] = hash
	}
	for i, hash := range right {
		h[r[i]] = hash
	}
}

// errUnknown says which leaves had to be known to compute a hash.
type errUnknown span

func (e errUnknown) Error() string {
	return fmt.Sprintf("hashes of records %d to %d are missing", e.lo, e.hi-1)
}

// root computes the hash of a span from those that are known and from what below gives: the hash of a span, or false
// when it has to be cut. Below is nil when there is nothing but what is known.
func (h hashes) root(s span, below func(span) (tlog.Hash, bool, error)) (tlog.Hash, error) {
	if s.lo == s.hi {
		return tlog.TreeHash(0, nil)
	}
	if hash, ok := h[s]; ok {
		return hash, nil
	}
	if below != nil {
		if hash, ok, err := below(s); ok || err != nil {
			return hash, err
		}
	}
	if s.hi-s.lo == 1 {
		return tlog.Hash{}, errUnknown(s)
	}
	k := s.cut()
	left, err := h.root(span{s.lo, k}, below)
	if err != nil {
		return tlog.Hash{}, err
	}
	right, err := h.root(span{k, s.hi}, below)
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.NodeHash(left, right), nil
}

// path returns the inclusion proof of a leaf: RFC 6962, section 2.1.1.
func (h hashes) path(leaf int64, s span, below func(span) (tlog.Hash, bool, error)) (tlog.RecordProof, error) {
	if s.hi-s.lo == 1 {
		return nil, nil
	}
	k := s.cut()
	near, far := span{s.lo, k}, span{k, s.hi}
	if leaf >= k {
		near, far = far, near
	}
	p, err := h.path(leaf, near, below)
	if err != nil {
		return nil, err
	}
	hash, err := h.root(far, below)
	if err != nil {
		return nil, err
	}
	return append(p, hash), nil
}

// stored returns the hashes of spans of the tree that r reads.
func stored(r tlog.HashReader, spans []span) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(spans))
	for i, s := range spans {
		h, err := (hashes{}).root(s, func(s span) (tlog.Hash, bool, error) {
			n := s.hi - s.lo
			if n&(n-1) != 0 {
				return tlog.Hash{}, false, nil
			}
			level := bits.TrailingZeros64(uint64(n))
			got, err := r.ReadHashes([]int64{tlog.StoredHashIndex(level, s.lo>>level)})
			if err != nil {
				return tlog.Hash{}, false, err
			}
			return got[0], true, nil
		})
		if err != nil {
			return nil, err
		}
		out[i] = h
	}
	return out, nil
}
