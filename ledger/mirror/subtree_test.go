package mirror

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
)

// storedHashes is a tree in memory.
type storedHashes []tlog.Hash

func (s storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = s[x]
	}
	return out, nil
}

func makeTree(t *testing.T, n int64) storedHashes {
	t.Helper()
	var s storedHashes
	for i := range n {
		more, err := tlog.StoredHashes(i, fmt.Appendf(nil, "entry %d", i), s)
		if err != nil {
			t.Fatal(err)
		}
		s = append(s, more...)
	}
	return s
}

// TestSubtreeProofs proves every subtree of every tree of up to 70 leaves, and refuses every proof that was changed.
func TestSubtreeProofs(t *testing.T) {
	const n = 70
	tree := makeTree(t, n)
	leaves, err := tree.ReadHashes(leafIndexes(0, n))
	if err != nil {
		t.Fatal(err)
	}
	for size := int64(1); size <= n; size++ {
		root, err := tlog.TreeHash(size, tree)
		if err != nil {
			t.Fatal(err)
		}
		for lo := int64(0); lo < size; lo++ {
			for hi := lo + 1; hi <= size && aligned(lo, hi); hi++ {
				hash := leavesHash(leaves[lo:hi])
				if h, err := rangeHash(lo, hi, tree); err != nil || h != hash {
					t.Fatalf("[%d, %d): hash differs, %v", lo, hi, err)
				}
				proof, err := proveSubtree(nil, lo, hi, 0, size, true, tree)
				if err != nil {
					t.Fatal(err)
				}
				right := func(proof []tlog.Hash, hash tlog.Hash) bool {
					sub, got, err := checkSubtree(proof, lo, hi, size, hash)
					return err == nil && sub == hash && got == root
				}
				if !right(proof, hash) {
					t.Fatalf("[%d, %d) of %d: good proof refused", lo, hi, size)
				}
				wrong := hash
				wrong[5] ^= 1
				if right(proof, wrong) || right(append(slices.Clone(proof), hash), hash) || len(proof) > 0 && right(proof[1:], hash) {
					t.Errorf("[%d, %d) of %d: bad hash or length accepted", lo, hi, size)
				}
				for i := range proof {
					bad := slices.Clone(proof)
					bad[i][31] ^= 0x80
					if right(bad, hash) {
						t.Errorf("[%d, %d) of %d: proof with another hash %d accepted", lo, hi, size, i)
					}
				}
			}
		}
	}
}

func leafIndexes(from, to int64) (x []int64) {
	for i := from; i < to; i++ {
		x = append(x, tlog.StoredHashIndex(0, i))
	}
	return x
}

// aligned reports whether [lo, hi) is a subtree.
func aligned(lo, hi int64) bool {
	power := int64(1)
	for power < hi-lo {
		power *= 2
	}
	return lo%power == 0
}

// TestConsistencyProofs compares the subtrees that begin at 0 with the consistency proofs of tlog.
func TestConsistencyProofs(t *testing.T) {
	const n = 130
	tree := makeTree(t, n)
	for size := int64(1); size <= n; size++ {
		for old := int64(1); old < size; old++ {
			want, err := tlog.ProveTree(size, old, tree)
			if err != nil {
				t.Fatal(err)
			}
			got, err := proveSubtree(nil, 0, old, 0, size, true, tree)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(want, got) {
				t.Fatalf("from %d to %d (-want +got):\n%s", old, size, cmp.Diff([]tlog.Hash(want), got))
			}
		}
	}
}

// TestMerkleTreeExample holds the proofs of the example in C2SP merkle-tree, a tree of 7 entries.
func TestMerkleTreeExample(t *testing.T) {
	tree := makeTree(t, 7)
	at := func(level int, n int64) tlog.Hash { return tree[tlog.StoredHashIndex(level, n)] }
	c, d, g, h, j := at(0, 2), at(0, 3), at(0, 6), at(1, 0), at(1, 2)
	k := at(2, 0)
	l := tlog.NodeHash(j, g)
	for old, want := range map[int64][]tlog.Hash{3: {c, d, h, l}, 4: {l}, 6: {j, g, k}} {
		got, err := proveSubtree(nil, 0, old, 0, 7, true, tree)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("from %d to 7 (-want +got):\n%s", old, diff)
		}
	}
}
