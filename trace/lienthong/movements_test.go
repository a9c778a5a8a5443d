package lienthong_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
	gocmp "github.com/google/go-cmp/cmp"
)

// golden compares a value, as JSON, with a file of testdata.
func golden(t *testing.T, name string, document any) {
	t.Helper()
	got, err := json.MarshalIndent(document, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", name+".json")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// TestMovementDocuments records every movement, and holds the documents that both generations get of it.
func TestMovementDocuments(t *testing.T) {
	told := map[lienthong.Movement]bool{lienthong.OpeningStock: true} // TestOpening
	for m := lienthong.OpeningStock; !strings.HasPrefix(m.String(), "Movement("); m++ {
		defer func() {
			if !told[m] {
				t.Errorf("no golden of %s", m)
			}
		}()
	}
	for _, c := range []struct {
		movement lienthong.Movement
		business lienthong.Business
		hop      trace.Hop
	}{
		{movement: lienthong.Purchase, hop: trace.Hop{Step: trace.Receiving, From: supplier, Document: "PX 12/26", Price: 1100}},
		{movement: lienthong.Importing, hop: trace.Hop{Step: trace.Receiving, From: abroad, Document: "INV-7"}},
		{movement: lienthong.Manufacturing, business: lienthong.Factory, hop: trace.Hop{Step: trace.Commissioning, Document: "LSX1"}},
		{movement: lienthong.CustomerReturn, hop: trace.Hop{Step: trace.Receiving, Disposition: trace.DispReturned, Document: "TL0001"}},
		{movement: lienthong.TransferIn, hop: trace.Hop{Step: trace.Receiving, From: sister, Document: "CK0001"}},
		{movement: lienthong.TransferOut, hop: trace.Hop{Step: trace.Shipping, To: sister, Document: "CK0002"}},
		{movement: lienthong.RetailSale, hop: trace.Hop{Step: trace.Dispensing, Document: "HD0001", Price: 1250}},
		{movement: lienthong.Wholesale, hop: trace.Hop{Step: trace.Shipping, To: "79-00001", Document: "PX0001", Price: 1200}},
		{movement: lienthong.SupplierReturn, hop: trace.Hop{Step: trace.Returning, To: supplier, Document: "TN0001", Price: 1100}},
		{movement: lienthong.RecallReturn, hop: trace.Hop{Step: trace.Returning, Disposition: trace.DispRecalled, To: supplier, Document: "TH0001"}},
		{movement: lienthong.Destruction, hop: trace.Hop{Step: trace.Destroying, Document: "BB0001", Price: 1100}},
		{movement: lienthong.Count, hop: trace.Hop{Step: trace.Counting, Document: "KK0001"}},
		{movement: lienthong.OtherIn, hop: trace.Hop{Step: trace.Commissioning, Document: "NK0001"}},
		{movement: lienthong.OtherOut, hop: trace.Hop{Step: trace.Losing, Document: "MM0001"}},
	} {
		told[c.movement] = true
		t.Run(c.movement.String(), func(t *testing.T) {
			s := newShop(t)
			s.est.Business = c.business
			c.hop.Goods, c.hop.Lot, c.hop.Expiry = s.goods(200), "L1", "271200"
			r := s.hop(c.hop)
			vouchers := s.vouchers()
			if len(vouchers) != 1 || vouchers[0].Movement != c.movement {
				t.Fatalf("vouchers %+v", vouchers)
			}
			v := &vouchers[0]
			if diff := gocmp.Diff([]int64{r.Index}, v.Entries); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			s.golden(v)
		})
	}
}

// TestChosenDocuments: what generation 1 has no document for is told as the options say.
func TestChosenDocuments(t *testing.T) {
	wholesale := trace.Hop{Step: trace.Shipping, To: "79-00001", Document: "PX0001", Price: 1200}
	for name, c := range map[string]struct {
		hop trace.Hop
		set func(*lienthong.Options)
	}{
		"wholesale-1-hoa_don":    {wholesale, func(o *lienthong.Options) { o.Wholesale = lienthong.KindHoaDon }},
		"wholesale-1-phieu_xuat": {wholesale, func(o *lienthong.Options) { o.Wholesale = lienthong.KindPhieuXuat }},
		"recall-1-phieu_xuat": {
			trace.Hop{Step: trace.Returning, Disposition: trace.DispRecalled, To: supplier, Document: "TH0001", Price: 1100},
			func(o *lienthong.Options) { o.RecallAsReturn = true },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t)
			c.hop.Goods, c.hop.Lot, c.hop.Expiry = s.goods(200), "L1", "271200"
			s.hop(c.hop)
			c.set(&s.opts)
			d, err := s.reports().Document(1, &s.vouchers()[0])
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "movements/"+name, d)
		})
	}
}

