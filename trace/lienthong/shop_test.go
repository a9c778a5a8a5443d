package lienthong_test

import (
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
)

// The parties of the tests.
const (
	pharmacy = trace.Party("68-00417")
	sister   = trace.Party("68-00418")
	supplier = trace.Party("8935322000013")
	abroad   = trace.Party("urn:test:abroad")
)

// morning is when the tests begin.
var morning = time.Date(2026, 11, 21, 8, 0, 0, 0, time.FixedZone("", 7*3600))

// unlinked is a GTIN that no register knows.
const unlinked = gs1.GTIN("08935001000020")

// lot returns a lot of the box as a class.
func lot(t testing.TB, gtin gs1.GTIN, name string) gs1.EPC {
	t.Helper()
	return parsed(t, "01"+string(gtin)+"10"+name, gs1.Message.Class)
}

// pack returns one box.
func pack(t testing.TB, gtin gs1.GTIN, serial string) gs1.EPC {
	t.Helper()
	return parsed(t, "01"+string(gtin)+"21"+serial, gs1.Message.EPC)
}

func parsed(t testing.TB, scan string, f func(gs1.Message) (gs1.EPC, error)) gs1.EPC {
	t.Helper()
	m, err := gs1.Parse(scan)
	if err != nil {
		t.Fatal(err)
	}
	epc, err := f(m)
	if err != nil {
		t.Fatal(err)
	}
	return epc
}

// shop is a pharmacy with a ledger.
type shop struct {
	t    testing.TB
	repo *trace.Repository
	reg  *lienthong.Register
	est  lienthong.Establishment
	opts lienthong.Options
	at   time.Time
}

func newShop(t testing.TB) *shop {
	t.Helper()
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	repo, err := trace.Open(t.Context(), l, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &shop{t: t, repo: repo, reg: &lienthong.Register{}, at: morning}
	s.est = lienthong.Establishment{
		Party: pharmacy, MaCoSo: "68-00417", MaCoSoBanLe: "6800417", License: "123/LĐ-ĐKKDD", StoreID: "S1", WarehouseID: "K1",
		MaDinhDanh: "CSCU-417", Name: "Nhà thuốc A", Phone: "0263 0000000", Address: "Gia Nghĩa",
	}
	s.opts = lienthong.Options{
		Opening: lienthong.DayOf(morning.AddDate(0, 0, -1)),
		Partners: map[trace.Party]lienthong.Partner{
			supplier: {Name: "Công ty B", SupplierID: "0100109106", MaCoSoBanBuon: "01-00001"},
			sister:   {Name: "Nhà thuốc C", Own: true, StoreID: "S2", WarehouseID: "K2"},
			abroad:   {Name: "Pharma Ltd", SupplierID: "X9", Abroad: true},
		},
	}
	if err := s.reg.Put(tablets(), "dược sĩ", morning); err != nil {
		t.Fatal(err)
	}
	return s
}

// tablets is a drug of 100 to a box.
func tablets() lienthong.Drug {
	return lienthong.Drug{
		DrugID: "893110130226", NationalID: "893110130226", DQG: "DQG00001536", Name: "TBZemitin 500",
		SoDangKy: "893110130226", ActiveIngredient: "mecobalamin", Strength: "500 mcg", Routes: []string{"Uống"},
		Manufacturer: lienthong.Manufacturer{ID: "M1", Name: "Nhà máy A", Country: "Việt Nam"},
		Units: []lienthong.Unit{
			{UnitID: "U31", Name: "Viên", Smallest: 1}, {UnitID: "U1", Name: "Hộp", GTIN: box, Smallest: 100},
		},
		Importer: "không", DosageForm: "viên nén", Packing: "hộp 100 viên",
	}
}

// hop records what the pharmacy does, a minute after the one before, and returns the receipt.
func (s *shop) hop(h trace.Hop) *trace.Receipt {
	s.t.Helper()
	if h.By == "" {
		h.By = pharmacy
	}
	if h.Time.IsZero() {
		s.at = s.at.Add(time.Minute)
		h.Time = s.at
	}
	r, err := s.repo.Record(s.t.Context(), h)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// goods are some smallest units of the lot L1.
func (s *shop) goods(n int64) []trace.Goods {
	return []trace.Goods{{Class: lot(s.t, box, "L1"), Count: n}}
}

func (s *shop) reports() *lienthong.Reports {
	return lienthong.NewReports(s.repo, s.reg, s.est, &s.opts)
}

// vouchers are those of the day of the tests.
func (s *shop) vouchers() []lienthong.Voucher {
	s.t.Helper()
	return s.between(0, 1)
}

// between are the vouchers from some day, counted from that of the tests, to before another.
func (s *shop) between(from, until int) []lienthong.Voucher {
	s.t.Helper()
	v, err := s.reports().Vouchers(s.t.Context(), lienthong.DayOf(morning.AddDate(0, 0, from)), lienthong.DayOf(morning.AddDate(0, 0, until)))
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// record records a hop without the judgement of trace, which would read the whole history of the lot each time.
func (s *shop) record(h trace.Hop) *trace.Event {
	s.t.Helper()
	if h.By = s.est.Party; h.Time.IsZero() {
		s.at = s.at.Add(time.Minute)
		h.Time = s.at
	}
	e, err := h.Event()
	if err != nil {
		s.t.Fatal(err)
	}
	s.capture(e)
	return e
}

func (s *shop) capture(e *trace.Event) {
	s.t.Helper()
	if _, err := s.repo.Import(s.t.Context(), func(yield func(*trace.Event, error) bool) { yield(e, nil) }); err != nil {
		s.t.Fatal(err)
	}
}

// declare declares an event wrong at a time.
func (s *shop) declare(at time.Time, e *trace.Event, corrective ...string) {
	s.t.Helper()
	wrong := *e
	wrong.Error = &trace.ErrorDeclaration{Time: at, Reason: trace.IncorrectData, Corrective: corrective}
	s.capture(&wrong)
}
