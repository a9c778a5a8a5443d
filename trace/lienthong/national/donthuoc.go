package national

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace/lienthong"
)

// DonThuocOptions are the choices of who reports sales of prescriptions. Nil and the zero value are good defaults.
type DonThuocOptions struct {
	Options
	// SDKNames sends the report with the names that one client has (so_luong_to, co_so_kham, so_hoa_don, …) for those of QĐ
	// 808/QĐ-BYT, IX, which another has. The two disagree, and nobody has tried either here (confidence M for the default, ?
	// for the others).
	SDKNames bool
	// OldPath reads a prescription at thong-tin-donthuoc, as QĐ 228/QĐ-QLD prints it; both clients in use have
	// thong-tin-don-thuoc (?).
	OldPath bool
	// Limits take the place of those that lienthong.Check knows; nil keeps them.
	Limits lienthong.Limits
}

// DonThuoc is the way to donthuocquocgia.vn, the national system of prescriptions (đơn thuốc; QĐ 808/QĐ-BYT, QĐ 228/QĐ-QLD). It is
// no lienthong.Transport: a report is made of a sale and of a prescription, which no ledger holds.
type DonThuoc struct {
	c    *client
	opts DonThuocOptions
}

// NewDonThuoc returns the way to donthuocquocgia.vn. The login returns app-name and app-key, which the vendor of the software was
// given (confidence H); they are asked for at each request. Nil opts mean the defaults. Base is "https://donthuocquocgia.vn"
// for one client and with www for another (M); tests go to a host of their own.
func NewDonThuoc(login Login, opts *DonThuocOptions) (*DonThuoc, error) {
	d := &DonThuoc{}
	if opts != nil {
		d.opts = *opts
	}
	c, err := newClient("https://donthuocquocgia.vn", login, &d.opts.Options)
	if err != nil {
		return nil, err
	}
	if d.opts.Temporary == nil { // 401 and 403 are a key that is bad (M)
		c.opts.Temporary = func(status int) bool { return status != http.StatusForbidden && temporary(status) }
	}
	d.c = c
	return d, nil
}

// call makes a request. An error that matches lienthong.ErrCredentials says that the server does not want the key.
func (d *DonThuoc) call(ctx context.Context, method, path string, document any) (int, reply, error) {
	name, key, err := d.c.login(ctx)
	if err != nil {
		return 0, reply{}, fmt.Errorf("national: %w: %w", lienthong.ErrCredentials, err)
	}
	h := http.Header{"app-name": {name}, "app-key": {key}}
	var body []byte
	if document != nil {
		h.Set("Content-Type", "application/json")
		if body, err = json.Marshal(document); err != nil {
			return 0, reply{}, fmt.Errorf("national: %w", err)
		}
	}
	status, r, err := d.c.once(ctx, method, path, h, body)
	if err == nil && (status == http.StatusUnauthorized || status == http.StatusForbidden) {
		err = fmt.Errorf("national: %w", lienthong.ErrCredentials)
	}
	if err == nil && r.page {
		err = &lienthong.TemporaryError{Err: errors.New("national: a page for an answer")}
	}
	return status, r, err
}

// CapNhat reports what was sold of a prescription (cập nhật đơn thuốc) and returns Completed, or Rejected with the server's words:
// 404 is a prescription that it does not know, 422 data that it does not want. The same report again is the same state, but
// no text says what the server makes of two, so send one again only after a *lienthong.TemporaryError (?).
func (d *DonThuoc) CapNhat(ctx context.Context, c lienthong.CapNhatDonThuoc) (lienthong.Answer, error) {
	if err := d.opts.Limits.Check(c); err != nil {
		return lienthong.Answer{}, err
	}
	var document any = c
	if d.opts.SDKNames {
		document = sdkNames(c)
	}
	status, r, err := d.call(ctx, http.MethodPost, "/api/v1/cap-nhat-don-thuoc", document)
	if err != nil {
		return lienthong.Answer{}, err
	}
	return answer(status, r), nil
}

// sdkNames returns a report with the other names.
func sdkNames(c lienthong.CapNhatDonThuoc) any {
	lines := make([]map[string]any, len(c.Thuoc))
	for i, t := range c.Thuoc {
		lines[i] = map[string]any{
			"ma_thuoc": t.MaThuoc, "ten_thuoc": t.TenThuoc, "don_vi": t.DonViTinh, "so_luong_to": t.SoLuong,
			"so_luong_ban": t.SoLuongBan, "cach_dung": t.CachDung,
		}
	}
	return map[string]any{
		"ma_don_thuoc": c.MaDonThuoc, "thong_tin_thuoc": lines, "co_so_kham": c.TenCoSo, "so_dien_thoai": c.DienThoai,
		"dia_chi": c.DiaChi, "so_hoa_don": c.MaHoaDon,
	}
}

