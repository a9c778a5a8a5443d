// Shop pushes the ledger of a shop to its province, and keeps what the province has cosigned.
//
//	shop -dir DIR -vkey                                  print the verifier key, which the province has to register
//	shop -dir DIR -url URL -province FILE [-every 5m]    push until interrupted
//	shop -dir DIR -url URL -province FILE -once          push what there is, and end
//	shop -dir DIR -export FOLDER                         write an export on a USB stick for the province
//	shop -dir DIR -province FILE -answer FOLDER          take the answer of the province off the stick
//
// FILE has the verifier keys of witness and mirror, one a line, as the page of the province shows them. One process owns
// a ledger: software of a shop that keeps it open calls the package that this program calls, in a goroutine.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/ledger/mirror"
	"github.com/dauvet/dauvet/trace"
)

func main() {
	var c config
	flag.StringVar(&c.dir, "dir", "ledger", "the folder of the ledger")
	flag.StringVar(&c.url, "url", "", "the address of the province")
	flag.StringVar(&c.province, "province", "", "the file with the verifier keys of the province")
	flag.DurationVar(&c.every, "every", 5*time.Minute, "the time between two pushes")
	flag.BoolVar(&c.once, "once", false, "push once")
	flag.BoolVar(&c.vkey, "vkey", false, "print the verifier key of the ledger")
	flag.StringVar(&c.export, "export", "", "export the ledger to this folder")
	flag.StringVar(&c.answer, "answer", "", "take the file cosigned of this folder")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, c); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// config is what the command line says.
type config struct {
	dir, url, province string
	every              time.Duration
	once, vkey         bool
	export, answer     string
}

func run(ctx context.Context, stdout io.Writer, c config) (err error) {
	var known []note.Verifier
	if c.province != "" {
		if known, err = readWitnesses(c.province); err != nil {
			return err
		}
	}
	l, err := badgerledger.Open(c.dir, &ledger.Options{Index: trace.Index, Witnesses: known})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	switch {
	case c.vkey:
		_, err := fmt.Fprintln(stdout, l.VerifierKey())
		return err
	case c.export != "":
		p, err := l.Export(ctx, ledger.Dir(c.export))
		return report(stdout, "exported", p, err)
	case c.answer != "":
		text, err := os.ReadFile(filepath.Join(c.answer, "cosigned"))
		if err != nil {
			return err
		}
		p, err := l.AddCosignatures(ctx, text)
		return report(stdout, "cosigned", p, err)
	case c.url == "":
		return errors.New("no address to push to; give it with -url")
	}
	client := mirror.NewClient(l, c.url, &mirror.ClientOptions{Witnesses: known, Every: c.every, Pushed: func(p *ledger.Checkpoint, err error) {
		if err := report(stdout, "pushed", p, err); err != nil {
			fmt.Fprintln(stdout, err)
		}
	}})
	if c.once {
		p, err := client.Push(ctx)
		return report(stdout, "pushed", p, err)
	}
	if err := client.Run(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// report says what was done.
func report(stdout io.Writer, what string, p *ledger.Checkpoint, err error) error {
	if err == nil {
		_, err = fmt.Fprintf(stdout, "%s: %d entries of %s\n", what, p.Size, p.Origin)
	}
	return err
}

// readWitnesses reads verifier keys, one a line, each perhaps behind a word, as the province prints them.
func readWitnesses(name string) ([]note.Verifier, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []note.Verifier
	for in := bufio.NewScanner(f); ; {
		if !in.Scan() {
			return all, in.Err()
		}
		fields := strings.Fields(in.Text())
		if len(fields) == 0 || strings.HasPrefix(fields[len(fields)-1], "http") {
			continue
		}
		v, err := ledger.NewWitness(fields[len(fields)-1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, v)
	}
}
