package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The verifiers accept a text only if it is what its parts encode to: two
// texts that differ are never both proofs of the same, so that a proof can
// be compared, hashed and filed as bytes.

// VerifyCheckpoint checks a signed checkpoint against the verifier keys of
// its log, of which [Ledger.VerifierKey] is one: the name of a key must be
// the origin of the checkpoint, and at least one key must have signed. A
// signature of a given key that is wrong refuses the note; signatures of
// other keys are not looked at. The error matches ErrProof.
func VerifyCheckpoint(text []byte, vkeys ...string) (*Checkpoint, error) {
	c, err := verifyCheckpoint(text, vkeys)
	if err != nil {
		return nil, refuse("checkpoint", err)
	}
	return c, nil
}

func refuse(what string, err error) error {
	return fmt.Errorf("ledger: verify %s: %w: %w", what, ErrProof, err)
}

func verifyCheckpoint(text []byte, vkeys []string) (*Checkpoint, error) {
	c, sigs, err := parseCheckpoint(text)
	if err != nil {
		return nil, err
	}
	if len(vkeys) == 0 {
		return nil, fmt.Errorf("no verifier key given")
	}
	good := 0
	signed := []byte(text[:bytes.LastIndex(text, []byte("\n\n"))+1])
	for _, vkey := range vkeys {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, err
		}
		if v.Name() != c.Origin {
			return nil, fmt.Errorf("checkpoint of log %q, key of %q", c.Origin, v.Name())
		}
		for _, s := range sigs {
			if s.name != v.Name() || s.hash != v.KeyHash() {
				continue
			}
			if !v.Verify(signed, s.sig) {
				return nil, fmt.Errorf("wrong signature of %s", s.name)
			}
			good++
		}
	}
	if good == 0 {
		return nil, fmt.Errorf("no signature of a given key")
	}
	return c, nil
}

// noteSig is a signature line of a signed note.
type noteSig struct {
	name string
	hash uint32
	sig  []byte
}

// maxNoteSigs bounds the work on a note, as golang.org/x/mod/sumdb/note does.
const maxNoteSigs = 100

// parseCheckpoint reads a C2SP tlog-checkpoint in a C2SP signed-note. It
// verifies no signature.
func parseCheckpoint(text []byte) (*Checkpoint, []noteSig, error) {
	if len(text) > 1<<20 || !utf8.Valid(text) {
		return nil, nil, fmt.Errorf("not a signed note")
	}
	for _, b := range text {
		if b < ' ' && b != '\n' {
			return nil, nil, fmt.Errorf("not a signed note: control character")
		}
	}
	// The signatures follow the last empty line.
	at := bytes.LastIndex(text, []byte("\n\n"))
	if at < 0 || text[len(text)-1] != '\n' {
		return nil, nil, fmt.Errorf("not a signed note")
	}
	sigs, err := parseSigs(string(text[at+2:]))
	if err != nil {
		return nil, nil, err
	}
	// Origin, size and root, a line each; extension lines may follow.
	lines := strings.Split(string(text[:at]), "\n")
	if len(lines) < 3 {
		return nil, nil, fmt.Errorf("checkpoint of %d lines", len(lines))
	}
	c := &Checkpoint{Origin: lines[0], Note: bytes.Clone(text)}
	if !validOrigin(c.Origin) {
		return nil, nil, fmt.Errorf("bad origin %q", c.Origin)
	}
	if c.Size, err = parseDecimal(lines[1]); err != nil {
		return nil, nil, fmt.Errorf("bad size: %w", err)
	}
	if c.Root, err = parseHash(lines[2]); err != nil {
		return nil, nil, fmt.Errorf("bad root: %w", err)
	}
	for _, ext := range lines[3:] {
		if ext == "" {
			return nil, nil, fmt.Errorf("empty extension line")
		}
	}
	return c, sigs, nil
}

// parseSigs reads lines "— name base64(hash || signature)".
func parseSigs(text string) ([]noteSig, error) {
	var sigs []noteSig
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "— ")
		name, b64, ok2 := strings.Cut(rest, " ")
		raw, err := parseBase64(b64)
		if !ok || !ok2 || !validOrigin(name) || err != nil || len(raw) < 5 || len(sigs) == maxNoteSigs {
			return nil, fmt.Errorf("bad signature line %q", line)
		}
		sigs = append(sigs, noteSig{name, binary.BigEndian.Uint32(raw), raw[4:]})
	}
	for i, s := range sigs {
		for _, t := range sigs[:i] {
			if s.name == t.name && s.hash == t.hash {
				return nil, fmt.Errorf("two signatures of one key of %s", s.name)
			}
		}
	}
	return sigs, nil
}

// parseBase64 accepts the one encoding of RFC 4648, section 4, that
// re-encodes to s.
func parseBase64(s string) ([]byte, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != s {
		return nil, fmt.Errorf("not canonical base64: %q", s)
	}
	return raw, nil
}

func parseHash(s string) (h tlog.Hash, err error) {
	raw, err := parseBase64(s)
	if err != nil {
		return h, err
	}
	if len(raw) != len(h) {
		return h, fmt.Errorf("hash of %d bytes", len(raw))
	}
	return tlog.Hash(raw), nil
}

