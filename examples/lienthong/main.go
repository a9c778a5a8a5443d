// Lienthong prints what an establishment reports of a day: the documents of both national generations, out of its ledger.
//
//	lienthong -ledger DIR -shop SHOP.json -day 2026-11-21 [-from 2026-11-01] [-bang4 FILE.csv] [-xlsx FILE.xlsx] [-send 2=https://api-sandbox.csdlduoc.com.vn/v2 -login LOGIN.json -journal DIR]
//	lienthong -mock 127.0.0.1:8089 [-quirks QUIRKS.json]
//
// SHOP.json holds the establishment, its partners and its drugs; LOGIN.json user and password of the server. Documents go to
// standard output, one JSON object a line; what a generation cannot say, and what somebody has to supply first, goes to
// standard error. -bang4 and -xlsx write the tables of QĐ 540/QĐ-QLD, of the day or of those -from another. With -send the outbox sends everything up to now to the server of a generation, and prints how far each
// document of the day has got. -mock serves both national servers and that of prescriptions, for programs to be tried against;
// QUIRKS.json turns on what real servers were seen to do, such as {"Mess": true, "Capitals": true}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
)

func main() {
	var c config
	flag.StringVar(&c.ledger, "ledger", "", "the folder of the ledger")
	flag.StringVar(&c.shop, "shop", "", "establishment, partners and drugs (JSON)")
	flag.StringVar(&c.day, "day", "", "the day, as 2026-11-21")
	flag.StringVar(&c.from, "from", "", "the first day of the tables, as 2026-11-01; the day itself if empty")
	flag.StringVar(&c.bang4, "bang4", "", "write the drugs of the days, Bảng 4 of QĐ 540/QĐ-QLD, to this file (CSV)")
	flag.StringVar(&c.xlsx, "xlsx", "", "write Bảng 1, 2 and 4 of the days to this file (XLSX)")
	flag.StringVar(&c.send, "send", "", "generation and server, as 2=https://…")
	flag.StringVar(&c.login, "login", "", "user and password (JSON)")
	flag.StringVar(&c.mock, "mock", "", "serve the national servers at this address")
	flag.StringVar(&c.quirks, "quirks", "", "what they do beside their descriptions (JSON)")
	flag.StringVar(&c.journal, "journal", "", "the folder of the outbox's journal")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, os.Stderr, c); err != nil {
		fmt.Fprintln(os.Stderr, "lienthong:", err)
		os.Exit(1)
	}
}

// config is what the command line says.
type config struct {
	ledger, shop, day, from, bang4, xlsx, send, login, journal, mock, quirks string

	poll time.Duration // of the outbox, for tests
}

func run(ctx context.Context, stdout, stderr io.Writer, c config) (err error) {
	if c.mock != "" {
		return mock(ctx, stdout, c.mock, c.quirks)
	}
	var day lienthong.Day
	if err := day.UnmarshalText([]byte(c.day)); err != nil {
		return err
	}
	shop, err := readShop(c.shop)
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.ledger); err != nil {
		return err
	}
	l, err := badgerledger.Open(c.ledger, &ledger.Options{Index: trace.Index})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	repo, err := trace.Open(ctx, l, nil)
	if err != nil {
		return err
	}
	reports, err := shop.reports(repo)
	if err != nil {
		return err
	}
	if c.send != "" {
		return send(ctx, stdout, c, reports, shop.Establishment, day)
	}
	if c.bang4 != "" || c.xlsx != "" {
		if err := tables(ctx, c, stderr, reports, day); err != nil {
			return err
		}
	}
	vouchers, err := reports.Vouchers(ctx, day, day.Next())
	if err != nil {
		return err
	}
	enc := json.NewEncoder(stdout)
	for i := range vouchers {
		for generation := 1; generation <= 2; generation++ {
			d, err := reports.Document(generation, &vouchers[i])
			if err != nil {
				fmt.Fprintln(stderr, err)
			} else if err := enc.Encode(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// shop is what the national systems want beside the ledger.
type shop struct {
	Establishment lienthong.Establishment
	Opening       lienthong.Day
	Partners      map[trace.Party]lienthong.Partner
	Drugs         []lienthong.Drug
	LinkedBy      string // who says so
}

func readShop(name string) (*shop, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	var s shop
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &s, nil
}

func (s *shop) reports(repo *trace.Repository) (*lienthong.Reports, error) {
	var register lienthong.Register
	for _, d := range s.Drugs {
		if err := register.Put(d, s.LinkedBy, time.Now()); err != nil {
			return nil, err
		}
	}
	return lienthong.NewReports(repo, &register, s.Establishment, &lienthong.Options{Opening: s.Opening, Partners: s.Partners}), nil
}
