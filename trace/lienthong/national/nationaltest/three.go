package nationaltest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/dauvet/dauvet/trace/lienthong"
)

// KindCapNhatDonThuoc is the kind of a report of a sale that donthuocquocgia.vn holds: of Documents(3), by the code of the
// prescription.
const KindCapNhatDonThuoc lienthong.Kind = "cap-nhat-don-thuoc"

// three serves donthuocquocgia.vn: prescriptions, and what was sold of them.
func (s *Server) three(w http.ResponseWriter, r *http.Request, body []byte) {
	if s.opts.User != "" && (r.Header.Get("app-name") != s.opts.User || r.Header.Get("app-key") != s.opts.Password) {
		s.fail(w, r, http.StatusUnauthorized, "app-key")
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/v1/")
	if code, ok := strings.CutPrefix(path, "thong-tin-don-thuoc/"); ok && r.Method == http.MethodGet {
		if answer, ok := s.opts.Prescriptions[lienthong.MaDonThuoc(code)]; ok {
			s.say(w, http.StatusOK, answer)
			return
		}
		s.fail(w, r, http.StatusNotFound, "không có đơn thuốc")
		return
	}
	if path != string(KindCapNhatDonThuoc) || r.Method != http.MethodPost {
		s.fail(w, r, http.StatusNotFound, "không có")
		return
	}
	var c lienthong.CapNhatDonThuoc
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	err := d.Decode(&c)
	if err == nil {
		err = s.opts.Limits.Check(c)
	}
	if err != nil {
		s.say(w, http.StatusUnprocessableEntity, map[string]any{"danh_sach_cac_loi": strings.Split(err.Error(), "\n")})
		return
	}
	if _, ok := s.opts.Prescriptions[lienthong.MaDonThuoc(c.MaDonThuoc)]; !ok {
		s.fail(w, r, http.StatusNotFound, "không có đơn thuốc")
		return
	}
	s.put(&Held{Generation: 3, Kind: KindCapNhatDonThuoc, Number: c.MaDonThuoc, Body: body, State: lienthong.Completed})
	s.say(w, http.StatusOK, map[string]string{"message": "thành công"})
}
