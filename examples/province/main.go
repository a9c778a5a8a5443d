// Province is the mirror and witness of a province: shops push their ledgers to it, and it shows who does.
//
//	province -keys FILE [-dir DIR] [-name NAME] [-listen ADDRESS] [-monitor]      serve until interrupted
//	province -keys FILE [-dir DIR] -stick FOLDER                                  take an export that came on a USB stick
//
// Each line of FILE has the verifier key of a ledger and the establishment that registered it, a GLN or a facility code (mã
// cơ sở), as examples/audit reads it. It is read again when it changes. The page is at the address itself, in Vietnamese,
// and with ?lang=en in English. Shops push to the same address. Put a proxy with TLS before it that limits the requests of
// one address, and shows the page and what -monitor serves to nobody outside.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/dauvet/dauvet/ledger/mirror"
)

func main() {
	var c config
	flag.StringVar(&c.dir, "dir", "province", "the folder of the mirror")
	flag.StringVar(&c.keys, "keys", "", "the file with the registered keys")
	flag.StringVar(&c.name, "name", "", "the name of the province, a URL without schema, when the folder is new")
	flag.StringVar(&c.listen, "listen", "localhost:8700", "the address to serve")
	flag.BoolVar(&c.monitor, "monitor", false, "serve the stored ledgers under /log/ to whoever can reach the address")
	flag.StringVar(&c.stick, "stick", "", "take the export in this folder, leave the answer in its file cosigned, and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Stderr, c, nil); err != nil {
		fmt.Fprintln(os.Stderr, "province:", err)
		os.Exit(1)
	}
}

// config is what the command line says.
type config struct {
	dir, keys, name, listen, stick string
	monitor                        bool
}

// run serves until ctx ends. ready is told the address; nil: nobody is.
func run(ctx context.Context, stdout, stderr io.Writer, c config, ready func(addr string)) (err error) {
	log := slog.New(slog.NewTextHandler(stderr, nil))
	reg := &register{name: c.keys}
	if err := reg.read(); err != nil {
		return err
	}
	m, err := mirror.Open(c.dir, &mirror.Options{Name: c.name, Keys: reg.vkeys, Logger: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if c.stick != "" {
		return takeStick(ctx, stdout, m, c.stick)
	}
	l, err := net.Listen("tcp", c.listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "witness %s\nmirror %s\nhttp://%s/\n", m.WitnessKey(), m.MirrorKey(), l.Addr())
	server := &http.Server{Handler: handler(m, reg, c.monitor), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	if ready != nil {
		ready(l.Addr().String())
	}
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-served:
			return err
		case <-tick.C:
			if err := reg.refresh(m); err != nil {
				log.Error("the registered keys stay as they were", "error", err)
			}
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := server.Shutdown(end); err != nil {
				return server.Close()
			}
			return nil
		}
	}
}

// handler serves page, pushes, and stored ledgers.
func handler(m *mirror.Mirror, reg *register, monitor bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /add-checkpoint", m.Submission())
	mux.Handle("POST /add-entries", m.Submission())
	mux.Handle("GET /{$}", &page{m, reg, time.Now})
	if monitor {
		mux.Handle("GET /log/", http.StripPrefix("/log", m.Monitoring()))
	}
	return mux
}

// takeStick takes an export, and leaves the cosigned checkpoint beside it for the shop.
func takeStick(ctx context.Context, stdout io.Writer, m *mirror.Mirror, folder string) error {
	c, err := m.AddTiles(ctx, os.DirFS(folder))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "cosigned"), c.Note, 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d entries\n", c.Origin, c.Size)
	return err
}