// parseDecimal accepts a number without sign and leading zeros.
func parseDecimal(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > maxSize || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("not a canonical number: %q", s)
	}
	return n, nil
}

// maxProofHashes is more than a proof in a tree of 2⁶³ leaves has.
const maxProofHashes = 128

// cutHashes reads lines of hashes up to the empty line.
func cutHashes(text []byte) (hashes []tlog.Hash, rest []byte, err error) {
	for {
		line, rest, ok := bytes.Cut(text, []byte("\n"))
		if !ok {
			return nil, nil, fmt.Errorf("no checkpoint after the hashes")
		}
		if len(line) == 0 {
			return hashes, rest, nil
		}
		if len(hashes) == maxProofHashes {
			return nil, nil, fmt.Errorf("too many hashes")
		}
		h, err := parseHash(string(line))
		if err != nil {
			return nil, nil, err
		}
		hashes = append(hashes, h)
		text = rest
	}
}

// cutLine reads a line that begins with the word.
func cutLine(text []byte, word string) (value string, rest []byte, err error) {
	line, rest, ok := bytes.Cut(text, []byte("\n"))
	v, ok2 := strings.CutPrefix(string(line), word+" ")
	if !ok || !ok2 {
		return "", nil, fmt.Errorf("no line %q", word)
	}
	return v, rest, nil
}

// VerifyInclusion checks that proof, a C2SP tlog-proof text, proves data to
// be an entry of the log with the verifier keys. It returns the index of the
// entry with data, and the checkpoint that is in the proof. A line with
// extra data is checked for its encoding only. The error matches ErrProof.
func VerifyInclusion(proof, data []byte, vkeys ...string) (Record, *Checkpoint, error) {
	index, c, err := verifyInclusion(proof, data, vkeys)
	if err != nil {
		return Record{}, nil, refuse("inclusion", err)
	}
	return Record{Index: index, Data: data}, c, nil
}

func verifyInclusion(proof, data []byte, vkeys []string) (int64, *Checkpoint, error) {
	rest, ok := bytes.CutPrefix(proof, []byte(proofMagic+"\n"))
	if !ok {
		return 0, nil, fmt.Errorf("not a %s", proofMagic)
	}
	if bytes.HasPrefix(rest, []byte("extra ")) {
		var extra string
		var err error
		if extra, rest, err = cutLine(rest, "extra"); err != nil {
			return 0, nil, err
		}
		if _, err := parseBase64(extra); err != nil {
			return 0, nil, err
		}
	}
	value, rest, err := cutLine(rest, "index")
	if err != nil {
		return 0, nil, err
	}
	index, err := parseDecimal(value)
	if err != nil {
		return 0, nil, err
	}
	hashes, text, err := cutHashes(rest)
	if err != nil {
		return 0, nil, err
	}
	c, err := verifyCheckpoint(text, vkeys)
	if err != nil {
		return 0, nil, err
	}
	if index >= c.Size {
		return 0, nil, fmt.Errorf("index %d in a log of %d", index, c.Size)
	}
	if err := tlog.CheckRecord(hashes, c.Size, c.Root, index, tlog.RecordHash(data)); err != nil {
		return 0, nil, err
	}
	return index, c, nil
}

// VerifyConsistency checks that proof, the text of a C2SP tlog-witness
// add-checkpoint request, proves its checkpoint to continue old: every entry
// that old covers is in the new log, in the same place. old was verified
// before. The error matches ErrProof.
func VerifyConsistency(old *Checkpoint, proof []byte, vkeys ...string) (*Checkpoint, error) {
	c, err := verifyConsistency(old, proof, vkeys)
	if err != nil {
		return nil, refuse("consistency", err)
	}
	return c, nil
}

func verifyConsistency(old *Checkpoint, proof []byte, vkeys []string) (*Checkpoint, error) {
	value, rest, err := cutLine(proof, "old")
	if err != nil {
		return nil, err
	}
	size, err := parseDecimal(value)
	if err != nil {
		return nil, err
	}
	if old == nil || size != old.Size {
		return nil, fmt.Errorf("proof from size %d, not from that of the old checkpoint", size)
	}
	hashes, text, err := cutHashes(rest)
	if err != nil {
		return nil, err
	}
	c, err := verifyCheckpoint(text, vkeys)
	if err != nil {
		return nil, err
	}
	switch {
	case c.Origin != old.Origin:
		return nil, fmt.Errorf("checkpoint of log %q, not of %q", c.Origin, old.Origin)
	case size > c.Size:
		return nil, fmt.Errorf("log shrank from %d to %d", size, c.Size)
	case size == 0 || size == c.Size:
		// C2SP tlog-witness: the proof is empty then.
		if len(hashes) > 0 {
			return nil, fmt.Errorf("%d hashes where none are needed", len(hashes))
		}
		if size == 0 && old.Root != emptyRoot {
			return nil, fmt.Errorf("wrong root of the empty log")
		}
		if size == c.Size && old.Root != c.Root {
			return nil, fmt.Errorf("two roots for size %d", size)
		}
	default:
		if err := tlog.CheckTree(hashes, c.Size, c.Root, size, old.Root); err != nil {
			return nil, err
		}
	}
	return c, nil
}
