package lienthong_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/lienthong"
)

func ExampleCodes_At() {
	codes := lienthong.DefaultCodes()
	for _, day := range []time.Time{
		time.Date(2025, 6, 30, 0, 0, 0, 0, time.UTC),
		time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC),
	} {
		c, ok := codes.At(lienthong.Provinces, "15", day)
		fmt.Println(c.Name, ok, c.Source)
	}
	// Output:
	// Yên Bái true QĐ 124/2004/QĐ-TTg; NQ 202/2025/QH15
	// Lào Cai true QĐ 19/2025/QĐ-TTg
}

func ExampleParseSoDangKy() {
	numbers, err := lienthong.ParseSoDangKy("SĐK: 893110130226 (cũ: VD-12345-17)")
	if err != nil {
		fmt.Println(err)
		return
	}
	codes, today := lienthong.DefaultCodes(), time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for _, n := range numbers {
		class, ok := codes.Control(n, nil, today)
		fmt.Println(n, class.Name, ok)
	}
	// Output:
	// 893110130226 không kiểm soát đặc biệt true
	// VD-12345-17  false
}

func ExampleMaThuoc() {
	code, err := lienthong.MaThuoc("VN-12345-18", "lọ 200 viên")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(code)
	// Output: VN1234518lo200vien
}

// A pharmacy records a sale as it does anyway; the documents of both generations follow from it.
func ExampleReports() {
	ctx := context.Background()
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	repo, err := trace.Open(ctx, l, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	lot, err := gs1.ParseEPC("https://id.gs1.org/01/08936000123451/10/L1")
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2026, 11, 21, 10, 4, 0, 0, time.FixedZone("+07", 7*3600))
	if _, err := repo.Record(ctx, trace.Hop{
		Step: trace.Dispensing, Time: at, By: "68-00417", Document: "HD0001", Price: 1250,
		Goods: []trace.Goods{{Class: lot, Count: 20}}, Expiry: "271200",
	}); err != nil {
		fmt.Println(err)
		return
	}

	var register lienthong.Register // of the national list, and of what the shop knows
	if err := register.Put(lienthong.Drug{
		DrugID: "893110130226", NationalID: "893110130226", DQG: "DQG00001536", Name: "TBZemitin 500", Strength: "500 mcg",
		Units: []lienthong.Unit{{UnitID: "U31", Name: "Viên", Smallest: 1}, {UnitID: "U1", Name: "Hộp", GTIN: "08936000123451", Smallest: 100}},
	}, "dược sĩ A", at); err != nil {
		fmt.Println(err)
		return
	}
	shop := lienthong.Establishment{Party: "68-00417", MaCoSo: "68-00417"}
	reports := lienthong.NewReports(repo, &register, shop, nil)
	day := lienthong.DayOf(at)
	vouchers, err := reports.Vouchers(ctx, day, day.Next())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range vouchers {
		for generation := 1; generation <= 2; generation++ {
			d, err := reports.Document(generation, &v)
			if err != nil {
				fmt.Println(err) // what has to be supplied, or cannot be said
				continue
			}
			fmt.Printf("%s %s %T\n", d.Kind, d.Number, d.Body)
		}
	}
	// Output:
	// hoa_don HD0001-AC423YHH5RE4 lienthong.HoaDon
	// stock-out HD0001-AC423YHH5RE4 lienthong.StockOut
}

// printer is a transport that has no server.
type printer struct{}

func (printer) Generation() int { return 2 }

func (printer) Send(_ context.Context, d *lienthong.Document, attempt lienthong.Attempt) (lienthong.Answer, error) {
	fmt.Println("sent", d.Kind, d.Number)
	return lienthong.Answer{State: lienthong.Completed}, nil
}

func (printer) Status(context.Context, lienthong.Kind, string) (lienthong.Answer, error) {
	return lienthong.Answer{}, lienthong.ErrForgotten
}

func (printer) Withdraw(context.Context, lienthong.Kind, string) (lienthong.Answer, error) {
	return lienthong.Answer{}, lienthong.ErrCannotWithdraw
}

// A new shop opens with nothing, and says so; after that nothing is left to do.
func ExampleOutbox() {
	ctx := context.Background()
	events, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer events.Close()
	journal, err := ledger.OpenMemory(&ledger.Options{Index: lienthong.JournalIndex})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer journal.Close()
	repo, err := trace.Open(ctx, events, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	reports := lienthong.NewReports(repo, nil, lienthong.Establishment{Party: "68-00417", StoreID: "S1"}, nil)
	outbox, err := lienthong.OpenOutbox(ctx, journal, reports, nil, printer{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		next, err := outbox.Step(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		if next.IsZero() {
			break
		}
		time.Sleep(time.Until(next)) // a till waits for the next sale, too
	}
	fmt.Println(outbox.Waiting())
	// Output:
	// sent stock-taking Y7NRNKV4GBKV
	// 0 0
}
