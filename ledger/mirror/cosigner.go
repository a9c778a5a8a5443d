package mirror

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
)

// cosigner makes the Ed25519 cosignatures of C2SP tlog-cosignature.
type cosigner struct {
	name string
	key  crypto.Signer
	id   [4]byte
	vkey string
}

// cosignatureEd25519 is the type of an Ed25519 key that cosigns.
const cosignatureEd25519 = 0x04

func newCosigner(name string, key crypto.Signer) (*cosigner, error) {
	pub, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("public key of type %T; only Ed25519 is supported", key.Public())
	}
	raw := append([]byte{cosignatureEd25519}, pub...)
	sum := sha256.Sum256(append([]byte(name+"\n"), raw...))
	c := &cosigner{name: name, key: key, id: [4]byte(sum[:4])}
	c.vkey = name + "+" + hex.EncodeToString(c.id[:]) + "+" + base64.StdEncoding.EncodeToString(raw)
	if _, err := ledger.NewWitness(c.vkey); err != nil {
		return nil, err
	}
	return c, nil
}

// sign returns the signature line for the text of a checkpoint: tlog-cosignature, "Ed25519 signed message".
func (c *cosigner) sign(text []byte, now time.Time) ([]byte, error) {
	t := now.Unix()
	sig, err := c.key.Sign(rand.Reader, append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", t), text...), crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("sign as %s: %w", c.name, err)
	}
	raw := binary.BigEndian.AppendUint64(c.id[:], uint64(t))
	return []byte("— " + c.name + " " + base64.StdEncoding.EncodeToString(append(raw, sig...)) + "\n"), nil
}

// openCosigner returns the cosigner of a role: with the key given, or that of the file role.key, which is made when made
// is allowed. An empty name is that of the file, or one made of the key.
func openCosigner(dir, role, name string, key crypto.Signer, fresh bool) (*cosigner, error) {
	if name != "" {
		name += "/" + role
	}
	if key != nil {
		if name == "" {
			name = ownName(key, role)
		}
		return newCosigner(name, key)
	}
	path := filepath.Join(dir, role+".key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !fresh {
			return nil, fmt.Errorf("%s is missing; restore it from its backup", path)
		}
		return makeCosigner(path, role, name)
	}
	if err != nil {
		return nil, err
	}
	stored, priv, err := parseKey(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w; restore it from its backup", path, err)
	}
	if name != "" && name != stored {
		return nil, fmt.Errorf("%s is the key of %s, not of %s", path, stored, name)
	}
	return newCosigner(stored, priv)
}

// ownName is the name of a cosigner that was given none.
func ownName(key crypto.Signer, role string) string {
	pub, _ := key.Public().(ed25519.PublicKey)
	h := sha256.Sum256(pub)
	return "dauvet/" + hex.EncodeToString(h[:8]) + "/" + role
}

// makeCosigner makes a key and its file.
func makeCosigner(path, role, name string) (*cosigner, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = ownName(key, role)
	}
	c, err := newCosigner(name, key)
	if err != nil {
		return nil, err
	}
	text := keyText(name, key)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		os.Remove(path)
		return nil, err
	}
	return c, nil
}

// A key file holds a line that golang.org/x/mod/sumdb/note.NewSigner reads, as that of a ledger does.
func keyText(name string, key ed25519.PrivateKey) string {
	raw := append([]byte{1}, key.Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256(append([]byte(name+"\n"), raw...))
	return fmt.Sprintf("PRIVATE+KEY+%s+%x+%s\n", name, sum[:4], base64.StdEncoding.EncodeToString(append([]byte{1}, key.Seed()...)))
}

func parseKey(text string) (name string, key ed25519.PrivateKey, err error) {
	if _, err := note.NewSigner(strings.TrimSuffix(text, "\n")); err != nil {
		return "", nil, errors.New("not a signer key")
	}
	parts := strings.SplitN(strings.TrimSuffix(text, "\n"), "+", 5)
	if len(parts) != 5 {
		return "", nil, errors.New("not a signer key")
	}
	seed, err := base64.StdEncoding.Strict().DecodeString(parts[4])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return "", nil, errors.New("not a signer key")
	}
	key = ed25519.NewKeyFromSeed(seed[1:])
	if keyText(parts[2], key) != text {
		return "", nil, errors.New("damaged signer key")
	}
	return parts[2], key, nil
}
