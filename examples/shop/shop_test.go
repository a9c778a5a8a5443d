package main

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/ledger/mirror"
	"github.com/dauvet/dauvet/trace"
)

// sell records a sale.
func sell(t *testing.T, dir, serial string) {
	t.Helper()
	l, err := badgerledger.Open(dir, &ledger.Options{Index: trace.Index})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	repo, err := trace.Open(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	pack, err := gs1.ParseEPC("https://id.gs1.org/01/08935001000020/21/" + serial)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Record(t.Context(), trace.Hop{Step: trace.Dispensing, By: "79-00123", EPCs: []gs1.EPC{pack}}); err != nil {
		t.Fatal(err)
	}
}

// TestShop pushes over the line, and carries a stick.
func TestShop(t *testing.T) {
	ctx := t.Context()
	base := t.TempDir()
	dir, stick, keys := filepath.Join(base, "ledger"), filepath.Join(base, "stick"), filepath.Join(base, "province.txt")
	sell(t, dir, "A1")
	m, err := mirror.Open(filepath.Join(base, "province"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	server := httptest.NewServer(m.Submission())
	defer server.Close()
	if err := os.WriteFile(keys, []byte("witness "+m.WitnessKey()+"\nmirror "+m.MirrorKey()+"\n"+server.URL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	do := func(c config) (string, error) {
		var out bytes.Buffer
		c.dir = dir
		err := run(ctx, &out, c)
		return out.String(), err
	}
	push := config{url: server.URL, province: keys, once: true}
	var refused *mirror.RefusedError
	if _, err := do(push); !errors.As(err, &refused) || refused.Status != 404 {
		t.Errorf("before the key is registered: %v", err)
	}
	vkey, err := do(config{vkey: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.SetKeys([]string{strings.TrimSpace(vkey)}); err != nil {
		t.Fatal(err)
	}
	if out, err := do(push); err != nil || !strings.HasPrefix(out, "pushed: 1 entries of dauvet/") {
		t.Errorf("%s, %v", out, err)
	}
	sell(t, dir, "A2")
	if out, err := do(config{export: stick}); err != nil || !strings.HasPrefix(out, "exported: 2 entries") {
		t.Errorf("%s, %v", out, err)
	}
	c, err := m.AddTiles(ctx, os.DirFS(stick))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(stick, "cosigned"), c.Note, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := do(config{province: keys, answer: stick}); err != nil || !strings.HasPrefix(out, "cosigned: 2 entries") {
		t.Errorf("%s, %v", out, err)
	}
	// Until interrupted.
	short, stop := context.WithTimeout(ctx, 300*time.Millisecond)
	defer stop()
	if err := run(short, new(bytes.Buffer), config{dir: dir, url: server.URL, province: keys, every: time.Hour}); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	for name, c := range map[string]config{"no address": {}, "no file": {province: base + "/none"}, "bad file": {province: stick + "/checkpoint"}} {
		if out, err := do(c); err == nil {
			t.Errorf("%s: %s", name, out)
		}
	}
}
