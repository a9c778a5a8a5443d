package nationaltest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/dauvet/dauvet/trace/lienthong"
)

// Options are the credentials and the quirks of a server. The zero value is strict, and takes any user.
type Options struct {
	User, Password string

	// Quirks of generation 1, each seen in clients in use.
	Mess        bool // "mess" where the description has "message"
	CodeNumber  bool // the code is a number and no text
	NestedToken bool // the token of a log-in is in "data"
	Wholesale   bool // loai_phieu_xuat 1 is taken, which no description explains
	PlainText   bool // answers to vouchers are a JSON text and no object

	// Quirks of generation 2.
	Capitals bool // "Completed", as in a test record
	// Polls is how often a document is asked for before it is finished; 0 is 2.
	Polls int

	// Quirks of both.
	NotJSON bool // errors are pages of HTML
	// TokenLife is how many requests a token is good for; 0 is for ever.
	TokenLife int
	// Limits take the place of those that lienthong.Check knows.
	Limits lienthong.Limits
	// Drugs are what /master/drugs of generation 2 has, in this order.
	Drugs []lienthong.Drug
	// Prescriptions are what donthuocquocgia.vn answers when it is asked for them. User and Password are its app-name and app-key.
	Prescriptions map[lienthong.MaDonThuoc]json.RawMessage
	// Fault says what goes wrong with a request. It is called for one request at a time. Nil: nothing.
	Fault func(*http.Request) Fault
}

// Fault is what goes wrong with a request.
type Fault int

// The faults.
const (
	None       Fault = iota
	DropDuring       // the line drops in the middle of the request
	DropBefore       // it drops before the server has done anything
	DropAfter        // it drops after that
	TooMany          // 429
	Broken           // 500 before the server has done anything
	Expired          // 401: the server knows no token any more
	Forget           // the server answers, and forgets what it was told
)

// Held is a document of a server.
type Held struct {
	Generation int
	Kind       lienthong.Kind
	Number     string
	Body       json.RawMessage
	State      lienthong.State
	Words      string
	Changes    int // how often it was corrected
	Forgotten  int // how often the server had forgotten it before: its place is that of its last arrival

	id    string
	polls int
	place int // in the order of arrival
}

// heldKey is what tells documents apart.
type heldKey struct {
	generation int
	kind       lienthong.Kind
	number     string
}

// Server is both servers. It is safe for concurrent use.
type Server struct {
	opts Options

	mu       sync.Mutex
	held     map[heldKey]*Held
	ids      map[string]*Held // those of generation 2
	opened   bool             // an opening stock of generation 2 is completed
	arrived  int
	forgot   map[heldKey]int
	undo     []func() // takes back what the request has done
	tokens   map[string]int
	logins   int
	requests int
}

// New returns a server that holds nothing. Nil opts mean the zero value.
func New(opts *Options) *Server {
	s := &Server{held: map[heldKey]*Held{}, forgot: map[heldKey]int{}, ids: map[string]*Held{}, tokens: map[string]int{}}
	if opts != nil {
		s.opts = *opts
	}
	if s.opts.Polls == 0 {
		s.opts.Polls = 2
	}
	return s
}

// Documents returns what a generation holds, in the order in which the documents came first.
func (s *Server) Documents(generation int) []Held {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Held
	for _, h := range s.held {
		if h.Generation == generation {
			out = append(out, *h)
		}
	}
	slices.SortFunc(out, func(a, b Held) int { return cmp.Compare(a.place, b.place) })
	return out
}

// Requests returns how many requests and log-ins there were.
func (s *Server) Requests() (requests, logins int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests, s.logins
}

// maxBody bounds a document.
const maxBody = 4 << 20

// ServeHTTP serves both generations and donthuocquocgia.vn: the one whose path it is.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	fault := None
	if s.opts.Fault != nil {
		fault = s.opts.Fault(r)
	}
	if fault == DropDuring {
		_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2) // the line is about to be worse
		panic(http.ErrAbortHandler)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	switch fault {
	case DropBefore:
		panic(http.ErrAbortHandler)
	case TooMany:
		w.Header().Set("Retry-After", "1")
		s.fail(w, r, http.StatusTooManyRequests, "quá nhiều yêu cầu")
		return
	case Broken:
		s.fail(w, r, http.StatusInternalServerError, "NullReferenceException")
		return
	case Expired:
		clear(s.tokens)
	}
	s.undo = nil
	switch {
	case strings.HasPrefix(r.URL.Path, "/api/v1/"):
		s.three(w, r, body)
	case strings.HasPrefix(r.URL.Path, "/api/"):
		s.one(w, r, body)
	default:
		s.two(w, r, body)
	}
	switch fault {
	case DropAfter:
		panic(http.ErrAbortHandler)
	case Forget:
		for _, f := range slices.Backward(s.undo) {
			f()
		}
	}
}

