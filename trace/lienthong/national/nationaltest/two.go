package nationaltest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/dauvet/dauvet/trace/lienthong"
)

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
	if path[0] == "master" && r.Method == http.MethodGet {
		s.master(w, r, path[1:])
		return
	}
	if len(path) < 2 || path[0] != "transactions" || !strings.HasPrefix(path[1], "stock-") {
		s.fail(w, r, http.StatusNotFound, "Not Found")
		return
	}
	kind := lienthong.Kind(path[1])
	switch {
	case len(path) == 2 && r.Method == http.MethodPost:
		number, err := s.parse(kind, body)
		if err != nil {
			s.fail(w, r, http.StatusBadRequest, err.Error())
			return
		}
		h := &Held{Generation: 2, Kind: kind, Number: number, Body: body, State: lienthong.Accepted, id: fmt.Sprintf("T%08d", s.requests)}
		s.put(h)
		s.say(w, http.StatusOK, map[string]string{"transaction_id": h.id})
	case len(path) == 4 && path[3] == "status" && r.Method == http.MethodGet:
		if h := s.ids[path[2]]; h != nil && h.Kind == kind {
			s.process(h)
			s.say(w, http.StatusOK, map[string]any{"transaction_id": h.id, "status": s.status(h.State), "messages": []string{h.Words}})
			return
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
	h.State, h.Words = lienthong.Completed, ""
	if h.Kind == lienthong.KindStockTaking || bytes.Contains(h.Body, []byte(`"opening-balance"`)) {
		s.opened = true
	} else if !s.opened {
		h.State, h.Words = lienthong.Failed, "Chưa nhập phiếu tồn đầu kỳ"
	}
}

func (s *Server) status(state lienthong.State) string {
	if s.opts.Capitals {
		return strings.ToUpper(string(state[:1])) + string(state[1:])
	}
	return string(state)
}