// golden holds the documents of a voucher.
func (s *shop) golden(v *lienthong.Voucher) {
	t := s.t.(*testing.T)
	t.Helper()
	for g := 1; g <= 2; g++ {
		d, err := s.reports().Document(g, v)
		var none *lienthong.NotExpressibleError
		if one, _, has := v.Movement.GenerationOne(); g == 1 && (has != nil || one == "") {
			if !errors.As(err, &none) || none.Movement != v.Movement {
				t.Errorf("generation 1: %v, %v", d, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("generation %d: %v", g, err)
			continue
		}
		golden(t, filepath.Join("movements", strings.ReplaceAll(v.Movement.String(), " ", "-")+"-"+strconv.Itoa(g)), d)
	}
}

// TestOpening: what the books have when the opening day begins, or what was counted on it before anything else.
func TestOpening(t *testing.T) {
	s := newShop(t)
	s.at = s.at.AddDate(0, 0, -3)
	s.hop(trace.Hop{Step: trace.Receiving, From: supplier, Goods: s.goods(500), Expiry: "271200"})
	s.hop(trace.Hop{Step: trace.Dispensing, Goods: s.goods(20)})
	s.hop(trace.Hop{Step: trace.Receiving, From: supplier, EPCs: []gs1.EPC{pack(t, box, "A"), pack(t, box, "B"), pack(t, box, "C")}, Lot: "L2", Expiry: "2027-10-01"})
	s.hop(trace.Hop{Step: trace.Dispensing, EPCs: []gs1.EPC{pack(t, box, "A")}, Units: 30})
	s.hop(trace.Hop{Step: trace.Dispensing, EPCs: []gs1.EPC{pack(t, box, "B")}})
	if v := s.between(-9, -1); len(v) != 0 {
		t.Errorf("before the opening %+v", v)
	}
	v := s.between(-9, 1)
	if len(v) != 1 || v[0].Movement != lienthong.OpeningStock {
		t.Fatalf("vouchers %+v", v)
	}
	s.golden(&v[0])

	// A count on the day is the opening stock of its lots; after a sale it is none.
	s.at = morning.AddDate(0, 0, -1)
	s.hop(trace.Hop{Step: trace.Counting, Goods: s.goods(470)})
	s.hop(trace.Hop{Step: trace.Dispensing, Goods: s.goods(10), Document: "HD1"})
	s.hop(trace.Hop{Step: trace.Counting, Goods: s.goods(455), Document: "KK1"})
	v = s.between(-1, 1)
	if len(v) != 3 || v[0].Lines[0].Count != 470 || v[1].Movement != lienthong.RetailSale || v[2].Movement != lienthong.Count {
		t.Fatalf("vouchers %+v", v)
	}
	if l := v[2].Lines[0]; l.Count != 455 || l.System != 460 {
		t.Errorf("the second count %+v", l)
	}
	s.opts.OpeningByCount = true
	d, err := s.reports().Document(2, &v[0])
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "movements/opening-stock-2-by-count", d)
}

// TestRecount: what is counted twice on one paper was there once, and the difference to the books is that of both counts.
func TestRecount(t *testing.T) {
	s := newShop(t)
	packs := []gs1.EPC{pack(t, box, "A"), pack(t, box, "B")}
	s.hop(trace.Hop{Step: trace.Receiving, From: supplier, Goods: s.goods(500), Expiry: "271200", Document: "PN1"})
	s.hop(trace.Hop{Step: trace.Receiving, From: supplier, EPCs: packs, Lot: "L2", Expiry: "271200", Document: "PN2"})
	s.hop(trace.Hop{Step: trace.Counting, Goods: s.goods(470), Document: "KK1"})
	s.hop(trace.Hop{Step: trace.Counting, EPCs: packs, Document: "KK1"})
	s.hop(trace.Hop{Step: trace.Dispensing, Goods: s.goods(10), Document: "HD1"})
	s.hop(trace.Hop{Step: trace.Counting, Goods: s.goods(465), Document: "KK1"})
	s.hop(trace.Hop{Step: trace.Counting, EPCs: packs[1:], Document: "KK1"})
	for _, v := range s.vouchers() {
		if v.Movement != lienthong.Count {
			continue
		}
		// 470 for 500 and 465 for 460: 25 less than the books had.
		want := []lienthong.Line{
			{GTIN: box, Lot: "L1", Expiry: "2027-12-31", Count: 465, Loose: true, System: 490},
			{GTIN: box, Lot: "L2", Expiry: "2027-12-31", Count: 2, System: 2},
		}
		if diff := gocmp.Diff(want, v.Lines); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return
	}
	t.Error("no count")
}

// TestNewShop: a shop that opens with nothing says so where it can.
func TestNewShop(t *testing.T) {
	s := newShop(t)
	v := s.between(-1, 1)
	if len(v) != 1 {
		t.Fatalf("vouchers %+v", v)
	}
	d, err := s.reports().Document(2, &v[0])
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "movements/opening-stock-2-empty", d)
	var none *lienthong.NotExpressibleError
	if _, err := s.reports().Document(1, &v[0]); !errors.As(err, &none) {
		t.Errorf("generation 1: %v", err)
	}
}

