package ledger

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is the head of a log at some size: C2SP tlog-checkpoint.
type Checkpoint struct {
	Origin string   // name of the log
	Size   int64    // number of entries
	Root   [32]byte // RFC 6962 root of the tree of that size
	Note   []byte   // the signed note with all its signatures
}

// Checkpoint signs the head of the tree: it covers every entry that was
// acknowledged before the call. Signers are asked once for each size. The
// cosignatures are there that were added for this size.
func (l *Ledger) Checkpoint(ctx context.Context) (*Checkpoint, error) {
	size, root, err := l.acknowledged(ctx)
	if err != nil {
		return nil, fmt.Errorf("ledger: checkpoint: %w", err)
	}
	l.signMu.Lock()
	defer l.signMu.Unlock()
	if l.cosigned != nil && l.cosigned.Size == size {
		return l.cosigned.clone(), nil
	}
	if l.signed == nil || l.signed.Size != size {
		if l.signed, err = l.sign(size, root); err != nil {
			return nil, fmt.Errorf("ledger: checkpoint: %w", err)
		}
	}
	return l.signed.clone(), nil
}

// sign signs the head of the log at a size.
func (l *Ledger) sign(size int64, root [32]byte) (c *Checkpoint, err error) {
	if l.view != nil && l.view.keyErr != nil {
		return nil, l.view.keyErr
	}
	c = &Checkpoint{Origin: l.Origin(), Size: size, Root: root}
	if c.Note, err = note.Sign(&note.Note{Text: c.text()}, l.signers...); err != nil {
		return nil, err
	}
	return c, nil
}

// text is the signed text: origin, size and root, a line each.
func (c *Checkpoint) text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// signer is a note.Signer around any Ed25519 key.
type signer struct {
	name string
	hash uint32
	key  crypto.Signer
}

func (s *signer) Name() string    { return s.name }
func (s *signer) KeyHash() uint32 { return s.hash }

func (s *signer) Sign(msg []byte) ([]byte, error) {
	return s.key.Sign(rand.Reader, msg, crypto.Hash(0))
}

// newSigner returns the signer and its verifier key.
func newSigner(origin string, key crypto.Signer) (*signer, string, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, "", fmt.Errorf("signer with a public key of type %T; only Ed25519 is supported", key.Public())
	}
	vkey, err := note.NewEd25519VerifierKey(origin, pub)
	if err != nil {
		return nil, "", err
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, "", fmt.Errorf("origin %q: %w", origin, err)
	}
	return &signer{origin, v.KeyHash(), key}, vkey, nil
}

// validOrigin follows C2SP signed-note, which has key names without spaces
// and plus signs.
func validOrigin(s string) bool {
	return s != "" && len(s) <= 255 && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsSpace) && !strings.Contains(s, "+")
}

// ownOrigin is the origin of a ledger that was given none.
func ownOrigin(pub ed25519.PublicKey) string {
	h := sha256.Sum256(pub)
	return "dauvet/" + hex.EncodeToString(h[:8])
}

// The key file holds the text of a note signer key, the same that
// golang.org/x/mod/sumdb/note.NewSigner reads: a name, which is that of the
// log when it was made, and a seed of 32 bytes.
const keyFile = "key"

// errTornKey says that a key file was never finished.
var errTornKey error = &CorruptError{File: keyFile, Offset: -1, First: -1, Next: -1, Reason: "no whole line; restore it from its backup"}

// loadKey returns the key of the directory and its name, or nil when there is
// none.
func loadKey(dir layer) (key ed25519.PrivateKey, name string, err error) {
	f, err := dir.open(keyFile, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	buf := make([]byte, 1024)
	n, err := f.ReadAt(buf, 0)
	if err != nil && err != io.EOF {
		return nil, "", err
	}
	text, whole := strings.CutSuffix(string(buf[:n]), "\n")
	if !whole {
		return nil, "", errTornKey
	}
	bad := &CorruptError{File: keyFile, Offset: 0, First: -1, Next: -1, Reason: "not a signer key; restore it from its backup"}
	if _, err := note.NewSigner(text); err != nil {
		return nil, "", bad
	}
	i := strings.LastIndexByte(text, '+')
	// The name and base64 of this key can contain plus signs; the five parts
	// before the last are fixed.
	parts := strings.SplitN(text, "+", 5)
	if i < 0 || len(parts) != 5 {
		return nil, "", bad
	}
	seed, err := base64.StdEncoding.Strict().DecodeString(parts[4])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return nil, "", bad
	}
	key = ed25519.NewKeyFromSeed(seed[1:])
	if checkKeyText(text, parts[2], key) != nil {
		return nil, "", bad
	}
	return key, parts[2], nil
}

// checkKeyText compares the text with what saveKey would write: the key hash
// alone does not tell all damage to the seed.
func checkKeyText(text, name string, key ed25519.PrivateKey) error {
	if want, err := keyText(name, key); err != nil || want != text {
		return errors.New("key text is not canonical")
	}
	return nil
}

func keyText(name string, key ed25519.PrivateKey) (string, error) {
	s, _, err := newSigner(name, key)
	if err != nil {
		return "", err
	}
	seed := append([]byte{1}, key.Seed()...)
	var hash [4]byte
	binary.BigEndian.PutUint32(hash[:], s.hash)
	return "PRIVATE+KEY+" + name + "+" + hex.EncodeToString(hash[:]) + "+" + base64.StdEncoding.EncodeToString(seed), nil
}

// saveKey writes a new key file.
func saveKey(dir layer, name string, key ed25519.PrivateKey) error {
	text, err := keyText(name, key)
	if err != nil {
		return err
	}
	f, err := dir.open(keyFile, true)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte(text+"\n"), 0); err != nil {
		return err
	}
	return f.Sync()
}
