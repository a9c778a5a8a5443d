package trace

import (
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// Register is what an authority knows beside the events: who is licensed, what may be charged, what was recalled. With
// it an audit judges a whole province, where every hop of every pack should be known.
type Register struct {
	Establishments []Establishment
	Products       []Product
	Lots           []Lot
	// End is the end of the period that the events cover. A shipment that nobody had received within 14 days before it
	// is reported. Zero means the time of the last event.
	End time.Time
}

// Establishment is a place that may hold medicines.
type Establishment struct {
	Party Party
	// Suspended is since when it may not dispense. Zero means never.
	Suspended time.Time
}

// Product is a trade item.
type Product struct {
	GTIN gs1.GTIN
	// MaxPrice is the declared highest retail price of a pack, in đồng. Zero means that none was declared.
	MaxPrice int64
}

// Lot is a lot of a product.
type Lot struct {
	GTIN gs1.GTIN
	Lot  string // empty: all lots of the product
	// Recalled is since when it may not be dispensed. Zero means never.
	Recalled time.Time
}

// receiptTime is how long a shipment may be on its way.
const receiptTime = 14 * 24 * time.Hour

// register is a Register made for looking things up.
type register struct {
	suspended map[Party]time.Time // of every known establishment; zero: never
	products  map[ID]bool         // every known GTIN
	prices    map[ID]int64        // by GTIN
	recalled  map[ID]time.Time    // by GTIN and lot
	end       time.Time
}

func (reg *Register) index() *register {
	out := &register{
		suspended: make(map[Party]time.Time),
		products:  make(map[ID]bool),
		prices:    make(map[ID]int64),
		recalled:  make(map[ID]time.Time),
		end:       reg.End,
	}
	for _, e := range reg.Establishments {
		out.suspended[e.Party] = e.Suspended
	}
	for _, p := range reg.Products {
		out.products[IDOf(p.GTIN.EPC())] = true
		if p.MaxPrice > 0 {
			out.prices[IDOf(p.GTIN.EPC())] = p.MaxPrice
		}
	}
	for _, l := range reg.Lots {
		if !l.Recalled.IsZero() {
			out.recalled[IDOf(l.GTIN.EPC()).class(l.Lot)] = l.Recalled
		}
	}
	return out
}
