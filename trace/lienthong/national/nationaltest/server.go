package nationaltest

import (
	"bytes"
	"encoding/base64"
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
	PlainText   bool // answers to vouchers are a JSON text and no object

	// Quirks of generation 2.
	Capitals bool // "Completed", as in a test record
	// Polls is how often a document is asked for before it is finished; 0 is 2.
	Polls int

	// Quirks of both.
	NotJSON bool // errors are pages of HTML
	// TokenLife is how many requests a token is good for; 0 is for ever.
	TokenLife int
	// Fault says what goes wrong with a request. It is called for one request at a time. Nil: nothing.
	Fault func(*http.Request) Fault
}

// Fault is what goes wrong with a request.
type Fault int

// The faults.
const (
	None       Fault = iota
	DropBefore       // the line drops before the server has done anything
	DropAfter        // it drops after that
	TooMany          // 429
	Broken           // 500 before the server has done anything
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

	id    string
	polls int
}

// Server is both servers. It is safe for concurrent use.
type Server struct {
	opts Options

	mu       sync.Mutex
	held     []*Held // in the order in which they came first
	tokens   map[string]int
	logins   int
	requests int
}

// New returns a server that holds nothing. Nil opts mean the zero value.
func New(opts *Options) *Server {
	s := &Server{tokens: map[string]int{}}
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

// ServeHTTP serves both generations: the one whose path it is.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	fault := None
	if s.opts.Fault != nil {
		fault = s.opts.Fault(r)
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
	}
	before := clone(s.held)
	if one := strings.HasPrefix(r.URL.Path, "/api/"); one {
		s.one(w, r, body)
	} else {
		s.two(w, r, body)
	}
	switch fault {
	case DropAfter:
		panic(http.ErrAbortHandler)
	case Forget:
		s.held = before
	}
}

