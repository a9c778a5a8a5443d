package national_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/ledger/badgerledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/dauvet/dauvet/trace/lienthong/national"
	"github.com/dauvet/dauvet/trace/lienthong/national/nationaltest"
)

// persons are what a server, an import or a slip of the hand may bring, and what no journal, error or document may show.
var persons = []string{
	"Nguyễn Thị Ánh Nguyệt", "NGUYỄN VĂN BỆNH", "tran thi benh nhan", "0912345678", "12 Lê Lợi, Gia Nghĩa", "BS. Phạm Văn Kê", "068199001234",
}

// gossip is a server that names everybody in every way: it logs in, and says something of each of the persons to all else.
type gossip struct {
	n     int
	quiet bool // it takes everything
}

func (g *gossip) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "login") || strings.HasSuffix(r.URL.Path, "dang_nhap") {
		fmt.Fprint(w, `{"access_token": "t", "token": "t"}`)
		return
	}
	g.n++
	if g.quiet {
		fmt.Fprintf(w, `{"code": 200, "transaction_id": "T%d", "status": "Completed"}`, g.n)
		return
	}
	who := persons[g.n%len(persons)]
	words, _ := json.Marshal("đơn của " + who + " có lỗi")
	status := []int{200, 400, 422, 404, 403, 500, 429, 200, 302, 409}[g.n%10]
	w.WriteHeader(status)
	switch g.n % 9 {
	case 0:
		fmt.Fprintf(w, `{"code": "400", "message": %s, "mess": %s}`, words, words)
	case 1:
		fmt.Fprintf(w, `{"messages": [{"message": %s}], "ho_ten_khach_hang": %s}`, words, words)
	case 2:
		fmt.Fprintf(w, `{"transaction_id": "T%d", "status": "Rejected", "messages": [%s]}`, g.n, words)
	case 3:
		fmt.Fprint(w, "<html>"+who)
	case 4:
		fmt.Fprint(w, who)
	case 5:
		fmt.Fprintf(w, `[%s]`, words)
	case 6:
		fmt.Fprintf(w, `{"data": {"status": %s, "id": 7}`, words) // and no end
	case 7:
		fmt.Fprintf(w, `{"status": %s, "transaction_id": "T%d"}`, words, g.n)
	case 8:
		fmt.Fprintf(w, `%s`, words)
	}
}

