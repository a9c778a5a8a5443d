package national

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/dauvet/dauvet/trace/lienthong"
)

// DuocQuocGia is the way to duocquocgia.com.vn, generation 1. It answers at once. Paths, log-in and POST are those of six
// independent clients (confidence H), PUT of four and DELETE of three (M), and one reads a HoaDon back (L). HTTP 200 is good, 400
// bad data or a bad password, 401 an old session; the body may say otherwise, in the forms that reply reads (H).
type DuocQuocGia struct {
	c      *client
	maCoSo string
}

// NewDuocQuocGia returns the way to duocquocgia.com.vn for an establishment by its mã cơ sở. Nil opts mean the defaults.
func NewDuocQuocGia(maCoSo string, login Login, opts *Options) (*DuocQuocGia, error) {
	c, err := newClient("https://duocquocgia.com.vn", login, opts)
	if err != nil {
		return nil, err
	}
	c.scheme = cmp.Or(c.scheme, "bearer")
	c.enter = func(ctx context.Context, user, password string) (string, error) {
		body, err := json.Marshal(map[string]string{"usr": user, "pwd": password})
		if err != nil {
			return "", err
		}
		return entered(c.once(ctx, http.MethodPost, "/api/tai_khoan/dang_nhap", http.Header{"Content-Type": {"application/json"}}, body))
	}
	return &DuocQuocGia{c, maCoSo}, nil
}

// Generation returns 1.
func (d *DuocQuocGia) Generation() int { return 1 }

// Send posts a document, and puts one that the server may have: a HoaDon is asked for before, the others cannot be. What
// cannot be put because it is not there is posted.
func (d *DuocQuocGia) Send(ctx context.Context, doc *lienthong.Document, attempt lienthong.Attempt) (lienthong.Answer, error) {
	a, err := d.send(ctx, doc, attempt)
	if err != nil || a.State != lienthong.Completed || !d.c.opts.ReadBack || doc.Kind != lienthong.KindHoaDon {
		return a, err
	}
	// Whatever goes wrong from here on, the document may have arrived.
	switch there, err := d.has(ctx, doc); {
	case err != nil:
		return a, &lienthong.TemporaryError{Err: fmt.Errorf("national: read back: %s", err), Words: a.Words}
	case !there:
		return a, &lienthong.TemporaryError{Err: errors.New("national: the server took the document and does not have it"), Words: a.Words}
	}
	return a, nil
}

// has asks for a HoaDon.
func (d *DuocQuocGia) has(ctx context.Context, doc *lienthong.Document) (bool, error) {
	status, r, err := d.c.call(ctx, http.MethodGet, "/api/lien_thong/"+string(doc.Kind)+d.tail(doc.Number), nil)
	return good(status, r), d.page(r, err)
}

func (d *DuocQuocGia) send(ctx context.Context, doc *lienthong.Document, attempt lienthong.Attempt) (lienthong.Answer, error) {
	path := "/api/lien_thong/" + string(doc.Kind)
	there := attempt == lienthong.Correction
	if attempt == lienthong.Again {
		there = true
		if doc.Kind == lienthong.KindHoaDon {
			var err error
			if there, err = d.has(ctx, doc); err != nil {
				return lienthong.Answer{}, err
			}
		}
	}
	if there {
		status, r, err := d.c.call(ctx, http.MethodPut, path, doc.Body)
		if err = d.page(r, err); err != nil {
			return lienthong.Answer{}, err
		}
		if good(status, r) {
			return answer(status, r), nil
		}
	}
	status, r, err := d.c.call(ctx, http.MethodPost, path, doc.Body)
	if err = d.page(r, err); err != nil {
		return lienthong.Answer{}, err
	}
	return answer(status, r), nil
}

// Status returns lienthong.ErrForgotten: nothing is ever Accepted only.
func (d *DuocQuocGia) Status(context.Context, lienthong.Kind, string) (lienthong.Answer, error) {
	return lienthong.Answer{}, fmt.Errorf("national: %w", lienthong.ErrForgotten)
}

// Withdraw deletes a document; one that is not there is withdrawn.
func (d *DuocQuocGia) Withdraw(ctx context.Context, kind lienthong.Kind, number string) (lienthong.Answer, error) {
	status, r, err := d.c.call(ctx, http.MethodDelete, "/api/lien_thong/"+string(kind)+d.tail(number), nil)
	if err = d.page(r, err); err != nil {
		return lienthong.Answer{}, err
	}
	a := answer(status, r)
	if status == http.StatusNotFound || r.fields["code"] == "404" {
		a.State = lienthong.Completed
	}
	return a, nil
}

// ThemThuoc adds a drug to the shop's own list (thêm thuốc), and returns what the server said.
func (d *DuocQuocGia) ThemThuoc(ctx context.Context, t lienthong.ThuocCoSo) (lienthong.Answer, error) {
	status, r, err := d.c.call(ctx, http.MethodPost, "/api/lien_thong/thuoc_co_so/them_thuoc", t)
	if err != nil {
		return lienthong.Answer{}, err
	}
	return answer(status, r), nil
}

func (d *DuocQuocGia) tail(number string) string {
	return "/" + url.PathEscape(d.maCoSo) + "/" + url.PathEscape(number)
}

// page returns an error for an answer that is a page of the web though its status is good: nobody knows who gave it, and the
// document may not have arrived. An answer to what was rejected may be a page.
func (d *DuocQuocGia) page(r reply, err error) error {
	if err == nil && r.page {
		return &lienthong.TemporaryError{Err: errors.New("national: a page for an answer"), Words: r.words}
	}
	return err
}

// good reports whether the server agrees: by HTTP, and by the code in the body if there is one.
func good(status int, r reply) bool {
	code := r.fields["code"]
	return status/100 == 2 && (code == "" || code == "200" || code == "201")
}

func answer(status int, r reply) lienthong.Answer {
	a := lienthong.Answer{
		State: lienthong.Rejected, Words: r.words,
		ID: r.first("mahoadonquocgia", "maphieunhapquocgia", "maphieuxuatquocgia"),
	}
	if good(status, r) {
		a.State = lienthong.Completed
	} else if a.Words == "" {
		a.Words = http.StatusText(status)
	}
	return a
}
