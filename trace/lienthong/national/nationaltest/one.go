package nationaltest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/dauvet/dauvet/trace/lienthong"
)

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
		if err := errors.Join(json.Unmarshal(body, &t), s.opts.Limits.Check(t)); err != nil {
			s.fail(w, r, http.StatusBadRequest, err.Error())
			return
		}
		s.done(w, "ma_thuoc", t.TenThuoc)
	case len(path) == 2 && (r.Method == http.MethodPost || r.Method == http.MethodPut):
		number, err := s.parse(kind, body)
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
		if !s.drop(1, kind, path[3]) {
			s.fail(w, r, http.StatusNotFound, "không có")
			return
		}
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
