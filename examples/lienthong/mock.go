package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace/lienthong/national/nationaltest"
)

// mock serves both national servers and that of prescriptions at an address until ctx ends, for programs to be tried against:
// strict, but for the quirks of a file (nationaltest.Options as JSON). GET /documents shows what they hold.
func mock(ctx context.Context, stdout io.Writer, address, quirks string) error {
	var opts nationaltest.Options
	if quirks != "" {
		text, err := os.ReadFile(quirks)
		if err != nil {
			return err
		}
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.DisallowUnknownFields()
		if err := d.Decode(&opts); err != nil {
			return fmt.Errorf("%s: %w", quirks, err)
		}
	}
	servers := nationaltest.New(&opts)
	mux := http.NewServeMux()
	mux.Handle("/", servers)
	mux.HandleFunc("GET /documents", func(w http.ResponseWriter, r *http.Request) {
		held := map[string][]nationaltest.Held{}
		for generation, name := range []string{1: "duocquocgia.com.vn", 2: "csdlduoc.com.vn", 3: "donthuocquocgia.vn"} {
			if name != "" {
				held[name] = servers.Documents(generation)
			}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(held) // who does not listen asks again
	})
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "generation 1 and prescriptions: http://%s\ngeneration 2: http://%s/v2\n", l.Addr(), l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}