// TestInvoice: the lines of an invoice are events of their own, and one document.
func TestInvoice(t *testing.T) {
	s := newShop(t)
	code, err := lienthong.ParseMaDonThuoc("68001k3m9q2z-C")
	if err != nil {
		t.Fatal(err)
	}
	sale := func(h trace.Hop) {
		h.Step, h.Document, h.Lot, h.Expiry = trace.Dispensing, "HD0007", "L1", "2027-12-31"
		h.Extensions = []trace.Field{lienthong.PrescriptionField(code)}
		s.hop(h)
	}
	sale(trace.Hop{Goods: s.goods(20), Price: 1250})
	sale(trace.Hop{Goods: s.goods(10), Price: 1250})
	sale(trace.Hop{EPCs: []gs1.EPC{pack(t, box, "A")}, Price: 120_000})
	sale(trace.Hop{EPCs: []gs1.EPC{pack(t, box, "B")}, Price: 120_000, Units: 30})
	sale(trace.Hop{EPCs: []gs1.EPC{pack(t, box, "B")}, Price: 120_000}) // the rest of it
	v := s.vouchers()
	if len(v) != 1 || v[0].MaDonThuoc != code {
		t.Fatalf("vouchers %+v", v)
	}
	for g := 1; g <= 2; g++ {
		d, err := s.reports().Document(g, &v[0])
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "movements/invoice-"+strconv.Itoa(g), d)
	}
	ke := []lienthong.ThuocKeDon{
		{MaThuoc: "T1", BietDuoc: "TBZemitin 500", TenThuoc: "mecobalamin", DonViTinh: "vien", SoLuong: 300, DrugID: "893110130226"},
		{MaThuoc: "T2", BietDuoc: "Khác", TenThuoc: "khác", DonViTinh: "Gói", SoLuong: 3, DrugID: "9"},
	}
	c, err := s.reports().CapNhatDonThuoc(&v[0], ke, nil)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "movements/cap-nhat-don-thuoc", c)
	for name, f := range map[string]func() error{
		"more than was prescribed": func() error {
			_, err := s.reports().CapNhatDonThuoc(&v[0], ke, []int64{71})
			return err
		},
		"sold and not prescribed": func() error {
			_, err := s.reports().CapNhatDonThuoc(&v[0], ke[1:], nil)
			return err
		},
		"unknown unit": func() error {
			ke := []lienthong.ThuocKeDon{ke[0], ke[1]}
			ke[0].DonViTinh = "Chai"
			_, err := s.reports().CapNhatDonThuoc(&v[0], ke, nil)
			return err
		},
	} {
		var blocked *lienthong.BlockedError
		if err := f(); !errors.As(err, &blocked) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestBlocked: what is missing blocks the document with every reason, and nothing else.
func TestBlocked(t *testing.T) {
	s := newShop(t)
	s.hop(trace.Hop{Step: trace.Dispensing, Goods: s.goods(20), Document: "HD1", Price: 1250, Expiry: "2027-12-31"})
	s.hop(trace.Hop{Step: trace.Dispensing, Goods: []trace.Goods{{Class: lot(t, unlinked, "X"), Count: 1}}, Document: "HD2", Price: 5000, Expiry: "2027-12-31"})
	s.hop(trace.Hop{Step: trace.Dispensing, Goods: []trace.Goods{{Class: box.EPC(), Count: 1}}, Document: "HD3"})
	s.hop(trace.Hop{Step: trace.Receiving, EPCs: []gs1.EPC{parsed(t, "00089350010000000013", gs1.Message.EPC)}, Document: "PN1", From: supplier})
	s.hop(trace.Hop{Step: trace.Receiving, Goods: s.goods(1), Document: "PN2", From: "nobody"})
	v := s.vouchers()
	if len(v) != 5 {
		t.Fatalf("vouchers %+v", v)
	}
	for _, c := range []struct {
		voucher, generation int
		want                string
	}{
		{0, 1, ""},
		{0, 2, ""},
		{1, 1, `hoa_don_chi_tiet[0]: lienthong: 08935001000020: GTIN is linked with no drug`},
		{1, 2, `items[0]: lienthong: 08935001000020: GTIN is linked with no drug`},
		{2, 1, `lienthong: hoa_don_chi_tiet[0].don_gia: is not known for this unit: ""`},
		{2, 2, `lienthong: items[0].batch_no: is empty: ""; lienthong: items[0].expiry_date: is empty: ""`},
		{3, 1, `lienthong: https://id.gs1.org/00/089350010000000013: nobody recorded what is in it`},
		{4, 1, `lienthong: ten_co_so_cung_cap: is empty though the goods come from a supplier: ""`},
		{4, 2, `lienthong: supplier_id: is empty though the goods come from a supplier: ""`},
	} {
		_, err := s.reports().Document(c.generation, &v[c.voucher])
		if c.want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		want := "lienthong: " + v[c.voucher].Number + " is blocked: " + c.want
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := s.reports().Document(1, &v[1]); !errors.Is(err, lienthong.ErrUnlinked) {
		t.Errorf("error %v", err)
	}
	if _, err := s.reports().Document(3, &v[0]); err == nil {
		t.Error("a third generation")
	}
	// Somebody links it, and the document is there.
	d := tablets()
	d.DrugID, d.Units = "kháng sinh", []lienthong.Unit{{UnitID: "U2", Name: "Gói", GTIN: unlinked, Smallest: 1}}
	if err := s.reg.Put(d, "dược sĩ", morning); err != nil {
		t.Fatal(err)
	}
	for g := 1; g <= 2; g++ {
		if _, err := s.reports().Document(g, &v[1]); err != nil {
			t.Error(err)
		}
	}
}

// TestCorrections: a number is that of its voucher whatever is corrected.
func TestCorrections(t *testing.T) {
	s := newShop(t)
	sale := trace.Hop{Step: trace.Dispensing, By: pharmacy, Goods: s.goods(20), Price: 1250, Expiry: "2027-12-31"}
	sale.Time = morning
	s.hop(sale)
	before := s.vouchers()

	// The sale was of 10: without a document only the declaration says that both are one.
	right := sale
	right.Goods = s.goods(10)
	r := s.hop(right)
	wrong, err := sale.Event()
	if err != nil {
		t.Fatal(err)
	}
	wrong.Error = &trace.ErrorDeclaration{Time: morning.AddDate(0, 0, 2), Reason: trace.IncorrectData, Corrective: []string{r.EventID}}
	if _, err := s.repo.Capture(t.Context(), wrong); err != nil {
		t.Fatal(err)
	}
	after := s.vouchers()
	if len(after) != 1 || after[0].Number != before[0].Number || after[0].Lines[0].Count != 10 || len(after[0].Entries) < 2 {
		t.Fatalf("before %+v, after %+v", before, after)
	}

	// It did not take place at all.
	if _, err := s.repo.UndoEvent(t.Context(), r.Index, pharmacy); err != nil {
		t.Fatal(err)
	}
	gone := s.vouchers()
	if len(gone) != 1 || !gone[0].Void || gone[0].Number != before[0].Number {
		t.Fatalf("undone %+v", gone)
	}
	if _, err := s.reports().Document(2, &gone[0]); !errors.Is(err, lienthong.ErrVoid) {
		t.Errorf("error %v", err)
	}
}

// TestNumbers: what tells vouchers apart tells their numbers apart, and they do not change.
func TestNumbers(t *testing.T) {
	s := newShop(t)
	for i, h := range []trace.Hop{
		{Step: trace.Dispensing, Document: "1"},
		{Step: trace.Dispensing, Document: "2"},
		{Step: trace.Dispensing},
		{Step: trace.Dispensing},
		{Step: trace.Destroying, Document: "1"},
		{Step: trace.Receiving, From: supplier, Document: "1"},
		{Step: trace.Receiving, From: sister, Document: "1"},
		{Step: trace.Dispensing, Document: strings.Repeat("dài", 20)},
		{Step: trace.Dispensing, Document: "a/b"},
		{Step: trace.Dispensing, Document: "1", Time: morning.AddDate(0, 0, 1)},
	} {
		h.Goods = s.goods(int64(i + 1))
		s.hop(h)
	}
	var numbers []string
	for _, v := range s.between(0, 2) {
		numbers = append(numbers, v.Number)
	}
	golden(t, "numbers", numbers)
	seen := map[string]bool{}
	for _, n := range numbers {
		if seen[n] || len([]rune(n)) > 50 {
			t.Errorf("number %q", n)
		}
		seen[n] = true
	}
	s.opts.Number = func(v *lienthong.Voucher) string { return v.Document }
	if v := s.vouchers(); v[0].Number != "1" {
		t.Errorf("own number %q", v[0].Number)
	}
}

// TestCases: what is shipped in a case is what was in it then.
func TestCases(t *testing.T) {
	s := newShop(t)
	sscc := parsed(t, "00089350010000000013", gs1.Message.EPC)
	a, b := pack(t, box, "A"), pack(t, box, "B")
	s.hop(trace.Hop{Step: trace.Receiving, From: supplier, EPCs: []gs1.EPC{a, b}, Lot: "L2", Expiry: "2027-10-01", Document: "1"})
	s.hop(trace.Hop{Step: trace.Packing, Parent: sscc, EPCs: []gs1.EPC{a, b}, Goods: s.goods(40)})
	s.hop(trace.Hop{Step: trace.Unpacking, Parent: sscc, EPCs: []gs1.EPC{b}, Goods: s.goods(15)})
	s.hop(trace.Hop{Step: trace.Shipping, To: sister, EPCs: []gs1.EPC{sscc}, Document: "2"})
	s.hop(trace.Hop{Step: trace.Unpacking, By: sister, Parent: sscc})
	s.hop(trace.Hop{Step: trace.Quarantining, EPCs: []gs1.EPC{b}})
	v := s.vouchers()
	if len(v) != 2 {
		t.Fatalf("vouchers %+v", v)
	}
	want := []lienthong.Line{{GTIN: box, Lot: "L2", Expiry: "2027-10-01", Count: 1}, {GTIN: box, Lot: "L1", Count: 25, Loose: true}}
	if diff := gocmp.Diff(want, v[1].Lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTables: the rows of QĐ 540/QĐ-QLD.
func TestTables(t *testing.T) {
	s := newShop(t)
	s.at = morning.AddDate(0, 0, -2)
	s.hop(trace.Hop{Step: trace.Receiving, From: supplier, Goods: s.goods(500), Expiry: "271200", Document: "0000123"})
	s.hop(trace.Hop{Step: trace.Dispensing, Goods: s.goods(20), Price: 1200})
	s.at = morning
	s.hop(trace.Hop{Step: trace.Dispensing, Goods: s.goods(30), Price: 1250})
	s.hop(trace.Hop{Step: trace.Receiving, From: supplier, EPCs: []gs1.EPC{pack(t, box, "A"), pack(t, box, "B")}, Lot: "L2", Expiry: "2027-10-01", Document: "0000124"})
	s.hop(trace.Hop{Step: trace.Dispensing, EPCs: []gs1.EPC{pack(t, box, "A")}, Units: 30, Price: 130_000})
	s.hop(trace.Hop{Step: trace.Dispensing, EPCs: []gs1.EPC{pack(t, box, "A")}, Price: 130_000})
	s.hop(trace.Hop{Step: trace.Dispensing, Goods: []trace.Goods{{Class: lot(t, unlinked, "X"), Count: 1}}, Price: 5000})
	s.hop(trace.Hop{Step: trace.Receiving, From: supplier, Goods: []trace.Goods{{Class: lot(t, box, "L3"), Count: 7}}, Expiry: "280100", Document: "0000125"})
	from, until := lienthong.DayOf(morning), lienthong.DayOf(morning.AddDate(0, 0, 1))
	rows, blocked, err := s.reports().Bang1(t.Context(), from, until)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "movements/bang-1", rows)
	var reasons []string
	for _, b := range blocked {
		reasons = append(reasons, b.Error())
	}
	golden(t, "movements/bang-1-blocked", reasons)
	sums, refused := lienthong.SumBang2(from, rows, rows)
	if len(refused) != 0 {
		t.Errorf("refused %v", refused)
	}
	golden(t, "movements/bang-2", sums)
	four, _, err := s.reports().Bang4(t.Context(), from, until)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "movements/bang-4", four)
	golden(t, "movements/bang-4-province", lienthong.SumBang4(four, four))
}

// BenchmarkDay builds the documents of both generations for a day of 1,000 sales, of which a tenth are packs with serial
// numbers, in a ledger of thirty such days. It is to take at most 50 ms.
func BenchmarkDay(b *testing.B) {
	s := newShop(b)
	s.opts.Opening = lienthong.DayOf(morning.AddDate(0, 0, -40))
	for day := range 30 {
		s.at = morning.AddDate(0, 0, day-29)
		for i := range 1000 {
			h := trace.Hop{Step: trace.Dispensing, Price: 1250, Lot: "L1", Expiry: "2027-12-31", Document: "HD" + strconv.Itoa(day*1000+i)}
			s.at = s.at.Add(30 * 1e9)
			h.Time = s.at
			if h.Goods = s.goods(20); i%10 == 0 {
				h.Goods, h.EPCs, h.Price = nil, []gs1.EPC{pack(b, box, strconv.Itoa(day*1000+i))}, 120_000
			}
			h.By = pharmacy
			e, err := h.Event()
			if err != nil {
				b.Fatal(err)
			}
			if _, err := s.repo.Import(b.Context(), func(yield func(*trace.Event, error) bool) { yield(e, nil) }); err != nil {
				b.Fatal(err)
			}
		}
	}
	reports := s.reports()
	from, until := lienthong.DayOf(morning), lienthong.DayOf(morning.AddDate(0, 0, 1))
	b.ReportAllocs()
	for b.Loop() {
		vouchers, err := reports.Vouchers(b.Context(), from, until)
		if err != nil || len(vouchers) != 1000 {
			b.Fatal(len(vouchers), err)
		}
		for i := range vouchers {
			for g := 1; g <= 2; g++ {
				if _, err := reports.Document(g, &vouchers[i]); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}

// TestOptions: what no source says can be said the other way.
func TestOptions(t *testing.T) {
	recall := trace.Hop{Step: trace.Returning, Disposition: trace.DispRecalled, To: supplier, Document: "TH1"}
	sale := trace.Hop{Step: trace.Dispensing, Document: "HD1"}
	count := trace.Hop{Step: trace.Counting, Document: "KK1"}
	wholesale := trace.Hop{Step: trace.Shipping, To: "79-00001", Document: "PX1"}
	month := trace.Hop{Step: trace.Dispensing, Document: "HD1", Expiry: "271200"}
	made := trace.Hop{Step: trace.Commissioning, Document: "LSX1", Expiry: "271200"}
	for _, c := range []struct {
		name       string
		hop        trace.Hop
		generation int
		set        func(*lienthong.Options)
		before     string // what the document has without the option; empty: there is none
		after      string
	}{
		{"recall as a return", recall, 1, func(o *lienthong.Options) { o.RecallAsReturn = true }, "", `"loai_phieu_xuat":2,"ghi_chu":"thu hồi, TH1"`},
		{"wholesale as a sale", wholesale, 1, func(o *lienthong.Options) { o.Wholesale = lienthong.KindHoaDon }, "", `"so_luong":20,"don_gia":1250`},
		{"wholesale as goods out", wholesale, 1, func(o *lienthong.Options) { o.Wholesale = lienthong.KindPhieuXuat }, "",
			`"loai_phieu_xuat":1,"ghi_chu":"xuất bán, PX1"`},
		{"limits", sale, 1, func(o *lienthong.Options) {
			o.Limits = lienthong.Limits{"hoa_don.hoa_don_chi_tiet.ten_thuoc": {Size: 5}}
		},
			`"ten_thuoc":"TBZemitin 500"`, "hoa_don_chi_tiet[0].ten_thuoc: 13 characters, at most 5 have room"},
		{"month only", month, 2, func(o *lienthong.Options) { o.FirstOfMonth = true }, `"expiry_date":"2027-12-31"`, `"expiry_date":"2027-12-01"`},
		{"month only at manufacturing", made, 2, func(o *lienthong.Options) { o.FirstOfMonth = true }, `"expiry_date":"2027-12-31"`,
			`"expiry_date":"2027-12-01"`},
		{"a day is a day", sale, 2, func(o *lienthong.Options) { o.FirstOfMonth = true }, `"expiry_date":"2027-12-31"`, `"expiry_date":"2027-12-31"`},
		{"dose", sale, 1, func(o *lienthong.Options) { o.LieuDung = "theo đơn" }, `"lieu_dung":"0"`, `"lieu_dung":"theo đơn"`},
		{"expiry with a time", sale, 2, func(o *lienthong.Options) { o.ExpiryTime = true }, `"expiry_date":"2027-12-31"`, `"expiry_date":"2027-12-31T00:00:00+07:00"`},
		{"expiry with a time without offset", sale, 2, func(o *lienthong.Options) { o.ExpiryTime, o.NoOffset = true, true }, `"expiry_date":"2027-12-31"`,
			`"expiry_date":"2027-12-31T00:00:00"`},
		{"reason of a count", count, 2, func(o *lienthong.Options) { o.CountReason = "other" }, `"store_id":"S1","warehouse_id":"K1","items"`, `"reason":"other","items"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			c.hop.Goods, c.hop.Lot, c.hop.Expiry, c.hop.Price = s.goods(20), "L1", cmp.Or(c.hop.Expiry, "2027-12-31"), 1250
			s.hop(c.hop)
			for _, want := range []string{c.before, c.after} {
				list := s.vouchers()
				d, err := s.reports().Document(c.generation, &list[0])
				c.set(&s.opts)
				var none *lienthong.NotExpressibleError
				if want == "" {
					if !errors.As(err, &none) {
						t.Errorf("error %v", err)
					}
					continue
				}
				var blocked *lienthong.BlockedError
				if errors.As(err, &blocked) && strings.Contains(err.Error(), want) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				body, err := json.Marshal(d.Body)
				if err != nil || !strings.Contains(string(body), want) {
					t.Errorf("%s, error %v, want %s", body, err, want)
				}
			}
		})
	}
	s := newShop(t)
	s.opts.OpeningBefore = true
	list := s.between(-1, 0)
	d, err := s.reports().Document(2, &list[0])
	if err != nil {
		t.Fatal(err)
	}
	if body, err := json.Marshal(d.Body); err != nil || !strings.Contains(string(body), `"transaction_date":"2026-11-19T23:59:59+07:00"`) {
		t.Errorf("%s, error %v", body, err)
	}
}
