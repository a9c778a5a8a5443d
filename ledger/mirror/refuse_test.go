package mirror_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/mirror"
)

// reply is what a test looks at of an answer.
type reply struct {
	Status int
	Kind   string
	Body   string
}

const (
	text     = "text/plain; charset=utf-8"
	sizeKind = "text/x.tlog.size"
	infoKind = "text/x.tlog.mirror-info"
)

// post sends a request past the network.
func post(m *mirror.Mirror, path string, body []byte, header ...string) reply {
	q := httptest.NewRequest("POST", path, bytes.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		q.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	m.Submission().ServeHTTP(w, q)
	return reply{w.Code, w.Header().Get("Content-Type"), w.Body.String()}
}

// get asks the monitoring prefix.
func get(m *mirror.Mirror, path string) (*http.Request, *httptest.ResponseRecorder) {
	q, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
	m.Monitoring().ServeHTTP(w, q)
	return q, w
}

// shop is a ledger with a key of the seed, of entries that end with what.
func shop(t *testing.T, origin string, seed byte, size int64, what string) *ledger.Ledger {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32))
	l, err := ledger.OpenMemory(&ledger.Options{Origin: origin, Signers: []crypto.Signer{key}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	grow(t, l, size, what)
	return l
}

func grow(t *testing.T, l *ledger.Ledger, size int64, what string) {
	t.Helper()
	for i := l.Size(); i < size; i++ {
		if _, err := l.Append(context.Background(), fmt.Appendf(nil, "%d %s", i, what)); err != nil {
			t.Fatal(err)
		}
	}
}

// growth is the body of add-checkpoint from a size.
func growth(t *testing.T, l *ledger.Ledger, old int64) []byte {
	t.Helper()
	body, err := l.ProveConsistency(context.Background(), old)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// upload is the body of add-entries.
func upload(t *testing.T, l *ledger.Ledger, start, end int64) []byte {
	t.Helper()
	body, err := mirror.UploadBody(context.Background(), l, start, end)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

const origin = "example.com/shop"

// TestAddCheckpoint follows the text of tlog-witness, status by status. The witness has cosigned size 7, of which it has
// the entries, when each case begins.
func TestAddCheckpoint(t *testing.T) {
	key := shop(t, origin, 1, 0, "").VerifierKey()
	good := shop(t, origin, 1, 12, "good")
	for name, tc := range map[string]struct {
		body   func(body string) []byte // of the good growth from 7 to 12
		want   reply                    // an empty body is not compared
		forked string
	}{
		"good":           {func(b string) []byte { return []byte(b) }, reply{200, text, ""}, ""},
		"unknown origin": {func(string) []byte { return growth(t, shop(t, "example.com/stranger", 1, 12, "good"), 7) }, reply{404, text, "unknown log \"example.com/stranger\"\n"}, ""},
		"another key":    {func(string) []byte { return growth(t, shop(t, origin, 2, 12, "good"), 7) }, reply{403, text, ""}, ""},
		"wrong signature": {func(b string) []byte {
			return []byte(strings.Replace(b, "\n12\n", "\n13\n", 1))
		}, reply{403, text, ""}, ""},
		"no signature":  {func(b string) []byte { return []byte(b[:strings.Index(b, "— ")]) }, reply{400, text, ""}, ""},
		"no checkpoint": {func(b string) []byte { return []byte(b[:strings.Index(b, "\n\n")+2]) }, reply{404, text, ""}, ""},
		"no body":       {func(string) []byte { return nil }, reply{400, text, ""}, ""},
		"truncated":     {func(b string) []byte { return []byte(b[:len(b)-30]) }, reply{400, text, ""}, ""},
		"old above the size": {func(b string) []byte {
			return []byte(strings.Replace(b, "old 7\n", "old 13\n", 1))
		}, reply{400, text, "size of before 13 is above the checkpoint's 12\n"}, ""},
		"not from the latest": {func(string) []byte { return growth(t, good, 3) }, reply{409, sizeKind, "7\n"}, ""},
		"nothing known":       {func(string) []byte { return growth(t, good, 0) }, reply{409, sizeKind, "7\n"}, ""},
		"older checkpoint":    {func(string) []byte { return growth(t, shop(t, origin, 1, 5, "good"), 3) }, reply{409, sizeKind, "7\n"}, ""},
		"same again":          {func(string) []byte { return growth(t, shop(t, origin, 1, 7, "good"), 7) }, reply{200, text, ""}, ""},
		"same with a proof": {func(string) []byte {
			b := growth(t, shop(t, origin, 1, 7, "good"), 7)
			return bytes.Replace(b, []byte("\n\n"), []byte("\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\n"), 1)
		}, reply{422, text, "1 hashes where none are needed\n"}, ""},
		"a hash too few": {func(b string) []byte {
			head, rest, _ := strings.Cut(b, "\n")
			_, rest, _ = strings.Cut(rest, "\n")
			return []byte(head + "\n" + rest)
		}, reply{422, text, ""}, ""},
		"a hash too many": {func(b string) []byte {
			return []byte(strings.Replace(b, "\n\n", "\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\n", 1))
		}, reply{422, text, ""}, ""},
		"another hash": {func(b string) []byte {
			head, rest, _ := strings.Cut(b, "\n")
			_, rest, _ = strings.Cut(rest, "\n")
			return []byte(head + "\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n" + rest)
		}, reply{422, text, ""}, ""},
		"another root of the same size": {func(string) []byte {
			return growth(t, shop(t, origin, 1, 7, "bad"), 7)
		}, reply{409, text, "another root for size 7\n"}, "7 7"},
		"another root, any old size": {func(string) []byte {
			return growth(t, shop(t, origin, 1, 7, "bad"), 2)
		}, reply{409, text, "another root for size 7\n"}, "7 7"},
		"another root of a smaller size": {func(string) []byte {
			return growth(t, shop(t, origin, 1, 5, "bad"), 0)
		}, reply{409, text, "another root for size 5\n"}, "7 5"},
		"another history": {func(string) []byte {
			return growth(t, shop(t, origin, 1, 12, "bad"), 7)
		}, reply{422, text, "checkpoint of size 12 does not continue the one of size 7\n"}, "7 12"},
		"body of 64 KiB and more": {func(b string) []byte { return append([]byte(b), bytes.Repeat([]byte("x"), 64<<10)...) }, reply{413, text, ""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var forked []string
			dir := t.TempDir()
			m := openMirror(t, dir, &mirror.Options{Keys: []string{key}, Forked: func(f *mirror.Fork) {
				if err := f.Verify(key); err != nil {
					t.Error(err)
				}
				forked = append(forked, fmt.Sprint(f.Kept.Size, " ", f.Other.Size))
			}})
			l := shop(t, origin, 1, 7, "good")
			if got := post(m, "/add-checkpoint", growth(t, l, 0)); got.Status != 200 {
				t.Fatal(got)
			}
			if got := post(m, "/add-entries", upload(t, l, 0, 7)); got.Status != 200 {
				t.Fatal(got)
			}
			body := tc.body(string(growth(t, good, 7)))
			for range 2 {
				got := post(m, "/add-checkpoint", body)
				if name == "good" && len(forked) == 0 && got.Status == 409 {
					break // the second time
				}
				if tc.want.Body == "" && got.Status != 200 {
					got.Body = ""
				}
				if got.Status == 200 {
					c, err := ledger.VerifyCheckpoint(body[bytes.Index(body, []byte("\n\n"))+2:], key)
					if err != nil {
						t.Fatal(err)
					}
					if _, err := note.Open(append(c.Note, got.Body...), note.VerifierList(witnesses(t, m)[0])); err != nil {
						t.Errorf("cosignature: %v", err)
					}
					got.Body = ""
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			if got := strings.Join(forked, ", "); got != tc.forked {
				t.Errorf("forks %q, want %q once", got, tc.forked)
			}
			// Nothing was taken, or kept, but what was cosigned; after closing as well.
			if err := m.Close(); err != nil {
				t.Fatal(err)
			}
			m = openMirror(t, dir, &mirror.Options{Keys: []string{key}})
			want := int64(7)
			if name == "good" {
				want = 12
			}
			logs := m.Logs()
			if len(logs) != 1 || logs[0].Cosigned.Size != want || logs[0].Next != 7 {
				t.Errorf("%+v", logs)
			}
			if forks := m.Forks(); len(forks) != len(forked) || len(forks) > 0 && forks[0].Verify(key) != nil {
				t.Errorf("filed: %v", forks)
			}
			checkStored(t, m, l, 7)
		})
	}
}

// TestForkEvidence refuses evidence that proves nothing.
func TestForkEvidence(t *testing.T) {
	m := openMirror(t, t.TempDir(), nil)
	l, bad := shop(t, origin, 1, 7, "good"), shop(t, origin, 1, 12, "bad")
	key := l.VerifierKey()
	if err := m.SetKeys([]string{key}); err != nil {
		t.Fatal(err)
	}
	post(m, "/add-checkpoint", growth(t, l, 0))
	post(m, "/add-checkpoint", growth(t, bad, 7))
	forks := m.Forks()
	if len(forks) != 1 {
		t.Fatalf("%d forks", len(forks))
	}
	good := forks[0]
	if want := "log example.com/shop was rewritten: its checkpoint of size 12 contradicts the one of size 7"; good.String() != want {
		t.Errorf("got %s", good.String())
	}
	if good.Verify(key) != nil || good.Verify(shop(t, origin, 2, 0, "").VerifierKey()) == nil {
		t.Errorf("%v", good.Verify(key))
	}
	for name, change := range map[string]func(*mirror.Fork){
		"the same twice":              func(f *mirror.Fork) { f.Other = f.Kept },
		"another size":                func(f *mirror.Fork) { f.Size = 6 },
		"the root of the smaller one": func(f *mirror.Fork) { f.Root = f.Kept.Root },
		"another root":                func(f *mirror.Fork) { f.Root[0] ^= 1 },
		"no proof":                    func(f *mirror.Fork) { f.Proof = nil },
	} {
		f := good
		change(&f)
		if err := f.Verify(key); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	data, err := good.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	var again mirror.Fork
	if err := again.UnmarshalText(data); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(good, again); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAddEntries follows the text of tlog-mirror, status by status. The mirror has cosigned size 700 and stored 300
// entries when each case begins.
func TestAddEntries(t *testing.T) {
	l := shop(t, origin, 1, 300, "good")
	first := growth(t, l, 0)
	grow(t, l, 700, "good")
	second := growth(t, l, 300)
	bad := shop(t, origin, 1, 700, "bad")
	good := upload(t, l, 300, 700)                   // packages [300, 512) and [512, 700)
	cut := bytes.Index(good, []byte("512 good")) - 2 // where the second package begins
	if cut < 0 {
		t.Fatal("no second package")
	}
	header := len(origin) + 20
	gz := func(p []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write(p)
		w.Close()
		return b.Bytes()
	}
	swap := func(p []byte, old, new string) []byte { return bytes.Replace(p, []byte(old), []byte(new), 1) }
	for name, tc := range map[string]struct {
		body     []byte
		encoding string
		want     reply
		next     int64 // stored after it
	}{
		"good":                       {good, "", reply{200, text, ""}, 700},
		"compressed":                 {gz(good), "gzip", reply{200, text, ""}, 700},
		"overlapping":                {upload(t, l, 10, 700), "", reply{200, text, ""}, 700},
		"all again":                  {upload(t, l, 0, 700), "", reply{200, text, ""}, 700},
		"the old again":              {upload(t, l, 0, 300), "", reply{200, text, ""}, 300},
		"ask":                        {upload(t, l, 0, 0), "", reply{409, infoKind, "700\n300\n\n"}, 300},
		"nothing left":               {upload(t, l, 300, 300), "", reply{200, text, ""}, 300},
		"unknown size":               {upload(t, l, 300, 650), "", reply{409, infoKind, "700\n300\n\n"}, 300},
		"larger than is":             {swap(good, "\x00\x00\x00\x00\x00\x00\x02\xbc", "\x00\x00\x00\x00\x00\x00\x02\xbd"), "", reply{409, infoKind, "700\n300\n\n"}, 300},
		"largest size":               {swap(good, "\x00\x00\x00\x00\x00\x00\x02\xbc", "\xff\xff\xff\xff\xff\xff\xff\xff"), "", reply{409, infoKind, "700\n300\n\n"}, 300},
		"gap":                        {upload(t, l, 512, 700), "", reply{409, infoKind, "700\n300\n\n"}, 300},
		"start above end":            {swap(good, "\x00\x00\x00\x00\x00\x00\x01\x2c", "\x00\x00\x00\x00\x00\x00\x02\xbd"), "", reply{400, text, "upload from 701 to 700\n"}, 300},
		"unknown origin":             {upload(t, shop(t, "example.com/other", 1, 3, ""), 0, 3), "", reply{404, text, "unknown log \"example.com/other\"\n"}, 300},
		"no body":                    {nil, "", reply{400, text, "header: unexpected EOF\n"}, 300},
		"half a header":              {good[:20], "", reply{400, text, "header: unexpected EOF\n"}, 300},
		"header only":                {good[:header], "", reply{400, text, "the body ends before entry 300 and its proof\n"}, 300},
		"half a package":             {good[:cut-1], "", reply{400, text, "the body ends before entry 300 and its proof\n"}, 300},
		"one package":                {good[:cut], "", reply{202, infoKind, "700\n512\n\n"}, 512},
		"one and a half":             {good[:len(good)-1], "", reply{202, infoKind, "700\n512\n\n"}, 512},
		"truncated gzip":             {gz(good)[:len(gz(good))-20], "gzip", reply{202, infoKind, "700\n512\n\n"}, 512},
		"another entry":              {swap(good, "300 good", "300 goof"), "", reply{422, text, "entries 300 to 511: not in the tree of size 700\n"}, 300},
		"another later":              {swap(good, "600 good", "600 goof"), "", reply{422, text, "entries 512 to 699: not in the tree of size 700\n"}, 512},
		"two entries swapped":        {swap(swap(good, "301 good", "302 g00d"), "302 good", "301 good"), "", reply{422, text, ""}, 300},
		"entries of another history": {upload(t, bad, 300, 700), "", reply{422, text, ""}, 300},
		"a proof hash too few":       {dropHash(good, cut), "", reply{422, text, ""}, 300},
		"64 hashes":                  {swap(good, string(good[cut-1-32*int(proofLen(good, cut)):cut]), "\x40"+strings.Repeat("h", 64*32)), "", reply{400, text, "entries 300 to 511: more than 63 hashes behind the entries\n"}, 300},
		"no gzip":                    {good, "gzip", reply{400, text, ""}, 300},
		"empty gzip":                 {nil, "gzip", reply{400, text, ""}, 300},
		"unknown encoding":           {good, "br", reply{415, text, "encoding \"br\"; gzip is understood\n"}, 300},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			m := openMirror(t, dir, &mirror.Options{Keys: []string{l.VerifierKey()}})
			if got := post(m, "/add-entries", upload(t, l, 0, 300)); got != (reply{409, infoKind, "0\n0\n\n"}) {
				t.Errorf("before any checkpoint: %+v", got)
			}
			for _, q := range []struct {
				path string
				body []byte
			}{{"/add-checkpoint", first}, {"/add-entries", upload(t, l, 0, 300)}, {"/add-checkpoint", second}} {
				if got := post(m, q.path, q.body); got.Status != 200 {
					t.Fatal(got)
				}
			}
			got := post(m, "/add-entries", tc.body, "Content-Encoding", tc.encoding)
			if got.Status == 200 {
				size := int64(700)
				if tc.next == 300 {
					size = 300
				}
				checkStored(t, m, l, size)
			}
			if tc.want.Body == "" {
				got.Body = ""
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := m.Close(); err != nil {
				t.Fatal(err)
			}
			m = openMirror(t, dir, &mirror.Options{Keys: []string{l.VerifierKey()}})
			if logs := m.Logs(); logs[0].Next != tc.next || logs[0].Cosigned.Size != 700 || logs[0].Mirrored.Size < 300 {
				t.Errorf("afterwards %+v", logs[0])
			}
			// The push goes on from there.
			if got := post(m, "/add-entries", upload(t, l, tc.next, 700)); got.Status != 200 {
				t.Errorf("the rest: %+v", got)
			}
			checkStored(t, m, l, 700)
		})
	}
}

// proofLen is the number of hashes of the package that ends at cut: an inclusion proof in a tree of three bundles.
func proofLen(good []byte, cut int) byte {
	for n := byte(1); n < 64; n++ {
		if good[cut-1-32*int(n)] == n {
			return n
		}
	}
	return 0
}

// dropHash removes the last hash of the package that ends at cut.
func dropHash(good []byte, cut int) []byte {
	n := int(proofLen(good, cut))
	at := cut - 1 - 32*n
	out := append(bytes.Clone(good[:at]), byte(n-1))
	return append(append(out, good[at+1:cut-32]...), good[cut:]...)
}

// TestFarBelow refuses an upload of what has long been stored.
func TestFarBelow(t *testing.T) {
	m := openMirror(t, t.TempDir(), nil)
	l := openLedger(t, m, origin)
	fill(t, l, 9000)
	post(m, "/add-checkpoint", growth(t, l, 0))
	if got := post(m, "/add-entries", upload(t, l, 0, 9000)); got != (reply{202, infoKind, "9000\n8192\n\n"}) {
		t.Fatal(got)
	}
	if got := post(m, "/add-entries", upload(t, l, 8192, 9000)); got.Status != 200 {
		t.Fatal(got)
	}
	if got := post(m, "/add-entries", upload(t, l, 0, 9000)); got != (reply{409, infoKind, "9000\n9000\n\n"}) {
		t.Errorf("%+v", got)
	}
	if got := post(m, "/add-entries", upload(t, l, 1000, 9000)); got.Status != 202 {
		t.Errorf("%+v", got)
	}
}

// TestOtherRequests are not pushes.
func TestOtherRequests(t *testing.T) {
	m := openMirror(t, t.TempDir(), nil)
	for request, want := range map[string]int{"GET /add-checkpoint": 405, "PUT /add-entries": 405, "POST /": 404, "POST /sign-subtree": 404} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		m.Submission().ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", request, w.Code, want)
		}
	}
}

// TestStickRefused carries directories that are not what they say.
func TestStickRefused(t *testing.T) {
	ctx := context.Background()
	m := openMirror(t, t.TempDir(), nil)
	l := openLedger(t, m, origin)
	fill(t, l, 700)
	stick := t.TempDir()
	export := func(l *ledger.Ledger) {
		t.Helper()
		if err := os.RemoveAll(stick); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Export(ctx, ledger.Dir(stick)); err != nil {
			t.Fatal(err)
		}
	}
	for name, change := range map[string]func(){
		"empty":           func() { os.RemoveAll(stick) },
		"no checkpoint":   func() { os.Remove(stick + "/checkpoint") },
		"not a note":      func() { os.WriteFile(stick+"/checkpoint", []byte("x"), 0o600) },
		"stranger":        func() { export(shop(t, "example.com/stranger", 1, 3, "")) },
		"bundle missing":  func() { os.Remove(stick + "/tile/entries/001") },
		"bundle cut":      func() { os.Truncate(stick+"/tile/entries/000", 100) },
		"bundle swapped":  func() { os.Rename(stick+"/tile/entries/001", stick+"/tile/entries/000") },
		"tile changed":    func() { os.WriteFile(stick+"/tile/1/000.p/2", make([]byte, 64), 0o600) },
		"tile cut":        func() { os.Truncate(stick+"/tile/1/000.p/2", 32) },
		"entry and proof": func() { os.WriteFile(stick+"/tile/entries/002.p/188", bytes.Repeat([]byte{0, 0}, 188), 0o600) },
	} {
		m := openMirror(t, t.TempDir(), &mirror.Options{Keys: []string{l.VerifierKey()}})
		export(l)
		change()
		if c, err := m.AddTiles(ctx, os.DirFS(stick)); err == nil {
			t.Errorf("%s: accepted %+v", name, c)
		}
	}
	export(l)
	if _, err := m.AddTiles(ctx, os.DirFS(stick)); err != nil {
		t.Fatal(err)
	}
	checkStored(t, m, l, 700)
}
