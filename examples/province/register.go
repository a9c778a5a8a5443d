package main

import (
	"errors"
	"os"
	"sync"

	"github.com/dauvet/dauvet/ledger/mirror"
	"github.com/dauvet/dauvet/trace/audit"
	"golang.org/x/mod/sumdb/note"
)

// register is the file of registered keys.
type register struct {
	name string

	mu      sync.Mutex
	stat    os.FileInfo       // of what was read
	vkeys   []string          // C2SP verifier keys
	parties map[string]string // who registered a ledger, by origin
}

// read reads the file.
func (r *register) read() error {
	if r.name == "" {
		return errors.New("no file with the registered keys; give it with -keys")
	}
	f, err := os.Open(r.name)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	keys, err := audit.ReadKeys(f)
	if err != nil {
		return err
	}
	var vkeys []string
	parties := make(map[string]string)
	for _, k := range keys {
		v, err := note.NewVerifier(k.Verifier)
		if err != nil {
			return err
		}
		vkeys = append(vkeys, k.Verifier)
		parties[v.Name()] = string(k.Party)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stat, r.vkeys, r.parties = st, vkeys, parties
	return nil
}

// refresh reads the file again when it has changed.
func (r *register) refresh(m *mirror.Mirror) error {
	st, err := os.Stat(r.name)
	if err != nil {
		return err
	}
	if r.stat.ModTime().Equal(st.ModTime()) && r.stat.Size() == st.Size() {
		return nil
	}
	if err := r.read(); err != nil {
		return err
	}
	return m.SetKeys(r.vkeys)
}

// party is who registered a ledger, or empty.
func (r *register) party(origin string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.parties[origin]
}
