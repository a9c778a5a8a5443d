package national

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dauvet/dauvet/trace/lienthong"
)

// Sandbox is the address of the sandbox of generation 2.
const Sandbox = "https://api-sandbox.csdlduoc.com.vn/v2"

// CsdlDuoc is the way to csdlduoc.com.vn, generation 2 (QĐ 232/QĐ-TTYQG 1.1). It takes a document and looks at it later. Paths, the
// form of the log-in with the password in Base64, and the life of a document were seen in a real test (confidence H); that the
// same number again is a correction, and that there is nothing to delete with, says one client (M).
type CsdlDuoc struct{ c *client }

// NewCsdlDuoc returns the way to csdlduoc.com.vn. Nil opts mean the defaults.
func NewCsdlDuoc(login Login, opts *Options) (*CsdlDuoc, error) {
	c, err := newClient("https://api.csdlduoc.com.vn/v2", login, opts)
	if err != nil {
		return nil, err
	}
	c.scheme = cmp.Or(c.scheme, "Bearer")
	c.enter = func(ctx context.Context, user, password string) (string, error) {
		form := url.Values{"username": {user}, "password": {base64.StdEncoding.EncodeToString([]byte(password))}}
		return entered(c.once(ctx, http.MethodPost, "/auth/login",
			http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode())))
	}
	return &CsdlDuoc{c}, nil
}

// Generation returns 2.
func (d *CsdlDuoc) Generation() int { return 2 }

// Send posts a document. The server cannot be asked for a number; the same number again is a correction, so every attempt is
// the same.
func (d *CsdlDuoc) Send(ctx context.Context, doc *lienthong.Document, _ lienthong.Attempt) (lienthong.Answer, error) {
	status, r, err := d.c.call(ctx, http.MethodPost, d.path(doc.Kind), doc.Body)
	if err != nil {
		return lienthong.Answer{}, err
	}
	a := lienthong.Answer{State: lienthong.Rejected, ID: r.first("transactionid", "id"), Words: r.words}
	switch {
	case status/100 != 2:
		if a.Words == "" {
			a.Words = http.StatusText(status)
		}
	case a.ID == "":
		return a, &lienthong.TemporaryError{Err: errors.New("national: an answer without transaction_id"), Words: r.words}
	default:
		a.State = d.c.opts.state(r)
	}
	return a, nil
}

// path returns that of a kind of documents.
func (d *CsdlDuoc) path(kind lienthong.Kind) string {
	if d.c.opts.Singular {
		return "/transaction/" + string(kind)
	}
	return "/transactions/" + string(kind)
}

// state returns what a status says, whatever its capitals: accepted, processing, completed, rejected or error (confidence H).
func (opts *Options) state(r reply) lienthong.State {
	switch strings.ToLower(strings.TrimSpace(r.fields["status"])) {
	case "":
		return opts.NoStatus
	case "accepted":
		return lienthong.Accepted
	case "processing":
		return lienthong.Processing
	case "completed":
		return lienthong.Completed
	case "rejected":
		return lienthong.Rejected
	case "error":
		return lienthong.Failed
	}
	return opts.UnknownStatus
}

// Status asks what became of a transaction.
func (d *CsdlDuoc) Status(ctx context.Context, kind lienthong.Kind, id string) (lienthong.Answer, error) {
	status, r, err := d.c.call(ctx, http.MethodGet, d.path(kind)+"/"+url.PathEscape(id)+"/status", nil)
	switch {
	case err != nil:
		return lienthong.Answer{}, err
	case status == http.StatusNotFound:
		return lienthong.Answer{}, fmt.Errorf("national: %w", lienthong.ErrForgotten)
	case status/100 != 2:
		return lienthong.Answer{}, &lienthong.TemporaryError{Err: statusError(status), Words: r.words}
	}
	return lienthong.Answer{State: d.c.opts.state(r), Words: r.words}, nil
}

// Withdraw returns lienthong.ErrCannotWithdraw: the interface has no way to.
func (d *CsdlDuoc) Withdraw(context.Context, lienthong.Kind, string) (lienthong.Answer, error) {
	return lienthong.Answer{}, fmt.Errorf("national: %w", lienthong.ErrCannotWithdraw)
}

// pageSize is the most that a page may have (confidence H).
const pageSize = 50

// Drugs returns a page of the national list of drugs, from 1 on, of those that changed since a time as Register.UpdatedUntil
// returns it; "" is since ever. A page has at most 50 drugs; the last is where Number times 50 is not below Total.
func (d *CsdlDuoc) Drugs(ctx context.Context, page int, updatedFrom string) (*lienthong.Page, error) {
	q := url.Values{"page": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(pageSize)}}
	if updatedFrom != "" {
		q.Set("last_update_from", updatedFrom)
	}
	status, r, err := d.c.call(ctx, http.MethodGet, "/master/drugs?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	if status/100 != 2 {
		return nil, &lienthong.TemporaryError{Err: statusError(status), Words: r.words}
	}
	return lienthong.ReadDrugs(bytes.NewReader(r.body))
}

// Update brings a register up to the national list: all of it the first time, and what changed since then after that. Nothing is
// taken before every page has come, so what breaks off in the middle is asked for again. Conflicts among the links of GTINs
// are returned, joined, and so are GTINs that are none; an error that matches neither says that the list did not come.
func (d *CsdlDuoc) Update(ctx context.Context, reg *lienthong.Register, at time.Time) error {
	from := reg.UpdatedUntil()
	var pages []*lienthong.Page
	for n := 1; ; n++ {
		page, err := d.Drugs(ctx, n, from)
		if err != nil {
			return err
		}
		pages = append(pages, page)
		if len(page.Drugs) == 0 || n*pageSize >= page.Total {
			break
		}
	}
	var errs []error
	for _, page := range pages {
		errs = append(errs, reg.Import(page, at))
		errs = append(errs, page.Odd...)
	}
	return errors.Join(errs...)
}
