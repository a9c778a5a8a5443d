package report_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
	"github.com/dauvet/dauvet/trace/audit/report"
)

// browser is a headless Chromium that is told what to do over a pipe, in the JSON of the Chrome DevTools Protocol.
type browser struct {
	t       *testing.T
	to      io.Writer
	from    *bufio.Reader
	id      int
	session string // of the page
}

// startBrowser starts the Chromium in PATH, or skips the test. It ends with the test.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be given pipes here")
	}
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil && program == "" {
			program = path
		}
	}
	if program == "" {
		t.Skip("no chromium, chromium-browser or google-chrome in PATH: install Debian's package chromium")
	}
	// Not t.TempDir: processes of the browser may write a little longer than it runs.
	profile, err := os.MkdirTemp("", "browser")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--hide-scrollbars", "--no-first-run", "--remote-debugging-pipe", "--user-data-dir="+profile, "about:blank")
	theirs, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, mine, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = []*os.File{theirs, mine} // 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	mine.Close()
	t.Cleanup(func() {
		fmt.Fprintf(to, `{"id":%d,"method":"Browser.close"}`+"\x00", 1<<30)
		to.Close()
		io.Copy(io.Discard, from) // until it has ended
		from.Close()
		cancel()
		cmd.Wait()
		for range 100 {
			if os.RemoveAll(profile) == nil {
				break
			}
		}
	})
	return &browser{t: t, to: to, from: bufio.NewReader(from)}
}

