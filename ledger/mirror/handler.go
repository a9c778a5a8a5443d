package mirror

import (
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxCheckpointBody is enough for a proof of 63 hashes and a checkpoint with a hundred signatures.
const maxCheckpointBody = 64 << 10

// Submission returns the handler of the submission prefix, where logs push: POST /add-checkpoint and POST /add-entries. It
// is for everybody who can reach it: what counts are the keys of the logs. Use http.StripPrefix when the prefix has a path.
func (m *Mirror) Submission() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", m.submit(func(w http.ResponseWriter, q *http.Request) *answer {
		body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, maxCheckpointBody))
		var large *http.MaxBytesError
		switch {
		case errors.As(err, &large):
			return refuse(http.StatusRequestEntityTooLarge, "body of more than %d bytes", maxCheckpointBody)
		case err != nil:
			return refuse(http.StatusBadRequest, "%v", err)
		}
		return m.addCheckpoint(body, &m.opts.Limits)
	}))
	mux.HandleFunc("POST /add-entries", m.submit(func(w http.ResponseWriter, q *http.Request) *answer {
		// tlog-mirror: "Mirrors MUST support receiving Content-Encoding: gzip".
		w.Header().Set("Accept-Encoding", "gzip")
		switch encoding := q.Header.Get("Content-Encoding"); encoding {
		case "", "identity":
			return m.addEntries(q.Body, &m.opts.Limits)
		case "gzip":
			z, err := gzip.NewReader(q.Body)
			if err != nil {
				return refuse(http.StatusBadRequest, "%v", noEOF(err))
			}
			return m.addEntries(z, &m.opts.Limits)
		default:
			return refuse(http.StatusUnsupportedMediaType, "encoding %.40q; gzip is understood", encoding)
		}
	}))
	return mux
}

// submit answers a push within the limits.
func (m *Mirror) submit(f func(http.ResponseWriter, *http.Request) *answer) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		end, ok := m.begin()
		if !ok {
			busy(http.StatusServiceUnavailable, time.Second, "shutting down").write(w)
			return
		}
		defer end()
		if !m.gate.enter() {
			busy(http.StatusServiceUnavailable, time.Second, "too many requests at a time").write(w)
			return
		}
		defer m.gate.leave()
		q.Body = &pacedBody{ReadCloser: q.Body, c: http.NewResponseController(w), begin: time.Now(), stall: m.opts.Limits.Stall}
		a := f(w, q)
		if a.status >= 400 && a.kind == kindText {
			m.log.Info("push refused", "request", q.URL.Path, "from", q.RemoteAddr, "status", a.status, "reason", strings.TrimSpace(string(a.body)))
		}
		a.write(w)
	}
}

// pacedBody is a body that ends with an error when it comes too slowly: Limits.Stall.
type pacedBody struct {
	io.ReadCloser
	c     *http.ResponseController
	begin time.Time
	stall time.Duration
	read  int64
}

func (b *pacedBody) Read(p []byte) (int, error) {
	// A connection without deadlines, as in tests, is read as long as it takes.
	_ = b.c.SetReadDeadline(b.begin.Add(b.stall + time.Duration(b.read)*time.Second/1024))
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	return n, err
}

// Monitoring returns the handler of the monitoring prefix: GET /<origin hash>/checkpoint and /<origin hash>/tile/… of all
// stored logs, as C2SP tlog-tiles has them. Entries of shops are trade secrets: mount it where only those get who may read
// them. The origin hash is the SHA-256 of the origin in hexadecimal digits.
func (m *Mirror) Monitoring() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{hash}/{name...}", func(w http.ResponseWriter, q *http.Request) {
		r := m.stored(q.PathValue("hash"))
		if r == nil {
			http.NotFound(w, q)
			return
		}
		name := q.PathValue("name")
		data, err := tiles{m, r}.ReadFile(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			http.NotFound(w, q)
			return
		case err != nil:
			m.internal(r.origin, err).write(w)
			return
		}
		h := w.Header()
		if name == "checkpoint" {
			h.Set("Content-Type", kindText)
			h.Set("Cache-Control", "no-store")
		} else {
			h.Set("Content-Type", "application/octet-stream")
			h.Set("Cache-Control", "max-age=31536000, immutable")
		}
		h.Set("Content-Length", strconv.Itoa(len(data)))
		w.Write(data)
	})
	return mux
}

// stored returns the log with the origin hash, or nil.
func (m *Mirror) stored(hash string) *replica {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.replicas[hash]
}

// write sends the answer.
func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	if a.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int((a.retry+time.Second-1)/time.Second)))
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
}