// Prescription is what a pharmacy needs of a prescription to sell it. The server also sends who it is for, what he has and who
// prescribed it: that is not in it, so that it gets nowhere.
type Prescription struct {
	MaDonThuoc lienthong.MaDonThuoc
	Loai       string    // loại đơn thuốc, as the server says it
	KeDon      time.Time // ngày giờ kê đơn; zero when the server says it in a form that nobody knows
	Thuoc      []lienthong.ThuocKeDon
}

// ErrNoPrescription says that the server does not know a prescription.
var ErrNoPrescription = errors.New("the server does not know the prescription")

// Doc reads a prescription (đọc đơn thuốc). The error matches ErrNoPrescription when there is none; no error shows what the server
// said, as it is about a patient.
func (d *DonThuoc) Doc(ctx context.Context, code lienthong.MaDonThuoc) (*Prescription, error) {
	code, err := lienthong.ParseMaDonThuoc(string(code))
	if err != nil {
		return nil, err
	}
	path := "/api/v1/thong-tin-don-thuoc/"
	if d.opts.OldPath {
		path = "/api/v1/thong-tin-donthuoc/"
	}
	status, r, err := d.call(ctx, http.MethodGet, path+url.PathEscape(string(code)), nil)
	var temporary *lienthong.TemporaryError
	switch {
	case errors.As(err, &temporary):
		return nil, &lienthong.TemporaryError{Err: temporary.Err, After: temporary.After, NotArrived: true}
	case err != nil:
		return nil, err
	case status == http.StatusNotFound:
		return nil, fmt.Errorf("national: %s: %w", code, ErrNoPrescription)
	case status/100 != 2:
		return nil, statusError(status)
	}
	return readPrescription(r.body, code)
}

// readPrescription reads an answer, flat or in "data". Numbers may be text.
func readPrescription(body []byte, code lienthong.MaDonThuoc) (*Prescription, error) {
	type answer struct {
		Loai  scalar `json:"loai_don_thuoc"`
		Luc   scalar `json:"ngay_gio_ke_don"`
		Thuoc []struct {
			Ma       scalar `json:"ma_thuoc"`
			BietDuoc scalar `json:"biet_duoc"`
			Ten      scalar `json:"ten_thuoc"`
			DonVi    scalar `json:"don_vi_tinh"`
			DonViSDK scalar `json:"don_vi"`
			SoLuong  scalar `json:"so_luong"`
			CachDung scalar `json:"cach_dung"`
		} `json:"thong_tin_don_thuoc"`
	}
	var in struct {
		answer
		Data *answer `json:"data"`
	}
	if json.Unmarshal(body, &in) != nil {
		return nil, errors.New("national: an answer that is no prescription")
	}
	if in.Data != nil {
		in.answer = *in.Data
	}
	p := &Prescription{MaDonThuoc: code, Loai: string(in.Loai), KeDon: moment(string(in.Luc))}
	for i, t := range in.Thuoc {
		n, ok := t.SoLuong.whole()
		if !ok {
			return nil, fmt.Errorf("national: thong_tin_don_thuoc[%d].so_luong: %w", i, lienthong.ErrNotWhole)
		}
		unit := t.DonVi
		if unit == "" {
			unit = t.DonViSDK
		}
		p.Thuoc = append(p.Thuoc, lienthong.ThuocKeDon{
			MaThuoc: string(t.Ma), BietDuoc: string(t.BietDuoc), TenThuoc: string(t.Ten), DonViTinh: string(unit),
			SoLuong: n, CachDung: string(t.CachDung),
		})
	}
	if len(p.Thuoc) == 0 {
		return nil, errors.New("national: a prescription without drugs")
	}
	return p, nil
}

// moment reads a time in one of the forms that clients write.
func moment(s string) time.Time {
	zone := time.FixedZone("+07", 7*60*60)
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "02/01/2006 15:04", "200601021504"} {
		if t, err := time.ParseInLocation(layout, strings.TrimSpace(s), zone); err == nil {
			return t
		}
	}
	return time.Time{}
}

// scalar is a text that may come as a number.
type scalar string

// UnmarshalJSON takes a text, a number, true or false as it is written, and null for none.
func (s *scalar) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(s))
	case '{', '[':
		return errors.New("want text or a number")
	case 'n':
		*s = ""
	default:
		*s = scalar(data)
	}
	return nil
}

// whole returns the whole number that it is, also with zeros behind the point, such as 20.00.
func (s scalar) whole() (int64, bool) {
	digits, places, _ := strings.Cut(strings.TrimSpace(string(s)), ".")
	if strings.Trim(places, "0") != "" || len(digits) > 15 {
		return 0, false
	}
	var n int64
	for _, r := range digits {
		if r < '0' || r > '9' {
			return 0, false
		}
		n = 10*n + int64(r-'0')
	}
	return n, digits != ""
}