// do sends a command and returns its result.
func (b *browser) do(method string, params map[string]any, result any) {
	b.t.Helper()
	b.id++
	message := map[string]any{"id": b.id, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	data, err := json.Marshal(message)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(data, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for {
		data, err := b.from.ReadBytes(0)
		if err != nil {
			b.t.Fatalf("%s: %v", method, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  *struct{ Message string }
		}
		if err := json.Unmarshal(data[:len(data)-1], &answer); err != nil {
			b.t.Fatal(err)
		}
		if answer.ID != b.id {
			continue // something happened
		}
		if answer.Error != nil {
			b.t.Fatalf("%s: %s", method, answer.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(answer.Result, result); err != nil {
				b.t.Fatal(err)
			}
		}
		return
	}
}

// open opens a file as a page of a size.
func (b *browser) open(name string, width, height int, phone bool) {
	b.t.Helper()
	b.session = ""
	var target struct{ TargetID string }
	b.do("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.do("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.do("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}, nil)
	b.do("Page.navigate", map[string]any{"url": (&url.URL{Scheme: "file", Path: name}).String()}, nil)
	for b.eval("document.readyState") != "complete" || b.eval("location.protocol") != "file:" {
		time.Sleep(20 * time.Millisecond)
	}
}

// eval returns the value of an expression in the page, as text.
func (b *browser) eval(expression string) string {
	b.t.Helper()
	var out struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Text string }
	}
	b.do("Runtime.evaluate", map[string]any{"expression": "String(" + expression + ")", "returnByValue": true}, &out)
	if out.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, out.ExceptionDetails.Text)
	}
	return fmt.Sprint(out.Result.Value)
}

// click scrolls to the first element of a selector and clicks it with the mouse.
func (b *browser) click(selector string) {
	b.t.Helper()
	var x, y float64
	quoted, err := json.Marshal(selector)
	if err != nil {
		b.t.Fatal(err)
	}
	place := b.eval(`(e => { e.scrollIntoView({block: "center", behavior: "instant"}); const r = e.getBoundingClientRect(); return (r.left + 20) + " " + (r.top + r.height / 2) })(document.querySelector(` + string(quoted) + `))`)
	if _, err := fmt.Sscan(place, &x, &y); err != nil {
		b.t.Fatalf("%s is at %q", selector, place)
	}
	for _, what := range []string{"mousePressed", "mouseReleased"} {
		b.do("Input.dispatchMouseEvent", map[string]any{"type": what, "x": x, "y": y, "button": "left", "clickCount": 1}, nil)
	}
}

// press presses a key.
func (b *browser) press(key, text string, code int) {
	b.t.Helper()
	for _, what := range []string{"keyDown", "keyUp"} {
		p := map[string]any{"type": what, "key": key, "code": key, "windowsVirtualKeyCode": code}
		if what == "keyDown" && text != "" {
			p["text"] = text
		}
		b.do("Input.dispatchKeyEvent", p, nil)
	}
}

// fraud is a page about a pack that was sold, and then its copy by somebody else.
func fraud(t *testing.T) string {
	t.Helper()
	const maker, shop, kiosk trace.Party = "8936000120009", "68-00417", "68-00500"
	packs := []gs1.EPC{epc(t, "https://id.gs1.org/01/08936000123451/21/K7M2Q9X4T1")}
	all := make(map[trace.Party]*ledger.Ledger)
	var keys []audit.Key
	for _, p := range []trace.Party{maker, shop, kiosk} {
		all[p] = newLedger(t, "example.com/"+string(p))
		keys = append(keys, audit.Key{Verifier: all[p].VerifierKey(), Party: p})
	}
	for _, h := range []trace.Hop{
		{Step: trace.Commissioning, Time: day(2), By: maker, EPCs: packs, Lot: "DV24A07", Expiry: "280630"},
		{Step: trace.Shipping, Time: day(3), By: maker, To: shop, EPCs: packs, Document: "PX-1"},
		{Step: trace.Receiving, Time: day(4), By: shop, From: maker, EPCs: packs, Document: "PX-1"},
		{Step: trace.Dispensing, Time: day(9), By: shop, EPCs: packs},
		{Step: trace.Dispensing, Time: day(25), By: kiosk, EPCs: packs},
	} {
		record(t, all[h.By], event(t, h))
	}
	r, err := report.Make(t.Context(), bundles(t, all, keys, nil), &report.Options{Keys: keys, Made: day(28), Until: day(27),
		Register: &trace.Register{Establishments: []trace.Establishment{{Party: maker}, {Party: shop}, {Party: kiosk}}},
		Parties:  map[trace.Party]string{shop: "Nhà thuốc số 1", kiosk: "Quầy thuốc số 2"}})
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "page.html")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := report.WriteHTML(f, r, nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestBrowser opens the page on a desktop and on a phone, clicks a finding and reads its evidence.
func TestBrowser(t *testing.T) {
	page := fraud(t)
	b := startBrowser(t)
	for _, tc := range []struct {
		name          string
		width, height int
		phone         bool
	}{
		{"desktop", 1280, 900, false},
		{"phone", 390, 844, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b.t = t
			b.open(page, tc.width, tc.height, tc.phone)
			const evidence = `document.querySelector("#f1")`
			if shows := b.eval(evidence + `.checkVisibility()`); shows != "false" {
				t.Error("the evidence shows before anybody asked for it")
			}
			if wide := b.eval(`document.documentElement.scrollWidth`); wide != fmt.Sprint(tc.width) {
				t.Errorf("the page is %s wide on a screen of %d", wide, tc.width)
			}
			b.click("#r-clone_dispensed_two_places + details > summary")
			if open := b.eval(evidence + `.parentElement.open`); open != "true" {
				t.Fatal("the finding did not open")
			}
			if shows := b.eval(evidence + `.checkVisibility() && ` + evidence + `.offsetHeight > 150`); shows != "true" {
				t.Error("the evidence does not show")
			}
			text := b.eval(evidence + `.innerText`)
			for _, want := range []string{"example.com/68-00500", "example.com/68-00417", "25/03/2026 09:00:00", "Quầy thuốc số 2", "K7M2Q9X4T1"} {
				if !strings.Contains(text, want) {
					t.Errorf("the evidence has no %q:\n%s", want, text)
				}
			}
			b.click("#f1 details.proof > summary")
			if text := b.eval(evidence + `.innerText`); !strings.Contains(text, "c2sp.org/tlog-proof@v1\nindex 0\n") {
				t.Errorf("no proof in:\n%s", text)
			}
			if n := b.eval(evidence + `.querySelectorAll("svg circle").length`); n < "5" {
				t.Errorf("the way has %s points, want 5 or more", n)
			}
			// By the keyboard: the focus is on the summary of the proof, one back is the one of the finding or its graph.
			b.eval(`document.querySelectorAll("details.finding > summary")[1].focus()`)
			b.press("Enter", "\r", 13)
			if open := b.eval(`document.querySelectorAll("details.finding")[1].open`); open != "true" {
				t.Error("Enter does not open a finding")
			}
			if wide := b.eval(`document.documentElement.scrollWidth`); wide != fmt.Sprint(tc.width) {
				t.Errorf("the page is %s wide on a screen of %d", wide, tc.width)
			}
			if *pages != "" {
				b.picture(filepath.Join(*pages, "browser-"+tc.name+".png"))
			}
		})
	}
	b.t = t

	// On paper what is closed shows, too, and the proofs do not.
	b.open(page, 1280, 900, false)
	b.do("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
	if shows := b.eval(`document.querySelector("#f1").checkVisibility() && document.querySelector("#f1").offsetHeight > 100`); shows != "true" {
		t.Error("the evidence is not printed")
	}
	if shows := b.eval(`document.querySelector("details.proof").checkVisibility()`); shows != "false" {
		t.Error("proofs are printed")
	}
}

// picture writes what the page looks like.
func (b *browser) picture(name string) {
	b.t.Helper()
	var shot struct{ Data string }
	b.do("Page.captureScreenshot", map[string]any{"format": "png"}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