// enter makes a token when the credentials are right.
func (s *Server) enter(user, password string) (string, bool) {
	s.logins++
	if s.opts.User != "" && (user != s.opts.User || password != s.opts.Password) {
		return "", false
	}
	token := fmt.Sprintf("token-%d", s.logins)
	s.tokens[token] = s.opts.TokenLife
	return token, true
}

// admits reports whether a request has a token that is good.
func (s *Server) admits(r *http.Request, scheme string) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), scheme+" ")
	left, known := s.tokens[token]
	if !ok || !known {
		return false
	}
	if left == 1 {
		delete(s.tokens, token)
	} else if left > 1 {
		s.tokens[token] = left - 1
	}
	return true
}

// find returns a document, nil when there is none.
func (s *Server) find(generation int, kind lienthong.Kind, number string) *Held {
	return s.held[heldKey{generation, kind, number}]
}

// put takes a document, in place of the one with the same number.
func (s *Server) put(h *Held) {
	key := heldKey{h.Generation, h.Kind, h.Number}
	old := s.held[key]
	if old != nil {
		h.place, h.Changes = old.place, old.Changes+1
		delete(s.ids, old.id)
	} else {
		s.arrived++
		h.place = s.arrived
	}
	s.held[key] = h
	if h.id != "" {
		s.ids[h.id] = h
	}
	h.Forgotten = s.forgot[key]
	s.undo = append(s.undo, func() {
		s.forgot[key]++
		delete(s.held, key)
		delete(s.ids, h.id)
		if old != nil {
			s.held[key] = old
			if old.id != "" {
				s.ids[old.id] = old
			}
		}
	})
}

// drop forgets a document, and reports whether there was one.
func (s *Server) drop(generation int, kind lienthong.Kind, number string) bool {
	key := heldKey{generation, kind, number}
	old := s.held[key]
	if old == nil {
		return false
	}
	delete(s.held, key)
	s.undo = append(s.undo, func() { s.held[key] = old })
	return true
}

// parse reads a document strictly: its fields and no others, and what lienthong.Check asks for.
func (s *Server) parse(kind lienthong.Kind, body []byte) (number string, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	var v any
	switch kind {
	case lienthong.KindHoaDon:
		v = &lienthong.HoaDon{}
	case lienthong.KindPhieuNhap:
		v = &lienthong.PhieuNhap{}
	case lienthong.KindPhieuXuat:
		v = &lienthong.PhieuXuat{}
	case lienthong.KindStockIn:
		v = &lienthong.StockIn{}
	case lienthong.KindStockOut:
		v = &lienthong.StockOut{}
	case lienthong.KindStockTaking:
		v = &lienthong.StockTaking{}
	default:
		return "", errors.New("no such document")
	}
	if err := d.Decode(v); err != nil {
		return "", err
	}
	if _, err := d.Token(); err != io.EOF {
		return "", errors.New("more than a document")
	}
	switch v := v.(type) {
	case *lienthong.HoaDon:
		number = v.MaHoaDon
	case *lienthong.PhieuNhap:
		number = v.MaPhieu
	case *lienthong.PhieuXuat:
		if number = v.MaPhieu; v.LoaiPhieuXuat == lienthong.XuatBan && !s.opts.Wholesale {
			return number, errors.New("loai_phieu_xuat: 2, 3")
		}
	case *lienthong.StockIn:
		number = v.ReferenceNumber
	case *lienthong.StockOut:
		number = v.ReferenceNumber
	case *lienthong.StockTaking:
		number = v.ReferenceNumber
	}
	return number, s.opts.Limits.Check(v)
}

// say answers in JSON.
func (s *Server) say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who does not listen asks again
}

// fail answers with an error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int, words string) {
	if s.opts.NotJSON {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<html><body>%s</body></html>", words)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		s.say(w, status, map[string]any{"code": s.code(status), s.mess(): words})
		return
	}
	s.say(w, status, map[string]string{"message": words})
}
