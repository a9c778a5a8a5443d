package report_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/audit/report"
	"github.com/dauvet/dauvet/trace/epcis"
)

// province is one of the synthetic data sets.
type province struct {
	register *trace.Register
	parties  map[trace.Party]string
	products map[string]string
	events   []*trace.Event
	start    time.Time
}

// readProvince reads shared/vectors/province.
func readProvince(t *testing.T, name, file string) *province {
	t.Helper()
	folder := shared(t, "vectors/province")
	var m struct {
		Establishments []struct {
			GLN       trace.Party `json:"gln"`
			Name      string      `json:"name"`
			Suspended time.Time   `json:"suspended_from"`
		} `json:"establishments"`
		Products []struct {
			GTIN, Name string
			MaxPrice   int64 `json:"declared_max_retail_vnd"`
		} `json:"products"`
		Lots []struct {
			GTIN, Lot string
			Recalled  time.Time `json:"recall_from"`
		} `json:"lots"`
		Period struct{ Start, End time.Time } `json:"period"`
	}
	data, err := os.ReadFile(filepath.Join(folder, name+".master.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	p := &province{register: &trace.Register{End: m.Period.End}, parties: make(map[trace.Party]string), products: make(map[string]string), start: m.Period.Start}
	gtin := func(s string) gs1.GTIN {
		g, err := gs1.ParseGTIN(s)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	for _, e := range m.Establishments {
		p.register.Establishments = append(p.register.Establishments, trace.Establishment{Party: e.GLN, Suspended: e.Suspended})
		p.parties[e.GLN] = e.Name
	}
	for _, x := range m.Products {
		p.register.Products = append(p.register.Products, trace.Product{GTIN: gtin(x.GTIN), MaxPrice: x.MaxPrice})
		p.products[x.GTIN] = x.Name
	}
	for _, l := range m.Lots {
		p.register.Lots = append(p.register.Lots, trace.Lot{GTIN: gtin(l.GTIN), Lot: l.Lot, Recalled: l.Recalled})
	}
	f, err := os.Open(filepath.Join(folder, file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	for e, err := range epcis.NewDecoder(in, nil).Events() {
		if err != nil {
			t.Fatal(err)
		}
		p.events = append(p.events, e)
	}
	return p
}

// shared returns a folder of the shared test data, or skips the test.
func shared(t *testing.T, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above")
		}
	}
	folder := filepath.Join(dir, "..", "shared", path)
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		t.Skip("missing shared/" + path)
	}
	return folder
}

// ledgers records the events of each party in a ledger of its own. Who is nobody records as "nobody".
func ledgers(t *testing.T, events []*trace.Event) (map[trace.Party]*ledger.Ledger, []audit.Key) {
	t.Helper()
	byParty := make(map[trace.Party][]*trace.Event)
	for _, e := range events {
		p := cmp.Or(e.Actor(), "nobody")
		byParty[p] = append(byParty[p], e)
	}
	out := make(map[trace.Party]*ledger.Ledger)
	var keys []audit.Key
	for _, p := range slices.Sorted(maps.Keys(byParty)) {
		out[p] = newLedger(t, "example.com/"+string(p))
		record(t, out[p], byParty[p]...)
		keys = append(keys, audit.Key{Verifier: out[p].VerifierKey(), Party: p})
	}
	return out, keys
}

// newLedger returns an empty ledger with a key that follows from its name.
func newLedger(t *testing.T, origin string) *ledger.Ledger {
	t.Helper()
	seed := sha256.Sum256([]byte(origin))
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index, Origin: origin, Signers: []crypto.Signer{ed25519.NewKeyFromSeed(seed[:])}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func record(t *testing.T, l *ledger.Ledger, events ...*trace.Event) {
	t.Helper()
	repo, err := trace.Open(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := func(yield func(*trace.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
	if _, err := repo.Import(t.Context(), all); err != nil {
		t.Fatal(err)
	}
}

// bundles exports ledgers and opens what came out.
func bundles(t *testing.T, ledgers map[trace.Party]*ledger.Ledger, keys []audit.Key, opts func(trace.Party) *audit.ExportOptions) []report.Source {
	t.Helper()
	var out []report.Source
	for _, p := range slices.Sorted(maps.Keys(ledgers)) {
		var o *audit.ExportOptions
		if opts != nil {
			o = opts(p)
		}
		var b bytes.Buffer
		if _, err := audit.Export(t.Context(), &b, ledgers[p], o); err != nil {
			t.Fatal(err)
		}
		bundle, err := audit.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), keys)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, report.Source{Name: string(p) + ".evidence", Bundle: bundle})
	}
	return out
}

// fromEvents is a source of events that nobody proves.
func fromEvents(name string, events []*trace.Event) report.Source {
	return report.Source{Name: name, Events: func(yield func(trace.Recorded, error) bool) {
		for i, e := range events {
			if !yield(trace.Recorded{Index: int64(i), Event: e}, nil) {
				return
			}
		}
	}}
}

func (p *province) options(keys []audit.Key) *report.Options {
	return &report.Options{Register: p.register, Keys: keys, Parties: p.parties, Products: p.products, From: p.start,
		Made: p.register.End.Add(9 * time.Hour)}
}
