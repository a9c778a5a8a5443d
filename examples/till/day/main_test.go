package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

// receive puts two packs on the shelf.
func receive(t *testing.T, dir string, packs ...gs1.EPC) {
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
	for i, h := range []trace.Hop{
		{Step: trace.Commissioning, By: "8936000120009", EPCs: packs, Lot: "DV24A07", Expiry: "2099-06-30"},
		{Step: trace.Shipping, By: "8936000120009", To: "68-00417", EPCs: packs},
		{Step: trace.Receiving, By: "68-00417", From: "8936000120009", EPCs: packs},
	} {
		h.Time = time.Now().Add(time.Duration(i-10) * time.Hour) // events of one moment have no order
		if _, err := repo.Record(t.Context(), h); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDay(t *testing.T) {
	const scan = "]d2010893600012345121K7M2Q9X4T"
	dir := t.TempDir()
	var packs []gs1.EPC
	for _, n := range []string{"1", "2"} {
		m, err := gs1.Parse(scan + n)
		if err != nil {
			t.Fatal(err)
		}
		epc, err := m.EPC()
		if err != nil {
			t.Fatal(err)
		}
		packs = append(packs, epc)
	}
	receive(t, dir, packs...)

	const shop trace.Party = "68-00417"
	for _, test := range []struct {
		name, scan string
		shop       trace.Party
		back       bool
		out, err   string
	}{
		{"doubtful scan", "hello", shop, false, "", "GS1"},
		{"elsewhere", scan + "1", "68-00500", false, "", "đang ở 68-00417"},
		{"sold", scan + "1", shop, false, "2099-06-30 https://id.gs1.org/01/08936000123451/10/DV24A07 1\n", ""},
		{"sold again", scan + "1", shop, false, "", "đã được bán"},
		{"brought back elsewhere", scan + "1", "68-00500", true, "", "recorded by somebody else"},
		{"brought back", scan + "1", shop, true, "", ""},
		{"the other is sold", scan + "2", shop, false, "2099-06-30 https://id.gs1.org/01/08936000123451/10/DV24A07 1\n", ""},
	} {
		var out bytes.Buffer
		err := run(context.Background(), &out, dir, test.shop, test.back, test.scan)
		if out.String() != test.out {
			t.Errorf("%s: %q, want %q", test.name, &out, test.out)
		}
		if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.err)
		}
	}
}
