package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// master is the file with the register. Fields that are not here are ignored.
type master struct {
	Establishments []struct {
		Code      string      `json:"code"` // mã cơ sở, for those without GLN
		GLN       trace.Party `json:"gln"`
		Name      string      `json:"name"`
		Suspended time.Time   `json:"suspended_from"`
	} `json:"establishments"`
	Products []struct {
		GTIN     string `json:"gtin"`
		Name     string `json:"name"`
		MaxPrice int64  `json:"declared_max_retail_vnd"`
	} `json:"products"`
	Lots []struct {
		GTIN     string    `json:"gtin"`
		Lot      string    `json:"lot"`
		Recalled time.Time `json:"recall_from"`
	} `json:"lots"`
	Period struct {
		Start time.Time `json:"start"`
		End   time.Time `json:"end"`
	} `json:"period"`
}

// register is what the file says: what the rules need, and what people read.
type register struct {
	trace.Register
	start    time.Time
	parties  map[trace.Party]string
	products map[string]string // by GTIN
}

// registerOf makes a register of the registered keys, for an audit without master data: their establishments are known.
func registerOf(keys []audit.Key) *register {
	reg := &register{}
	for _, k := range keys {
		reg.Establishments = append(reg.Establishments, trace.Establishment{Party: k.Party})
	}
	return reg
}

// readMaster reads the register.
func readMaster(name string) (*register, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var m master
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	reg := &register{start: m.Period.Start, parties: make(map[trace.Party]string), products: make(map[string]string)}
	reg.End = m.Period.End
	for i, e := range m.Establishments {
		party := e.GLN
		if party == "" {
			party = trace.Party(e.Code)
		}
		if party == "" {
			return nil, fmt.Errorf("%s: establishment %d has neither gln nor code", name, i)
		}
		reg.Establishments = append(reg.Establishments, trace.Establishment{Party: party, Suspended: e.Suspended})
		reg.parties[party] = e.Name
	}
	for i, p := range m.Products {
		gtin, err := gs1.ParseGTIN(p.GTIN)
		if err != nil {
			return nil, fmt.Errorf("%s: product %d: %w", name, i, err)
		}
		reg.Products = append(reg.Products, trace.Product{GTIN: gtin, MaxPrice: p.MaxPrice})
		reg.products[string(gtin)] = p.Name
	}
	for i, l := range m.Lots {
		gtin, err := gs1.ParseGTIN(l.GTIN)
		if err != nil {
			return nil, fmt.Errorf("%s: lot %d: %w", name, i, err)
		}
		reg.Lots = append(reg.Lots, trace.Lot{GTIN: gtin, Lot: l.Lot, Recalled: l.Recalled})
	}
	return reg, nil
}
