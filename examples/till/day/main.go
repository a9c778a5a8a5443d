// Day does what a till does all day: it sells the pack that was scanned, if nothing speaks against it, and shows what
// is left. With -back the pack is brought back.
//
//	day [-dir DIR] [-by PARTY] [-back] SCAN
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/scanner"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

func main() {
	dir := flag.String("dir", "ledger", "the folder of the ledger")
	by := flag.String("by", "68-00417", "the shop: a GLN or a facility code (mã cơ sở)")
	back := flag.Bool("back", false, "the pack is brought back")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *dir, trace.Party(*by), *back, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "day:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, dir string, shop trace.Party, back bool, raw string) error {
	r := scanner.Interpret(raw, scanner.MedicinePack())
	if !r.Certain {
		return errors.New(r.Words("vi"))
	}
	pack, err := r.Message.EPC()
	if err != nil {
		return err
	}
	if back {
		return undo(ctx, dir, shop, pack)
	}
	return sell(ctx, w, dir, shop, r.Message, pack)
}

func sell(ctx context.Context, w io.Writer, dir string, shop trace.Party, scan gs1.Message, pack gs1.EPC) error {
	l, err := badgerledger.Open(dir, &ledger.Options{Index: trace.Index})
	if err != nil {
		return err // ledger.ErrLocked: another program has it open
	}
	defer l.Close()
	repo, err := trace.Open(ctx, l, nil)
	if err != nil {
		return err
	}
	if v, err := repo.Verify(ctx, scan, shop); err != nil || !v.Dispensable {
		return refusal(v, err) // v.Reasons say why, in Vietnamese and English
	}
	_, sold := repo.Record(ctx, trace.Hop{Step: trace.Dispensing, By: shop, EPCs: []gs1.EPC{pack}})
	stock, err := repo.Stock(ctx, shop) // the lot that expires first is in front
	return errors.Join(sold, err, show(w, stock))
}

func refusal(v *trace.Verdict, err error) error {
	if err != nil {
		return err
	}
	var reasons []error
	for _, f := range v.Reasons {
		reasons = append(reasons, errors.New(f.Text(trace.Vietnamese)))
	}
	return errors.Join(reasons...)
}

func show(w io.Writer, stock []trace.StockLine) error {
	for _, l := range stock {
		if _, err := fmt.Fprintln(w, l.Expiry, l.Class, l.Count+int64(len(l.Packs))); err != nil {
			return err
		}
	}
	return nil
}

// undo takes the sale back, if it was here and not long ago.
func undo(ctx context.Context, dir string, shop trace.Party, pack gs1.EPC) error {
	l, err := badgerledger.Open(dir, &ledger.Options{Index: trace.Index})
	if err != nil {
		return err
	}
	defer l.Close()
	repo, err := trace.Open(ctx, l, nil)
	if err != nil {
		return err
	}
	_, err = repo.Undo(ctx, pack, shop)
	return err
}
