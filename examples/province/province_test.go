package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
)

// shop makes a ledger with n entries.
func shop(t *testing.T, origin string, n int) *ledger.Ledger {
	t.Helper()
	l, err := ledger.OpenMemory(&ledger.Options{Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for i := range n {
		if _, err := l.Append(t.Context(), fmt.Appendf(nil, "entry %d", i)); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("%s: %d, %v", url, res.StatusCode, err)
	}
	return string(text)
}

// TestProvince starts the program, pushes to it, and reads its page.
func TestProvince(t *testing.T) {
	dir := t.TempDir()
	a, b := shop(t, "example.com/a", 300), shop(t, "example.com/b", 1)
	keys := filepath.Join(dir, "keys.txt")
	if err := os.WriteFile(keys, []byte(a.VerifierKey()+" 79-00123\n"+b.VerifierKey()+" 79-00124\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	addr := make(chan string, 1)
	ended := make(chan error, 1)
	var stdout, stderr bytes.Buffer
	c := config{dir: filepath.Join(dir, "province"), keys: keys, name: "province.example", listen: "127.0.0.1:0", monitor: true}
	go func() { ended <- run(ctx, &stdout, &stderr, c, func(a string) { addr <- a }) }()
	var url string
	select {
	case a := <-addr:
		url = "http://" + a
	case err := <-ended:
		t.Fatal(err)
	}
	if _, err := mirror.NewClient(a, url, nil).Push(t.Context()); err != nil {
		t.Fatal(err)
	}
	var refused *mirror.RefusedError
	if _, err := mirror.NewClient(shop(t, "example.com/stranger", 1), url, nil).Push(t.Context()); !errors.As(err, &refused) || refused.Status != 404 {
		t.Errorf("a stranger: %v", err)
	}
	for lang, want := range map[string][]string{
		"vi": {`<html lang="vi">`, "Sổ cái của các cơ sở", "<td>79-00123</td><td>example.com/a</td>", `<td class="n">300</td><td class="n">300</td>`, "Bình thường", "Chưa gửi lần nào", "province.example/witness&#43;"},
		"en": {`<html lang="en">`, "Ledgers of the establishments", "<li><b>2</b>Registered</li>", "<li><b>1</b>Reporting</li>", "Never reported", "In order"},
	} {
		text := get(t, url+"/?lang="+lang)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", lang, w, text)
			}
		}
		for _, not := range []string{"<script", "http://", "https://", "stranger", "no value"} {
			if strings.Contains(text, not) {
				t.Errorf("%s: %q in the page", lang, not)
			}
		}
	}
	hash := fmt.Sprintf("%x", sha256.Sum256([]byte("example.com/a")))
	if !strings.HasPrefix(get(t, url+"/log/"+hash+"/checkpoint"), "example.com/a\n300\n") {
		t.Error("the stored ledger is not served")
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if want := "witness province.example/witness+"; !strings.HasPrefix(stdout.String(), want) {
		t.Errorf("printed %s", stdout.String())
	}
	// A stick for the other one.
	stick := filepath.Join(dir, "stick")
	if _, err := b.Export(t.Context(), ledger.Dir(stick)); err != nil {
		t.Fatal(err)
	}
	stdout.Reset()
	c.stick = stick
	if err := run(t.Context(), &stdout, &stderr, c, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("example.com/b: 1 entries\n", stdout.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text, err := os.ReadFile(filepath.Join(stick, "cosigned")); err != nil || strings.Count(string(text), "— province.example/") != 2 {
		t.Errorf("answer %s, %v", text, err)
	}
}

// TestRegister reads the keys again when they change, and keeps them when they are bad.
func TestRegister(t *testing.T) {
	name := filepath.Join(t.TempDir(), "keys.txt")
	a, b := shop(t, "example.com/a", 1), shop(t, "example.com/b", 1)
	write := func(text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(a.VerifierKey() + " 79-00123\n")
	reg := &register{name: name}
	if err := reg.read(); err != nil {
		t.Fatal(err)
	}
	m, err := mirror.Open(t.TempDir(), &mirror.Options{Keys: reg.vkeys})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	origins := func() (all []string) {
		for _, l := range m.Logs() {
			all = append(all, l.Origin+" "+reg.party(l.Origin))
		}
		return all
	}
	for _, step := range []struct {
		text string
		ok   bool
		want []string
	}{
		{a.VerifierKey() + " 79-00123\n", true, []string{"example.com/a 79-00123"}},
		{a.VerifierKey() + " 79-00123\n" + b.VerifierKey() + " 79-9\n", true, []string{"example.com/a 79-00123", "example.com/b 79-9"}},
		{"no key\n", false, []string{"example.com/a 79-00123", "example.com/b 79-9"}},
		{b.VerifierKey() + " 79-10\n", true, []string{"example.com/b 79-10"}},
	} {
		write(step.text)
		if err := reg.refresh(m); (err == nil) != step.ok {
			t.Errorf("%q: %v", step.text, err)
		}
		if diff := cmp.Diff(step.want, origins()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", step.text, diff)
		}
	}
	if err := run(t.Context(), io.Discard, io.Discard, config{}, nil); err == nil {
		t.Error("without keys: started")
	}
}

// TestDescribe has a ledger of each state, in both languages.
func TestDescribe(t *testing.T) {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	c := func(size int64) *ledger.Checkpoint { return &ledger.Checkpoint{Origin: "example.com/a", Size: size} }
	seen := now.Add(-time.Hour)
	for want, l := range map[string]mirror.Log{
		"ok":           {Registered: true, Cosigned: c(3), Mirrored: c(3), Seen: seen},
		"behind":       {Registered: true, Cosigned: c(4), Mirrored: c(3), Seen: seen},
		"silent":       {Registered: true, Cosigned: c(3), Mirrored: c(3), Seen: now.Add(-25 * time.Hour)},
		"never":        {Registered: true},
		"unregistered": {Cosigned: c(3), Mirrored: c(3), Seen: seen},
		"broken":       {Registered: true, Err: errors.New("damaged")},
		"forked":       {Registered: true, Cosigned: c(3), Mirrored: c(3), Seen: seen, Forks: []mirror.Fork{{Kept: c(3), Other: c(4)}}},
	} {
		if got, _ := describe(l, now); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		for lang := range words {
			if words[lang][want] == "" {
				t.Errorf("no word for %s in %s", want, lang)
			}
		}
	}
	if len(words["vi"]) != len(words["en"]) {
		t.Error("one language has more words")
	}
}

// TestPage shows nothing, and then a ledger that was rewritten.
func TestPage(t *testing.T) {
	m, err := mirror.Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	show := func() string {
		w := httptest.NewRecorder()
		(&page{m, new(register), time.Now}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		return w.Body.String()
	}
	if text := show(); !strings.Contains(text, "Chưa có cơ sở nào đăng ký.") {
		t.Errorf("an empty page:\n%s", text)
	}
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	for _, what := range []string{"true", "false"} {
		l, err := ledger.OpenMemory(&ledger.Options{Origin: "example.com/a", Signers: []crypto.Signer{key}})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if _, err := l.Append(t.Context(), []byte(what)); err != nil {
			t.Fatal(err)
		}
		if err := m.SetKeys([]string{l.VerifierKey()}); err != nil {
			t.Fatal(err)
		}
		stick := t.TempDir()
		if _, err := l.Export(t.Context(), ledger.Dir(stick)); err != nil {
			t.Fatal(err)
		}
		if _, err := m.AddTiles(t.Context(), os.DirFS(stick)); (err == nil) != (what == "true") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if text := show(); !strings.Contains(text, `<td class="bad">Lịch sử bị viết lại<br><small>log example.com/a was rewritten`) {
		t.Errorf("a fork:\n%s", text)
	}
}
