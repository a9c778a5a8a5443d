package audit

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"golang.org/x/mod/sumdb/note"
)

// Key is a key that an establishment has registered for its ledger.
type Key struct {
	Verifier string // C2SP verifier key, as Ledger.VerifierKey returns it
	Party    trace.Party
}

// ReadKeys reads a list of registered keys: on each line a C2SP verifier key, a space, and the establishment, a GLN or a
// facility code (mã cơ sở). Empty lines, and lines that begin with "#", are left out. A ledger that was given a new key
// has a line for each; an establishment may have several ledgers. The error names the line.
func ReadKeys(r io.Reader) ([]Key, error) {
	var keys []Key
	owner := make(map[string]trace.Party) // by origin
	in := bufio.NewScanner(r)
	for n := 1; in.Scan(); n++ {
		line := strings.TrimSpace(strings.TrimPrefix(in.Text(), "\ufeff"))
		if line == "" || line[0] == '#' {
			continue
		}
		vkey, party, _ := strings.Cut(line, " ")
		k := Key{vkey, trace.Party(strings.TrimSpace(party))}
		v, err := note.NewVerifier(vkey)
		switch {
		case err != nil:
			return nil, fmt.Errorf("audit: keys: line %d: %w", n, err)
		case k.Party == "":
			return nil, fmt.Errorf("audit: keys: line %d: no establishment behind the key", n)
		case owner[v.Name()] != "" && owner[v.Name()] != k.Party:
			return nil, fmt.Errorf("audit: keys: line %d: ledger %s is that of %s", n, v.Name(), owner[v.Name()])
		}
		owner[v.Name()] = k.Party
		keys = append(keys, k)
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("audit: keys: %w", err)
	}
	return keys, nil
}

// VerifyCheckpoint checks a signed checkpoint against those of the keys that are of its log, and tells whose that is. The
// error matches ledger.ErrProof, also when there is none.
func VerifyCheckpoint(text []byte, keys []Key) (c *ledger.Checkpoint, of trace.Party, err error) {
	origin, _, _ := strings.Cut(string(text), "\n")
	var vkeys []string
	for _, k := range keys {
		if name, _, ok := strings.Cut(k.Verifier, "+"); ok && name == origin {
			vkeys, of = append(vkeys, k.Verifier), k.Party
		}
	}
	if c, err = ledger.VerifyCheckpoint(text, vkeys...); err != nil {
		return nil, "", err
	}
	return c, of, nil
}