// logBook collects what is logged.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestPersonal plants names where they could come in, and greps everything that is written or said for them: the journal as it
// lies on the disk, the entries of the ledger of events but for the one that was planted there, what is logged, errors, and
// what an outbox says of itself.
func TestPersonal(t *testing.T) {
	var said []string
	logged := &logBook{}
	log.SetOutput(logged) // also that of slog and net/http, which no logger was given to
	defer log.SetOutput(os.Stderr)
	log.Print("control")
	say := func(v ...any) { said = append(said, fmt.Sprintf("%v %+v %q", v, v, v)) }
	folder := t.TempDir()
	journal, err := badgerledger.Open(folder, &ledger.Options{
		Index: lienthong.JournalIndex, Logger: slog.New(slog.NewTextHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := &gossip{quiet: true}
	web := httptest.NewServer(server)
	defer web.Close()
	s := newShop(t, nationaltest.Options{})
	one, err1 := national.NewDuocQuocGia("68-00417", login, &national.Options{Base: web.URL})
	two, err2 := national.NewCsdlDuoc(login, &national.Options{Base: web.URL})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	open := func() {
		t.Helper()
		s.outbox, err = lienthong.OpenOutbox(t.Context(), journal, s.reports, &lienthong.OutboxOptions{
			Now: func() time.Time { return s.now }, Polls: 3,
		}, one, two)
		if err != nil {
			t.Fatal(err)
		}
	}
	open()
	s.hop(trace.Hop{Step: trace.Counting, Goods: []trace.Goods{{Class: s.lot, Count: 1000}}})
	if _, err := s.outbox.Step(t.Context()); err != nil { // the opening stock
		t.Fatal(err)
	}
	server.quiet = false
	s.day()
	// Somebody writes a name where the code of a prescription belongs, and beside it.
	slip := s.hop(trace.Hop{Step: trace.Dispensing, Document: "HD9", Extensions: []trace.Field{
		lienthong.PrescriptionField(lienthong.MaDonThuoc(persons[0])), trace.NewField("khach_hang", persons[1]),
	}})
	heard := 0
	for i := range 400 {
		if _, err := s.outbox.Step(t.Context()); err != nil {
			say(err)
		}
		s.now = s.now.Add(7 * time.Minute)
		for _, d := range s.deliveries() {
			if d.Words != "" {
				heard++ // the vendor hears them, and nobody writes them down
			}
			d.Words = ""
			say(d)
		}
		if i%40 == 39 {
			open()
		}
	}
	if heard == 0 {
		t.Error("the vendor never hears what the server says")
	}
	say(s.outbox.Waiting())

	// Requests that no outbox makes.
	three, err := national.NewDonThuoc(login, &national.DonThuocOptions{Options: national.Options{Base: web.URL}})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		_, err := three.Doc(t.Context(), prescription)
		say(err)
		_, err = three.CapNhat(t.Context(), sale())
		say(err)
		_, err = one.ThemThuoc(t.Context(), lienthong.ThuocCoSo{})
		say(err)
		_, err = two.Drugs(t.Context(), 1, "")
		say(err)
		_, err = one.Withdraw(t.Context(), lienthong.KindHoaDon, "HD1")
		say(err)
	}

	// Imports of the register.
	for _, who := range persons {
		quoted, err := json.Marshal(who)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			`{"page": 1, "total": 1, "data": [{"id": "1", "packagings": [{"unit_id": "U1", "gtin": ` + string(quoted) + `}]}]}`,
			`{"page": ` + string(quoted) + `, "data": ` + string(quoted) + `}`,
			`{"data": [{"name": ` + string(quoted) + `}]}`,
			`{"data": [{"id": {"ho_ten": ` + string(quoted) + `}}]}`,
			who, `{"` + who, `[` + string(quoted) + `]`,
		} {
			page, err := lienthong.ReadDrugs(strings.NewReader(text))
			say(err)
			if page != nil {
				say(page.Odd)
			}
		}
		reg := &lienthong.Register{}
		drug := lienthong.Drug{DrugID: "1", Units: []lienthong.Unit{{UnitID: "U1", GTIN: box}, {UnitID: "U2", GTIN: box}}}
		say(reg.Put(drug, who, s.now), reg.Link(lienthong.Link{GTIN: gs1.GTIN(who), DrugID: "1", UnitID: "U1", By: who}))
		say(lienthong.Check(lienthong.HoaDon{HoTenKhachHang: strings.Repeat(who, 50), HoTenNguoiBan: strings.Repeat(who, 50)}))
		say(lienthong.Check(lienthong.PhieuXuat{TenCoSoNhan: strings.Repeat(who, 50)}))
	}

	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	sales := 0
	for i := range s.events.Size() {
		if i == slip.Index { // the hand that slipped wrote it, and nobody can take it out of a ledger again
			continue
		}
		entry, err := s.events.Read(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, string(entry.Data))
		sales += strings.Count(string(entry.Data), "HD1")
	}
	if sales == 0 {
		t.Error("what is looked for as a control is not found in the ledger of events either")
	}
	if !strings.Contains(logged.String(), "control") {
		t.Error("nothing is heard of what is logged")
	}
	said = append(said, logged.String())
	control := 0
	err = filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		control += bytes.Count(data, []byte("HD1-"))
		said = append(said, string(data))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if control == 0 {
		t.Error("what is looked for as a control is not found on the disk either")
	}
	for _, text := range said {
		for _, who := range persons {
			escaped, err := json.Marshal(who)
			if err != nil {
				t.Fatal(err)
			}
			for _, form := range []string{who, strings.Trim(string(escaped), `"`), strings.Trim(fmt.Sprintf("%+q", who), `"`)} {
				if i := strings.Index(text, form); i >= 0 {
					t.Fatalf("%q in …%q", who, text[max(0, i-200):min(len(text), i+len(form)+100)])
				}
			}
		}
	}
}