func clone(held []*Held) []*Held {
	out := make([]*Held, len(held))
	for i, h := range held {
		c := *h
		out[i] = &c
	}
	return out
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

// find returns a document.
func (s *Server) find(generation int, kind lienthong.Kind, number string) *Held {
	for _, h := range s.held {
		if h.Generation == generation && h.Kind == kind && h.Number == number {
			return h
		}
	}
	return nil
}

// put takes a document, in place of the one with the same number.
func (s *Server) put(h *Held) *Held {
	old := s.find(h.Generation, h.Kind, h.Number)
	if old == nil {
		s.held = append(s.held, h)
		return h
	}
	h.Changes = old.Changes + 1
	*old = *h
	return old
}

// parse reads a document strictly: its fields and no others, and what lienthong.Check asks for.
func parse(kind lienthong.Kind, body []byte) (number string, err error) {
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
	switch v := v.(type) {
	case *lienthong.HoaDon:
		number = v.MaHoaDon
	case *lienthong.PhieuNhap:
		number = v.MaPhieu
	case *lienthong.PhieuXuat:
		number = v.MaPhieu
	case *lienthong.StockIn:
		number = v.ReferenceNumber
	case *lienthong.StockOut:
		number = v.ReferenceNumber
	case *lienthong.StockTaking:
		number = v.ReferenceNumber
	}
	return number, lienthong.Check(v)
}

// one serves generation 1.
func (s *Server) one(w http.ResponseWriter, r *http.Request, body []byte) {
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
	if r.URL.Path == "/api/tai_khoan/dang_nhap" && r.Method == http.MethodPost {
		var in struct{ Usr, Pwd string }
		token, ok := "", false
		if json.Unmarshal(body, &in) == nil {
			token, ok = s.enter(in.Usr, in.Pwd)
		}
		switch {
		case !ok:
			s.fail(w, r, http.StatusBadRequest, "sai tài khoản hoặc mật khẩu")
		case s.opts.NestedToken:
			s.say(w, http.StatusOK, map[string]any{"code": s.code(200), s.mess(): "ok", "data": map[string]string{"token": token, "token_type": "bearer"}})
		default:
			s.say(w, http.StatusOK, map[string]string{"token": token, "token_type": "bearer"})
		}
		return
	}
	if !s.admits(r, "bearer") {
		s.fail(w, r, http.StatusUnauthorized, "hết phiên")
		return
	}
	if len(path) < 2 || path[0] != "lien_thong" || strings.Contains(path[1], "stock") {
		s.fail(w, r, http.StatusNotFound, "không có")
		return
	}
	kind := lienthong.Kind(path[1])
	switch {
	case kind == "thuoc_co_so" && r.Method == http.MethodPost && len(path) == 3 && path[2] == "them_thuoc":
		var t lienthong.ThuocCoSo
		if err := errors.Join(json.Unmarshal(body, &t), lienthong.Check(t)); err != nil {
			s.fail(w, r, http.StatusBadRequest, err.Error())
			return
		}
		s.done(w, "ma_thuoc", t.TenThuoc)
	case len(path) == 2 && (r.Method == http.MethodPost || r.Method == http.MethodPut):
		number, err := parse(kind, body)
		old := s.find(1, kind, number)
		switch {
		case err != nil:
			s.fail(w, r, http.StatusBadRequest, err.Error())
		case old != nil && r.Method == http.MethodPost:
			s.fail(w, r, http.StatusBadRequest, "đã có "+number)
		case old == nil && r.Method == http.MethodPut:
			s.fail(w, r, http.StatusBadRequest, "chưa có "+number)
		default:
			s.put(&Held{Generation: 1, Kind: kind, Number: number, Body: body, State: lienthong.Completed})
			s.done(w, "ma_"+string(kind)+"_quoc_gia", "QG-"+number)
		}
	case len(path) == 4 && r.Method == http.MethodGet && kind == lienthong.KindHoaDon:
		if h := s.find(1, kind, path[3]); h != nil {
			s.say(w, http.StatusOK, h.Body)
			return
		}
		s.fail(w, r, http.StatusNotFound, "không có")
	case len(path) == 4 && r.Method == http.MethodDelete:
		if s.find(1, kind, path[3]) == nil {
			s.fail(w, r, http.StatusNotFound, "không có")
			return
		}
		s.held = slices.DeleteFunc(s.held, func(h *Held) bool { return h.Generation == 1 && h.Kind == kind && h.Number == path[3] })
		s.done(w, "ma", path[3])
	default:
		s.fail(w, r, http.StatusNotFound, "không có")
	}
}

// done is the answer of generation 1 to what it has done.
func (s *Server) done(w http.ResponseWriter, name, value string) {
	if s.opts.PlainText {
		s.say(w, http.StatusOK, "thành công")
		return
	}
	s.say(w, http.StatusOK, map[string]any{"code": s.code(200), s.mess(): "thành công", name: value})
}

func (s *Server) code(n int) any {
	if s.opts.CodeNumber {
		return n
	}
	return fmt.Sprint(n)
}

func (s *Server) mess() string {
	if s.opts.Mess {
		return "mess"
	}
	return "message"
}

// two serves generation 2.
func (s *Server) two(w http.ResponseWriter, r *http.Request, body []byte) {
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if path[0] == "v2" {
		path = path[1:]
	}
	if len(path) == 2 && path[0] == "auth" && path[1] == "login" && r.Method == http.MethodPost {
		s.loginTwo(w, r, body)
		return
	}
	if !s.admits(r, "Bearer") {
		s.fail(w, r, http.StatusUnauthorized, "Unauthorized")
		return
	}
	if len(path) < 2 || path[0] != "transactions" || !strings.HasPrefix(path[1], "stock-") {
		s.fail(w, r, http.StatusNotFound, "Not Found")
		return
	}
	kind := lienthong.Kind(path[1])
	switch {
	case len(path) == 2 && r.Method == http.MethodPost:
		number, err := parse(kind, body)
		if err != nil {
			s.fail(w, r, http.StatusBadRequest, err.Error())
			return
		}
		h := s.put(&Held{Generation: 2, Kind: kind, Number: number, Body: body, State: lienthong.Accepted, id: fmt.Sprintf("T%08d", s.requests)})
		s.say(w, http.StatusOK, map[string]string{"transaction_id": h.id})
	case len(path) == 4 && path[3] == "status" && r.Method == http.MethodGet:
		for _, h := range s.held {
			if h.id == path[2] && h.Kind == kind {
				s.process(h)
				s.say(w, http.StatusOK, map[string]any{"transaction_id": h.id, "status": s.status(h.State), "messages": []string{h.Words}})
				return
			}
		}
		s.fail(w, r, http.StatusNotFound, "Not Found")
	default:
		s.fail(w, r, http.StatusNotFound, "Not Found")
	}
}

func (s *Server) loginTwo(w http.ResponseWriter, r *http.Request, body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") || r.ParseForm() != nil {
		s.fail(w, r, http.StatusBadRequest, "want a form")
		return
	}
	password, err := base64.StdEncoding.DecodeString(r.PostForm.Get("password"))
	token, ok := s.enter(r.PostForm.Get("username"), string(password))
	if err != nil || !ok {
		s.fail(w, r, http.StatusUnauthorized, "sai tài khoản hoặc mật khẩu")
		return
	}
	s.say(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 86400, "refresh_token": "r"})
}

// process goes on with a document: the opening stock has to be finished before any other is.
func (s *Server) process(h *Held) {
	if h.State != lienthong.Accepted && h.State != lienthong.Processing {
		return
	}
	if h.polls++; h.polls < s.opts.Polls {
		h.State = lienthong.Processing
		return
	}
	opening := h.Kind == lienthong.KindStockTaking || bytes.Contains(h.Body, []byte(`"opening-balance"`))
	opened := slices.ContainsFunc(s.held, func(o *Held) bool {
		return o.Generation == 2 && o.State == lienthong.Completed && (o.Kind == lienthong.KindStockTaking || bytes.Contains(o.Body, []byte(`"opening-balance"`)))
	})
	h.State, h.Words = lienthong.Completed, ""
	if !opening && !opened {
		h.State, h.Words = lienthong.Failed, "Chưa nhập phiếu tồn đầu kỳ"
	}
}

func (s *Server) status(state lienthong.State) string {
	if s.opts.Capitals {
		return strings.ToUpper(string(state[:1])) + string(state[1:])
	}
	return string(state)
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
