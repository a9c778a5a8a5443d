package trace_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// Four parties of the examples.
const (
	maker       trace.Party = "8935001000013"
	distributor trace.Party = "8935210000019"
	pharmacy    trace.Party = "8935322000013"
	kiosk       trace.Party = "79-00123" // a facility code: this one has no GLN
)

// open returns a repository on a ledger in memory, whose clock advances a minute with each look.
func open(opts *trace.Options) *trace.Repository {
	l, err := ledger.OpenMemory(&ledger.Options{Index: trace.Index})
	if err != nil {
		log.Fatal(err)
	}
	if opts == nil {
		opts = &trace.Options{}
	}
	if opts.Now == nil {
		opts.Now = clock()
	}
	repo, err := trace.Open(context.Background(), l, opts)
	if err != nil {
		log.Fatal(err)
	}
	return repo
}

func clock() func() time.Time {
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("", 7*3600))
	return func() time.Time {
		now = now.Add(time.Minute)
		return now
	}
}

func epc(uri string) gs1.EPC {
	e, err := gs1.ParseEPC(uri)
	if err != nil {
		log.Fatal(err)
	}
	return e
}

// record records a hop or ends the program, so that examples show what they are about.
func record(repo *trace.Repository, h trace.Hop) *trace.Receipt {
	receipt, err := repo.Record(context.Background(), h)
	if err != nil {
		log.Fatal(err)
	}
	return receipt
}

func ExampleRepository_Record() {
	repo := open(nil)
	pack := epc("https://id.gs1.org/01/08935001000020/21/F8C753PHW3")

	receipt, err := repo.Record(context.Background(), trace.Hop{
		Step: trace.Dispensing,
		By:   pharmacy,
		EPCs: []gs1.EPC{pack},
		Lot:  "TN26AB01", Expiry: "260131",
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, finding := range receipt.Findings {
		fmt.Println(finding.Code)
		fmt.Println(finding.Text(trace.Vietnamese))
		fmt.Println(finding.Text(trace.English))
	}
	// Output:
	// expired_dispensed
	// 8935322000013 bán 01/08935001000020/21/F8C753PHW3 ngày 2026-03-02, sau hạn dùng 2026-01-31.
	// 8935322000013 dispensed 01/08935001000020/21/F8C753PHW3 on 2026-03-02, after its expiry date 2026-01-31.
}

func ExampleRepository_History() {
	repo := open(nil)
	pack := epc("https://id.gs1.org/01/08935001000020/21/F8C753PHW3")
	box := epc("https://id.gs1.org/00/189350010000000232")
	record(repo, trace.Hop{Step: trace.Commissioning, By: maker, EPCs: []gs1.EPC{pack}, Lot: "TN26AB01", Expiry: "280300"})
	record(repo, trace.Hop{Step: trace.Packing, By: maker, EPCs: []gs1.EPC{pack}, Parent: box})
	record(repo, trace.Hop{Step: trace.Shipping, By: maker, To: pharmacy, EPCs: []gs1.EPC{box}, Document: "PX-0017"})
	record(repo, trace.Hop{Step: trace.Receiving, By: pharmacy, From: maker, EPCs: []gs1.EPC{box}, Document: "PX-0017"})
	record(repo, trace.Hop{Step: trace.Unpacking, By: pharmacy, Parent: box})
	record(repo, trace.Hop{Step: trace.Shipping, By: pharmacy, To: maker, EPCs: []gs1.EPC{box}}) // empty
	record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}, Price: 229_500})

	// The shipping and receiving of the box are hops of the pack in it; what happens to the empty box is not.
	events, err := repo.History(context.Background(), pack)
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range events {
		fmt.Println(e.Time.Format("15:04"), e.BizStep, e.Disposition, e.Actor())
	}
	// Output:
	// 08:01 commissioning active 8935001000013
	// 08:03 packing in_progress 8935001000013
	// 08:05 shipping in_transit 8935001000013
	// 08:07 receiving in_progress 8935322000013
	// 08:09 unpacking in_progress 8935322000013
	// 08:13 dispensing dispensed 8935322000013
}

func ExampleRepository_Custody() {
	repo := open(nil)
	ctx := context.Background()
	pack := epc("urn:epc:id:sgtin:8935001.000002.F8C753PHW3")
	show := func() {
		c, err := repo.Custody(ctx, pack)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: holder %q, from %q, to %q\n", c.Disposition, c.Holder, c.From, c.To)
	}
	record(repo, trace.Hop{Step: trace.Commissioning, By: maker, EPCs: []gs1.EPC{pack}})
	show()
	record(repo, trace.Hop{Step: trace.Shipping, By: maker, To: kiosk, EPCs: []gs1.EPC{pack}})
	show()
	record(repo, trace.Hop{Step: trace.Receiving, By: kiosk, EPCs: []gs1.EPC{pack}})
	show()
	record(repo, trace.Hop{Step: trace.Dispensing, By: kiosk, EPCs: []gs1.EPC{pack}})
	show()
	// Output:
	// active: holder "8935001000013", from "", to ""
	// in_transit: holder "", from "8935001000013", to "79-00123"
	// in_progress: holder "79-00123", from "8935001000013", to ""
	// dispensed: holder "", from "79-00123", to ""
}

