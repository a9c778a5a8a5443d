package trace

import (
	"cmp"
	"slices"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// Custody is who holds an object, or where the objects of a class are, after all that is recorded.
//
// Of one object, Holder has it now. Holder is empty while the object is in transit, and when it has left the chain:
// Disposition says which (in_transit, dispensed, destroyed, …) and From who had it last. Of a class, Balances and what
// follows count its smallest units.
type Custody struct {
	EPC         gs1.EPC
	Holder      Party
	Since       time.Time   // of the event that made it so; zero when nothing is known
	Disposition Disposition // the last one recorded
	Parent      ID          // the case or pallet that it is packed in
	From        Party       // who had it before
	To          Party       // to whom it is on its way
	Lot, Expiry string      // as commissioned; as first read where nobody recorded the commissioning

	Balances  []Balance  // of a class: what each party holds, by party
	InTransit []Shipment // of a class: what is on its way
	Made      int64      // commissioned
	Entered   int64      // received though no shipment of it was recorded
	Adjusted  int64      // found in counts, less what was missing
	Dispensed int64
	Destroyed int64
	Sampled   int64
	Lost      int64
	Consumed  int64 // by transformations
	Exported  int64

	// Findings are what is odd about the history of the object or class, in the order of time.
	Findings []Finding
}

// Balance is how much of a class a party holds. It is negative when more was recorded to leave than to arrive.
type Balance struct {
	Party Party
	Count int64
	Back  int64 // of Count, what is held back: in quarantine
}

// Shipment is how much of a class is on its way.
type Shipment struct {
	From, To Party
	Document ID // empty when the shipment named none
	Count    int64
}

// custody returns the state of an object that the replay followed.
func (r *replay) custody(epc gs1.EPC) *Custody {
	c := &Custody{EPC: epc, Findings: r.findingsOn(IDOf(epc))}
	if epc.IsClass() {
		if s := r.stocks[IDOf(epc)]; s != nil {
			s.fill(c)
		}
		return c
	}
	if u := r.units[IDOf(epc)]; u != nil {
		u.fill(r, c)
	}
	return c
}

func (s *stock) fill(c *Custody) {
	for party, n := range s.held {
		if n != 0 {
			c.Balances = append(c.Balances, Balance{party, n, n - s.free(party)})
		}
	}
	slices.SortFunc(c.Balances, func(a, b Balance) int { return cmp.Compare(a.Party, b.Party) })
	for key, t := range s.deliveries {
		if t.open != 0 {
			c.InTransit = append(c.InTransit, Shipment{t.from, t.to, key.document, t.open})
		}
	}
	slices.SortFunc(c.InTransit, func(a, b Shipment) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Document, b.Document))
	})
	c.Made, c.Entered, c.Adjusted = s.made, s.entered, s.adjusted
	c.Dispensed, c.Destroyed, c.Sampled = s.gone[dispensed], s.gone[destroyed], s.gone[sampled]
	c.Lost, c.Consumed, c.Exported = s.gone[lost], s.gone[consumed], s.gone[exported]
}

func (r *replay) findingsOn(id ID) []Finding {
	var out []Finding
	for _, f := range r.findings {
		if slices.Contains(f.EPCs, id) {
			out = append(out, f.clone())
		}
	}
	return out
}
