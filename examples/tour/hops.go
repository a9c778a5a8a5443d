package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// The four parties. Most shops have no GLN: a facility code (mã cơ sở) serves as well.
const (
	maker      trace.Party = "8936000120009"
	wholesaler trace.Party = "8936000340001"
	provincial trace.Party = "8936000560003"
	pharmacy   trace.Party = "68-00417"
)

// name adds to an identifier who that is.
func name(p trace.Party) string {
	who := map[trace.Party]string{
		maker:      "nhà máy (manufacturer)",
		wholesaler: "công ty dược (wholesaler)",
		provincial: "dược Lâm Đồng (provincial distributor)",
		pharmacy:   "nhà thuốc (pharmacy)",
	}[p]
	if who == "" {
		return string(p)
	}
	return string(p) + " " + who
}

// hops is the life of a pack, or of a lot of which 1000 were made and 2 are sold.
func hops(pack gs1.EPC, m gs1.Message) []trace.Hop {
	lot, _ := m.Value("10")
	expiry, _ := m.Value("17")
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("", 7*60*60))
	hop := func(step trace.Step, after time.Duration, count int64, h trace.Hop) trace.Hop {
		h.Step, h.Time, h.Lot, h.Expiry = step, start.Add(after), lot, expiry
		if pack.IsClass() {
			h.Goods = []trace.Goods{{Class: pack, Count: count}}
		} else {
			h.EPCs = []gs1.EPC{pack}
		}
		return h
	}
	const day = 24 * time.Hour
	return []trace.Hop{
		hop(trace.Commissioning, 0, 1000, trace.Hop{By: maker}),
		hop(trace.Shipping, 3*day, 1000, trace.Hop{By: maker, To: wholesaler, Document: "PX-2026-0312"}),
		hop(trace.Receiving, 4*day+90*time.Minute, 1000, trace.Hop{By: wholesaler, From: maker, Document: "PX-2026-0312"}),
		hop(trace.Shipping, 11*day, 200, trace.Hop{By: wholesaler, To: provincial, Document: "XK-7741"}),
		hop(trace.Receiving, 12*day+30*time.Minute, 200, trace.Hop{By: provincial, From: wholesaler, Document: "XK-7741"}),
		hop(trace.Shipping, 15*day, 10, trace.Hop{By: provincial, To: pharmacy, Document: "GH-0098"}),
		hop(trace.Receiving, 15*day+5*time.Hour, 10, trace.Hop{By: pharmacy, From: provincial, Document: "GH-0098"}),
		hop(trace.Dispensing, 23*day+100*time.Minute, 2, trace.Hop{By: pharmacy, Document: "HD-2026-1107"}),
	}
}

// record records the hops and returns the receipt of the last.
func record(ctx context.Context, w io.Writer, repo *trace.Repository, pack gs1.EPC, m gs1.Message) (*trace.Receipt, error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer t.Flush()
	var last *trace.Receipt
	for _, h := range hops(pack, m) {
		receipt, err := repo.Record(ctx, h)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(t, "entry %d\t%s\t%s\n", receipt.Index, h.Step, name(h.By))
		for _, f := range receipt.Findings {
			fmt.Fprintf(t, "\tfinding\t%s\n", f)
		}
		last = receipt
	}
	return last, nil
}
