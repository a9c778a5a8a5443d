package national

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dauvet/dauvet/trace/lienthong"
)

// Login returns user and password. It is called at each log-in, so they are kept by whoever gives them.
type Login func(ctx context.Context) (user, password string, err error)

// Options are the choices of who sends. Nil and the zero value are good defaults.
type Options struct {
	// Base is the address of the server without a slash at its end, such as that of a sandbox. Empty is the one in
	// production. Only a server on the same machine may be without TLS.
	Base string
	// Client makes the requests. Nil is one with a time-out of 30 seconds and TLS 1.2 or newer; one client says that the server
	// of generation 2 wants 1.3 (confidence L). Redirects are not followed.
	Client *http.Client

	// No text says what the answers below mean; each is what loses nothing (confidence ?).

	// Temporary says which statuses of HTTP are of the moment, so that a document is sent again; any other that is not 2xx
	// rejects it. Nil is 403, which a firewall gives to foreign addresses (L), 408, 3xx and 5xx. 401 is a matter of the log-in,
	// and 429 always of the moment.
	Temporary func(status int) bool
	// NoStatus is what a document is whose answer has no status, UnknownStatus when it has one that nobody knows. Empty is
	// Accepted and Processing: the server is asked again.
	NoStatus, UnknownStatus lienthong.State
	// Scheme is the word before the token. Empty is "bearer" for generation 1, in lower case as in its description and one client
	// (M), and "Bearer" for generation 2 (H). By RFC 9110, 11.1, its case means nothing.
	Scheme string
	// ReadBack asks generation 1 for each HoaDon after it was taken, and sends it again when the server has forgotten it. One
	// client of six reads back (L), so the default does not; other documents cannot be asked for.
	ReadBack bool
	// Singular says /transaction/ for /transactions/, as one listing of QĐ 232/QĐ-TTYQG does; a real test proved the plural (H).
	Singular bool
}

// temporary is the default of Options.Temporary.
func temporary(status int) bool {
	return status >= 500 || status == http.StatusRequestTimeout || status == http.StatusForbidden || status/100 == 3
}

// maxAnswer bounds what is read of an answer: a page of master data is one.
const maxAnswer = 16 << 20

// client makes requests in the name of somebody.
type client struct {
	base   string
	opts   Options
	http   *http.Client
	login  Login
	scheme string // of Authorization
	// enter logs in and returns the token.
	enter func(ctx context.Context, user, password string) (string, error)

	mu    sync.Mutex
	token *token
}

// token is behind a pointer, so that printing a client does not show it.
type token struct{ text string }

// newClient returns a client, or what is wrong with the address.
func newClient(base string, login Login, opts *Options) (*client, error) {
	c := &client{base: base, login: login}
	if opts == nil {
		opts = &Options{}
	}
	c.opts = *opts
	if c.opts.Temporary == nil {
		c.opts.Temporary = temporary
	}
	c.scheme = opts.Scheme
	c.opts.NoStatus = cmp.Or(c.opts.NoStatus, lienthong.Accepted)
	c.opts.UnknownStatus = cmp.Or(c.opts.UnknownStatus, lienthong.Processing)
	if opts.Base != "" {
		c.base = strings.TrimRight(opts.Base, "/")
	}
	u, err := url.Parse(c.base)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("national: want an address such as https://example.vn/v2")
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return nil, errors.New("national: want https: passwords do not go over an open line")
	}
	if login == nil {
		return nil, errors.New("national: want a login")
	}
	h := http.Client{Timeout: 30 * time.Second}
	if opts.Client != nil {
		h = *opts.Client
	} else {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		h.Transport = t
	}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http = &h
	return c, nil
}

