package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"flag"
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

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong/national/nationaltest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// day is a ledger with a day of the shop: a receipt, two sales, one of a drug that nobody linked, and a transfer.
func day(t *testing.T) config {
	t.Helper()
	c := config{ledger: filepath.Join(t.TempDir(), "ledger"), shop: filepath.Join("testdata", "shop.json"), day: "2026-11-21"}
	l, err := badgerledger.Open(c.ledger, &ledger.Options{Index: trace.Index})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	repo, err := trace.Open(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	class := func(uri string) gs1.EPC {
		epc, err := gs1.ParseEPC(uri)
		if err != nil {
			t.Fatal(err)
		}
		return epc
	}
	at := time.Date(2026, 11, 21, 8, 0, 0, 0, time.FixedZone("+07", 7*3600))
	for _, h := range []trace.Hop{
		{Step: trace.Receiving, From: "8935322000013", Document: "PX12", Price: 1100, Goods: []trace.Goods{{Class: class("https://id.gs1.org/01/08936000123451/10/L1"), Count: 200}}},
		{Step: trace.Dispensing, Document: "HD1", Price: 1250, Goods: []trace.Goods{{Class: class("https://id.gs1.org/01/08936000123451/10/L1"), Count: 20}}},
		{Step: trace.Dispensing, Document: "HD2", Price: 5000, Goods: []trace.Goods{{Class: class("https://id.gs1.org/01/08935001000020/10/X"), Count: 1}}},
		{Step: trace.Losing, Document: "MM1", Goods: []trace.Goods{{Class: class("https://id.gs1.org/01/08936000123451/10/L1"), Count: 5}}},
	} {
		at = at.Add(time.Minute)
		h.By, h.Time, h.Expiry = "68-00417", at, "2027-12-31"
		if _, err := repo.Record(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// TestMock: the servers are there at an address, with quirks, and show what they hold.
func TestMock(t *testing.T) {
	quirks := filepath.Join(t.TempDir(), "quirks.json")
	if err := os.WriteFile(quirks, []byte(`{"User": "u", "Password": "p", "Mess": true, "CodeNumber": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error)
	go func() { done <- run(ctx, w, io.Discard, config{mock: "127.0.0.1:0", quirks: quirks}) }()
	var address, two string
	if _, err := fmt.Fscanf(r, "generation 1 and prescriptions: %s\ngeneration 2: %s\n", &address, &two); err != nil || two != address+"/v2" {
		t.Fatal(address, two, err)
	}
	get := func(resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(text))
	}
	for _, c := range []struct{ got, want string }{
		{get(http.Post(address+"/api/tai_khoan/dang_nhap", "application/json", strings.NewReader(`{"usr": "u", "pwd": "x"}`))),
			`{"code":400,"mess":"sai tài khoản hoặc mật khẩu"}`},
		{get(http.Post(address+"/api/tai_khoan/dang_nhap", "application/json", strings.NewReader(`{"usr": "u", "pwd": "p"}`))),
			`{"token":"token-2","token_type":"bearer"}`},
		{get(http.Post(two+"/transactions/stock-in", "application/json", strings.NewReader(`{}`))), `{"message":"Unauthorized"}`},
		{get(http.Get(address + "/documents")), `{"csdlduoc.com.vn":null,"donthuocquocgia.vn":null,"duocquocgia.com.vn":null}`},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(quirks, []byte(`{"Kindness": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), io.Discard, io.Discard, config{mock: "127.0.0.1:0", quirks: quirks}); err == nil {
		t.Error("a quirk that there is not")
	}
}

func TestDay(t *testing.T) {
	c := day(t)
	c.bang4 = filepath.Join(t.TempDir(), "bang4.csv")
	var out, errs bytes.Buffer
	if err := run(t.Context(), &out, &errs, c); err != nil {
		t.Fatal(err)
	}
	golden(t, "day.jsonl", out.Bytes())
	golden(t, "day.err", errs.Bytes())
	table, err := os.ReadFile(c.bang4)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "bang4.csv", table)
}

// TestTables: the workbook has the three tables, and what the CSV has.
func TestTables(t *testing.T) {
	c := day(t)
	c.from = "2026-11-01"
	c.xlsx, c.bang4 = filepath.Join(t.TempDir(), "bang.xlsx"), filepath.Join(t.TempDir(), "bang4.csv")
	var out, errs bytes.Buffer
	if err := run(t.Context(), &out, &errs, c); err != nil {
		t.Fatal(err)
	}
	golden(t, "tables.err", errs.Bytes())
	z, err := zip.OpenReader(c.xlsx)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var shown bytes.Buffer
	for n := 1; n <= 3; n++ {
		for _, row := range rows(t, &z.Reader, fmt.Sprintf("xl/worksheets/sheet%d.xml", n)) {
			fmt.Fprintln(&shown, strings.Join(row, ","))
		}
	}
	golden(t, "tables.txt", shown.Bytes())
	table, err := os.ReadFile(c.bang4)
	if err != nil {
		t.Fatal(err)
	}
	last := strings.NewReplacer("\ufeff", "", "\r", "").Replace(string(table))
	if !strings.HasSuffix(shown.String(), "\n"+last) {
		t.Errorf("the CSV has %s", last)
	}
}

// rows returns the cells of a sheet.
func rows(t *testing.T, z *zip.Reader, name string) (out [][]string) {
	t.Helper()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var sheet struct {
		Rows []struct {
			Cells []struct {
				Value string `xml:"v"`
				Text  string `xml:"is>t"`
			} `xml:"c"`
		} `xml:"sheetData>row"`
	}
	if err := xml.NewDecoder(f).Decode(&sheet); err != nil {
		t.Fatal(err)
	}
	for _, r := range sheet.Rows {
		var row []string
		for _, c := range r.Cells {
			row = append(row, c.Value+c.Text)
		}
		out = append(out, row)
	}
	return out
}

// TestSend sends the day to a server of each generation in the tests, and again, which changes nothing. Blocked stays what
// somebody has to link first; what the server has said is not kept.
func TestSend(t *testing.T) {
	for generation, want := range map[int]int{1: 2, 2: 4} {
		t.Run(fmt.Sprint(generation), func(t *testing.T) {
			c := day(t)
			mock := nationaltest.New(&nationaltest.Options{User: "0100109106", Password: "secret", Polls: 1})
			server := httptest.NewServer(mock)
			defer server.Close()
			text, err := json.Marshal(map[string]string{"User": "0100109106", "Password": "secret"})
			if err != nil {
				t.Fatal(err)
			}
			c.login, c.journal = filepath.Join(t.TempDir(), "login.json"), filepath.Join(t.TempDir(), "journal")
			if err := os.WriteFile(c.login, text, 0o600); err != nil {
				t.Fatal(err)
			}
			c.poll = time.Millisecond
			c.send = fmt.Sprintf("%d=%s", generation, server.URL)
			for _, name := range []string{"send-%d.txt", "again-%d.txt"} {
				var out bytes.Buffer
				if err := run(t.Context(), &out, &out, c); err != nil {
					t.Fatal(err)
				}
				golden(t, fmt.Sprintf(name, generation), out.Bytes())
				if n := len(mock.Documents(generation)); n != want {
					t.Errorf("the server has %d documents, want %d", n, want)
				}
			}
		})
	}
}

func TestBadLine(t *testing.T) {
	c := day(t)
	for name, f := range map[string]func(*config){
		"no day":     func(c *config) { c.day = "21/11/2026" },
		"no shop":    func(c *config) { c.shop = "none" },
		"no ledger":  func(c *config) { c.ledger = "none" },
		"no server":  func(c *config) { c.send = "3=https://example.vn" },
		"no journal": func(c *config) { c.send = "2=https://example.vn" },
		"open line":  func(c *config) { c.send = "2=http://example.vn" },
	} {
		bad := c
		f(&bad)
		if err := run(t.Context(), &bytes.Buffer{}, &bytes.Buffer{}, bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
