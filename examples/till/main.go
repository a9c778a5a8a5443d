// Till answers the questions of shop software written in any language: a request is a line of JSON on standard input,
// its answer a line of JSON on standard output.
//
//	till [-dir DIR] [-by PARTY] [-profile FILE]      answer requests until quit, or the end of input
//	till -dir DIR -export BACKUP                     back the ledger up, and print its verifier key
//	till -dir NEW -restore BACKUP -vkey FILE         make a ledger of a backup, every hash checked
//	till -dir DIR -check                             read the whole ledger and verify all of it
//
// The first till owns the ledger; others ask it. README.md has the requests and their answers.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/dauvet/dauvet/gs1/scanner"
	"github.com/dauvet/dauvet/trace"
)

func main() {
	var c config
	flag.StringVar(&c.dir, "dir", "ledger", "the folder of the ledger")
	flag.StringVar(&c.by, "by", "", "who acts when a request does not say: a GLN or a facility code (mã cơ sở)")
	flag.StringVar(&c.profile, "profile", "", "read the profile of the scanner from this JSON file")
	flag.StringVar(&c.export, "export", "", "back the ledger up in this folder, and print its verifier key")
	flag.StringVar(&c.restore, "restore", "", "make the ledger of the backup in this folder")
	flag.StringVar(&c.vkey, "vkey", "", "the file with the verifier key of the backup")
	flag.StringVar(&c.key, "key", "", "the backup of the file \"key\" of the lost ledger, if there is one")
	flag.BoolVar(&c.check, "check", false, "read the whole ledger and verify all of it")
	flag.Parse()
	if err := run(context.Background(), os.Stdin, os.Stdout, os.Stderr, c); err != nil {
		fmt.Fprintln(os.Stderr, "till:", err)
		os.Exit(1)
	}
}

// config is what the command line says.
type config struct {
	dir, by, profile           string
	export, restore, vkey, key string
	check                      bool
	now                        func() time.Time // of tests; nil is time.Now
}

func run(ctx context.Context, stdin io.Reader, stdout, stderr io.Writer, c config) (err error) {
	s, err := c.station()
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(c.dir)
	if err != nil {
		return err
	}
	f := &front{dir: dir, station: s, now: c.now, log: slog.New(slog.NewTextHandler(stderr, nil))}
	defer func() {
		if e := f.close(); err == nil {
			err = e
		}
	}()
	switch {
	case c.export != "":
		to, err := filepath.Abs(c.export) // another process may do it
		if err != nil {
			return err
		}
		return f.command(ctx, stdout, map[string]string{"op": "export", "to": to}, "vkey")
	case c.restore != "":
		vkey, err := os.ReadFile(c.vkey)
		if err != nil {
			return fmt.Errorf("the verifier key of the backup: %w", err)
		}
		return f.command(ctx, stdout, map[string]string{"op": "restore", "from": c.restore, "vkey": string(bytes.TrimSpace(vkey)), "key": c.key}, "size")
	case c.check:
		return f.command(ctx, stdout, map[string]string{"op": "check"}, "size")
	}
	f.start(ctx)
	return serve(stdin, stdout, func(line []byte) (answer []byte, last bool) { return f.answer(ctx, line) })
}

// station is what a till says of itself: who acts, and how its scanner is set.
type station struct {
	By      trace.Party      `json:"by,omitempty"`
	Profile *scanner.Profile `json:"profile,omitempty"`
}

func (c *config) station() (*station, error) {
	s := &station{By: trace.Party(c.by), Profile: scanner.MedicinePack()}
	if c.profile == "" {
		return s, nil
	}
	data, err := os.ReadFile(c.profile)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, s.Profile); err != nil {
		return nil, fmt.Errorf("%s: %w", c.profile, err)
	}
	return s, s.Profile.Validate()
}

// command answers one request of the command line and prints a field of the result.
func (f *front) command(ctx context.Context, stdout io.Writer, request map[string]string, field string) error {
	line, err := json.Marshal(request)
	if err != nil {
		return err
	}
	var answer struct {
		Result map[string]any
		Error  *failure
	}
	data, _ := f.answer(ctx, line)
	if err := json.Unmarshal(data, &answer); err != nil {
		return err
	}
	if answer.Error != nil {
		return errors.New(answer.Error.Text.EN + ": " + answer.Error.Detail)
	}
	_, err = fmt.Fprintln(stdout, answer.Result[field])
	return err
}
