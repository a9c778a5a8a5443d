package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/dauvet/dauvet/trace/lienthong/national"
)

// send lets the outbox do everything that is due, and prints how far the documents of a day have got.
func send(ctx context.Context, stdout io.Writer, c config, reports *lienthong.Reports, of lienthong.Establishment, day lienthong.Day) (err error) {
	way, err := transport(c, of)
	if err != nil {
		return err
	}
	if c.journal == "" {
		return errors.New("-send wants -journal, where it remembers what it has sent")
	}
	journal, err := badgerledger.Open(c.journal, &ledger.Options{Index: lienthong.JournalIndex})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	outbox, err := lienthong.OpenOutbox(ctx, journal, reports, &lienthong.OutboxOptions{Poll: c.poll}, way)
	if err != nil {
		return err
	}
	for {
		next, err := outbox.Step(ctx)
		if err != nil {
			return err
		}
		if waiting, _ := outbox.Waiting(); waiting == 0 {
			break // what is blocked waits for somebody
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(next)):
		}
	}
	list, err := outbox.Deliveries(ctx, day, day.Next())
	if err != nil {
		return err
	}
	for _, d := range list {
		if _, err := fmt.Fprintln(stdout, d.Generation, d.Kind, d.Number, d.State, d.Words, d.Reason); err != nil {
			return err
		}
	}
	return nil
}

// transport returns the way to the server that the command line names.
func transport(c config, of lienthong.Establishment) (lienthong.Transport, error) {
	generation, base, _ := strings.Cut(c.send, "=")
	login := func(context.Context) (user, password string, err error) {
		text, err := os.ReadFile(c.login)
		if err != nil {
			return "", "", err
		}
		var in struct{ User, Password string }
		err = json.Unmarshal(text, &in)
		return in.User, in.Password, err
	}
	switch generation {
	case "1":
		return national.NewDuocQuocGia(of.MaCoSo, login, &national.Options{Base: base})
	case "2":
		return national.NewCsdlDuoc(login, &national.Options{Base: base})
	}
	return nil, fmt.Errorf("-send: no generation %q", generation)
}