// Most packs carry no serial number. They are counted by GTIN and lot, in the smallest unit.
func ExampleRepository_Custody_class() {
	repo := open(nil)
	lot := epc("https://id.gs1.org/01/08935001000020/10/TN26AB01")
	goods := func(n int64) []trace.Goods { return []trace.Goods{{Class: lot, Count: n}} }
	record(repo, trace.Hop{Step: trace.Counting, By: distributor, Goods: goods(1000)}) // opening stock
	record(repo, trace.Hop{Step: trace.Shipping, By: distributor, To: kiosk, Goods: goods(300), Document: "PX-1"})
	record(repo, trace.Hop{Step: trace.Receiving, By: kiosk, From: distributor, Goods: goods(280), Document: "PX-1"})
	record(repo, trace.Hop{Step: trace.Dispensing, By: kiosk, Goods: goods(10), Document: "HD-1"})

	c, err := repo.Custody(context.Background(), lot)
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range c.Balances {
		fmt.Println(b.Party, b.Count)
	}
	for _, s := range c.InTransit {
		fmt.Println("in transit to", s.To, s.Count)
	}
	fmt.Println("dispensed", c.Dispensed)
	// Output:
	// 79-00123 270
	// 8935210000019 700
	// in transit to 79-00123 20
	// dispensed 10
}

// A shop that never wants to sell a pack twice has the second sale refused.
func ExampleOptions() {
	repo := open(&trace.Options{Reject: []trace.Code{trace.DispensedTwice}})
	pack := epc("https://id.gs1.org/01/08935001000020/21/F8C753PHW3")
	sale := trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}}
	record(repo, sale)

	_, err := repo.Record(context.Background(), sale)
	if rejected, ok := errors.AsType[*trace.RejectedError](err); ok {
		fmt.Println(rejected.Findings[0].Text(trace.Vietnamese))
	}
	// Output:
	// 01/08935001000020/21/F8C753PHW3 đã được bán nguyên hộp trước đó tại chính 8935322000013.
}

// A mistake is corrected by capturing the event again, with the declaration that it is wrong.
func ExampleErrorDeclaration() {
	repo := open(nil)
	ctx := context.Background()
	pack := epc("https://id.gs1.org/01/08935001000020/21/F8C753PHW3")
	record(repo, trace.Hop{Step: trace.Commissioning, By: pharmacy, EPCs: []gs1.EPC{pack}})
	record(repo, trace.Hop{Step: trace.Dispensing, By: pharmacy, EPCs: []gs1.EPC{pack}})

	events, err := repo.History(ctx, pack)
	if err != nil {
		log.Fatal(err)
	}
	wrong := *events[1]
	wrong.Error = &trace.ErrorDeclaration{Time: wrong.Time.Add(time.Hour), Reason: trace.DidNotOccur}
	if _, err := repo.Capture(ctx, &wrong); err != nil {
		log.Fatal(err)
	}
	c, err := repo.Custody(ctx, pack)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c.Disposition, c.Holder)
	// Output:
	// active 8935322000013
}

func ExampleEvent_Hash() {
	e := &trace.Event{
		Type:        trace.ObjectEvent,
		Action:      trace.Observe,
		Time:        time.Date(2026, 1, 13, 12, 52, 38, 0, time.FixedZone("", 7*3600)),
		EPCs:        []trace.ID{"https://id.gs1.org/01/08935001000020/21/AG5MQQZ46T"},
		BizStep:     trace.BizStepDispensing,
		Disposition: trace.DispDispensed,
		ReadPoint:   "https://id.gs1.org/414/8935309000012",
	}
	fmt.Println(e.PreHash(trace.CBV20))
	fmt.Println(e.Hash(trace.CBV20))
	// Output:
	// eventType=ObjectEventeventTime=2026-01-13T05:52:38.000ZeventTimeZoneOffset=+07:00epcListepc=https://id.gs1.org/01/08935001000020/21/AG5MQQZ46Taction=OBSERVEbizStep=https://ref.gs1.org/cbv/BizStep-dispensingdisposition=https://ref.gs1.org/cbv/Disp-dispensedreadPointid=https://id.gs1.org/414/8935309000012
	// ni:///sha-256;0ea245225528a71422506a80b3d594f256c0e92a5be2d651899e08496a95c170?ver=CBV2.0
}

// An authority judges the events of a whole province by its register.
func ExampleAudit() {
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.FixedZone("", 7*3600))
	var events []*trace.Event
	for _, hop := range []trace.Hop{
		{Step: trace.Commissioning, Time: at, By: maker, EPCs: []gs1.EPC{pack}},
		{Step: trace.Shipping, Time: at.AddDate(0, 0, 1), By: maker, To: pharmacy, EPCs: []gs1.EPC{pack}, Document: "PX-1"},
		{Step: trace.Dispensing, Time: at.AddDate(0, 0, 2), By: kiosk, EPCs: []gs1.EPC{pack}},
	} {
		e, err := hop.Event()
		if err != nil {
			log.Fatal(err)
		}
		events = append(events, e)
	}
	register := &trace.Register{
		Establishments: []trace.Establishment{{Party: maker}, {Party: pharmacy}, {Party: kiosk}},
		End:            at.AddDate(0, 1, 0),
	}
	for _, finding := range trace.Audit(events, register) {
		fmt.Println(finding)
	}
	// Output:
	// ship_never_received: 8935001000013 shipped 01/08935001000020/21/F8C753PHW3 to 8935322000013, but nobody recorded to have received it.
	// dispense_by_non_custodian: 79-00123 dispensed 01/08935001000020/21/F8C753PHW3, but by the records 8935001000013 holds it.
}