// call makes a request with a token, and logs in anew once when the server does not want it any more (401; confidence H). The status is that of
// HTTP; a *lienthong.TemporaryError is for 429, 408, 403, 5xx and the line.
func (c *client) call(ctx context.Context, method, path string, document any) (status int, r reply, err error) {
	var body []byte
	if document != nil {
		if body, err = json.Marshal(document); err != nil {
			return 0, r, fmt.Errorf("national: %w", err)
		}
	}
	for fresh := false; ; fresh = true {
		t, err := c.ticket(ctx, fresh)
		if err != nil {
			return 0, r, err
		}
		h := http.Header{"Authorization": {c.scheme + " " + t}}
		if body != nil {
			h.Set("Content-Type", "application/json")
		}
		status, r, err = c.once(ctx, method, path, h, body)
		if err != nil || status != http.StatusUnauthorized && r.fields["code"] != "401" {
			return status, r, err
		}
		if fresh {
			return status, r, fmt.Errorf("national: %w", lienthong.ErrCredentials)
		}
	}
}

// ticket returns the token, of a new log-in when there is none or a fresh one is wanted.
func (c *client) ticket(ctx context.Context, fresh bool) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != nil && !fresh {
		return c.token.text, nil
	}
	c.token = nil
	user, password, err := c.login(ctx)
	if err != nil {
		return "", fmt.Errorf("national: %w: %w", lienthong.ErrCredentials, err)
	}
	text, err := c.enter(ctx, user, password)
	if err != nil {
		return "", err
	}
	c.token = &token{text}
	return text, nil
}

// entered reads the answer to a log-in. What the server says is not repeated: it may repeat what it was told.
func entered(status int, r reply, err error) (string, error) {
	if err != nil {
		var temporary *lienthong.TemporaryError
		if errors.As(err, &temporary) { // no document was given to it
			return "", &lienthong.TemporaryError{Err: errors.New("national: log in: " + http.StatusText(status)), After: temporary.After, NotArrived: true}
		}
		return "", err
	}
	if t := r.first("accesstoken", "token"); t != "" && status/100 == 2 {
		return t, nil
	}
	if status/100 == 2 || status == http.StatusBadRequest || status == http.StatusUnauthorized {
		return "", fmt.Errorf("national: log in: %w", lienthong.ErrCredentials)
	}
	return "", &lienthong.TemporaryError{Err: fmt.Errorf("national: log in: status %d", status), NotArrived: true}
}

// once makes one request.
func (c *client) once(ctx context.Context, method, path string, h http.Header, body []byte) (int, reply, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, reply{}, fmt.Errorf("national: %w", err)
	}
	req.Header = h
	resp, err := c.http.Do(req)
	if err != nil {
		var dial *net.OpError
		return 0, reply{}, &lienthong.TemporaryError{
			Err: fmt.Errorf("national: %w", err), NotArrived: errors.As(err, &dial) && dial.Op == "dial",
		}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return resp.StatusCode, reply{}, &lienthong.TemporaryError{Err: fmt.Errorf("national: %w", err)}
	}
	r := read(data)
	r.page = resp.StatusCode/100 == 2 && bytes.HasPrefix(bytes.TrimSpace(data), []byte("<"))
	switch s := resp.StatusCode; {
	case s == http.StatusTooManyRequests:
		return s, r, &lienthong.TemporaryError{Err: statusError(s), Words: r.words, After: retryAfter(resp.Header), NotArrived: true}
	case s != http.StatusUnauthorized && s/100 != 2 && c.opts.Temporary(s):
		return s, r, &lienthong.TemporaryError{Err: statusError(s), Words: r.words, After: retryAfter(resp.Header)}
	}
	return resp.StatusCode, r, nil
}

func statusError(status int) error {
	return fmt.Errorf("national: status %d %s", status, http.StatusText(status))
}

// retryAfter returns what the header says (RFC 9110, 10.2.3), at most a day.
func retryAfter(h http.Header) time.Duration {
	s := h.Get("Retry-After")
	var d time.Duration
	if n, err := strconv.Atoi(s); err == nil {
		d = time.Duration(min(n, 86400)) * time.Second
	} else if t, err := http.ParseTime(s); err == nil {
		d = time.Until(t)
	}
	return max(0, min(d, 24*time.Hour))
}
