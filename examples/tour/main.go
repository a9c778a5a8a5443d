// Tour goes the whole way once: it reads the picture of a pack, says what the code says, records what four parties do
// with the pack, shows who held it, signs, proves, verifies the proof without the ledger, and shows what becomes of a
// ledger in which one byte was changed.
//
//	tour                      the drawn pack, on a ledger in a temporary folder
//	tour -picture FILE        your own pack: JPEG, PNG or GIF
//	tour -scan TEXT           what your scanner sent, or "(01)…(17)…(10)…(21)…"
//	tour -dir DIR             keep the ledger, and the proof in DIR/proof
//	tour -export DIR          write the ledger as a C2SP tlog-tiles directory, too
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
)

func main() {
	var c config
	flag.StringVar(&c.picture, "picture", "", "read this picture of a pack instead of the drawn one")
	flag.StringVar(&c.scan, "scan", "", "take this as the scan of a pack, instead of a picture")
	flag.StringVar(&c.dir, "dir", "", "keep the ledger in this folder")
	flag.StringVar(&c.export, "export", "", "write the ledger to this folder for other transparency log clients")
	flag.Parse()
	if err := tour(context.Background(), os.Stdout, c); err != nil {
		fmt.Fprintln(os.Stderr, "tour:", err)
		os.Exit(1)
	}
}

// config is what the command line says.
type config struct{ picture, scan, dir, export string }

func tour(ctx context.Context, w io.Writer, c config) error {
	// The pack comes first: nothing is written for one that cannot be read.
	title(w, "1. The pack")
	message, err := read(w, c.picture, c.scan)
	if err != nil {
		return err
	}
	title(w, "2. What its code says")
	pack, err := explain(w, message)
	if err != nil {
		return err
	}

	if c.dir == "" {
		if c.dir, err = os.MkdirTemp("", "dauvet-tour-"); err != nil {
			return err
		}
		defer os.RemoveAll(c.dir)
	}
	proof := filepath.Join(c.dir, "proof")
	if err := live(ctx, w, c, proof, pack, message); err != nil {
		return err
	}

	title(w, "6. An inspector verifies the proof, without ledger and database")
	if err := verify(w, proof); err != nil {
		return err
	}
	title(w, "7. One byte of the stored history is changed")
	return tamper(ctx, w, c.dir, proof)
}

// live does all that needs the open ledger.
func live(ctx context.Context, w io.Writer, c config, proof string, pack gs1.EPC, m gs1.Message) (err error) {
	l, err := badgerledger.Open(c.dir, &ledger.Options{Index: trace.Index})
	if err != nil {
		return err
	}
	defer func() {
		if e := l.Close(); err == nil {
			err = e
		}
	}()
	repo, err := trace.Open(ctx, l, nil)
	if err != nil {
		return err
	}

	title(w, "3. Four parties record what they do")
	fmt.Fprintf(w, "ledger  %s\n\n", c.dir)
	last, err := record(ctx, w, repo, pack, m)
	if err != nil {
		return err
	}
	title(w, "4. Who held it")
	if err := custody(ctx, w, repo, pack); err != nil {
		return err
	}

	title(w, "5. The ledger signs, and proves the last hop")
	checkpoint, err := l.Checkpoint(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "the checkpoint: name, number of entries, root of the tree, signature\n\n%s\n", indent(string(checkpoint.Note)))
	if err := prove(ctx, w, l, last.Index, proof); err != nil || c.export == "" {
		return err
	}
	return export(ctx, w, l, c.export)
}

// explain prints the elements of the message with their data titles, and returns what is followed: the pack, or its
// lot when it has no serial number.
func explain(w io.Writer, m gs1.Message) (gs1.EPC, error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range m.Elements {
		fmt.Fprintf(t, "(%s)\t%s\t%s\n", e.AI, e.AI.Title(), e.Value+meaning(e))
	}
	t.Flush()
	pack, err := m.EPC()
	if err != nil {
		return gs1.EPC{}, err
	}
	what := "one thing, followed as itself"
	if pack.IsClass() {
		what = "no serial number: followed by count"
	}
	fmt.Fprintf(w, "\n%s\n%s\n", pack, what)
	return pack, nil
}

// custody prints the history as a table, and where things stand.
func custody(ctx context.Context, w io.Writer, repo *trace.Repository, pack gs1.EPC) error {
	events, err := repo.History(ctx, pack)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "WHEN\tSTEP\tBY\tDISPOSITION")
	for _, e := range events {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", e.Time.Format("2006-01-02 15:04"), e.BizStep, name(e.Actor()), e.Disposition)
	}
	t.Flush()

	c, err := repo.Custody(ctx, pack)
	if err != nil {
		return err
	}
	fmt.Fprintln(w)
	if pack.IsClass() {
		for _, b := range c.Balances {
			fmt.Fprintf(w, "%d with %s\n", b.Count, name(b.Party))
		}
		fmt.Fprintf(w, "%d dispensed of %d made\n", c.Dispensed, c.Made)
	} else {
		holder := "nobody holds it any more"
		if c.Holder != "" {
			holder = "held by " + name(c.Holder)
		}
		fmt.Fprintf(w, "now %s, %s; last with %s\n", c.Disposition, holder, name(c.From))
	}
	if len(c.Findings) == 0 {
		fmt.Fprintln(w, "findings: none")
	}
	for _, f := range c.Findings {
		fmt.Fprintln(w, "finding:", f)
	}
	return nil
}

func title(w io.Writer, s string) {
	fmt.Fprintf(w, "\n%s\n%s\n\n", s, strings.Repeat("─", len([]rune(s))))
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
}
