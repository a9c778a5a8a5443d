package lienthong

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// maxPage bounds the answer to one request for master data.
const maxPage = 16 << 20

// Page is a page of /master/drugs of generation 2 (QĐ 232/QĐ-TTYQG 1.1; confidence H). Whether most drugs of the list have a GTIN
// is not known (?): what it does not link, somebody of the shop does.
type Page struct {
	Number int // page
	Total  int // of the drugs of all pages
	Drugs  []Drug
	// Odd are GTINs that are none: the unit is kept without it.
	Odd []error
}

// ReadDrugs reads a page of the national list of drugs: {"page", "total", "data": […]}. It is liberal: numbers may be
// text, absent fields are empty, and unknown ones are left out. A drug without id is an error that names its place in the
// page. No more than 16 MiB are read.
func ReadDrugs(r io.Reader) (*Page, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxPage+1))
	if err != nil {
		return nil, fmt.Errorf("lienthong: read drugs: %w", err)
	}
	if len(data) > maxPage {
		return nil, fmt.Errorf("lienthong: read drugs: more than %d bytes", maxPage)
	}
	var page struct {
		Page  loose        `json:"page"`
		Total loose        `json:"total"`
		Data  []masterDrug `json:"data"`
	}
	if err := json.Unmarshal(data, &page); err != nil {
		return nil, fmt.Errorf("lienthong: read drugs: %w", err)
	}
	p := &Page{Number: page.Page.int(), Total: page.Total.int()}
	for i := range page.Data {
		d, odd, err := page.Data[i].drug()
		if err != nil {
			return nil, fmt.Errorf("lienthong: read drugs: data[%d]: %w", i, err)
		}
		p.Drugs, p.Odd = append(p.Drugs, d), append(p.Odd, odd...)
	}
	return p, nil
}

// Import puts the drugs of a page into the register and returns the conflicts among their GTINs, joined.
func (r *Register) Import(p *Page, at time.Time) error {
	var errs []error
	for _, d := range p.Drugs {
		errs = append(errs, r.Put(d, NationalList, at))
	}
	return errors.Join(errs...)
}

// masterDrug is a drug as generation 2 spells it.
type masterDrug struct {
	ID          loose `json:"id"`
	Name        loose `json:"name"`
	Number      loose `json:"registration_number"`
	OldNumber   loose `json:"old_registration_number"`
	Ingredient  loose `json:"active_pharmaceutical_ingredient"`
	Strength    loose `json:"strength"`
	Routes      []struct{ Name loose }
	Status      loose `json:"prescription_status"`
	Control     loose `json:"special_control_type"`
	Packagings  []masterUnit
	Maker       struct{ ID, Name, Country loose } `json:"manufacturer"`
	LastUpdated loose                             `json:"last_update_time"`
}

type masterUnit struct {
	UnitID   loose `json:"unit_id"`
	UnitName loose `json:"unit_name"`
	GTIN     loose `json:"gtin"`
}

// oddGTIN is a text that is no GTIN, which it does not show: nobody knows what it is.
type oddGTIN struct {
	where string
	err   error
}

func (e *oddGTIN) Error() string { return "lienthong: " + e.where + ": gtin: is none" }
func (e *oddGTIN) Unwrap() error { return e.err }

func (m *masterDrug) drug() (d Drug, odd []error, err error) {
	if m.ID == "" {
		return d, nil, errors.New("a drug without id")
	}
	d = Drug{
		DrugID: string(m.ID), NationalID: string(m.ID), Name: string(m.Name), SoDangKy: string(m.Number),
		SoDangKyCu: string(m.OldNumber), ActiveIngredient: string(m.Ingredient), Strength: string(m.Strength),
		Prescription: string(m.Status), Control: string(m.Control),
		Manufacturer: Manufacturer{string(m.Maker.ID), string(m.Maker.Name), string(m.Maker.Country)},
		Updated:      string(m.LastUpdated),
	}
	for _, r := range m.Routes {
		d.Routes = append(d.Routes, string(r.Name))
	}
	for _, p := range m.Packagings {
		u := Unit{UnitID: string(p.UnitID), Name: string(p.UnitName)}
		if p.GTIN != "" {
			if u.GTIN, err = gs1.ParseGTIN(string(p.GTIN)); err != nil {
				odd = append(odd, &oddGTIN{fmt.Sprintf("%s %s", m.ID, p.UnitID), err})
			}
		}
		d.Units = append(d.Units, u)
	}
	return d, odd, nil
}

// loose is a text that may come as a number or true, or as null for none.
type loose string

// UnmarshalJSON takes any scalar as it is written.
func (l *loose) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(l))
	case 'n':
		*l = ""
	case '{', '[':
		return errors.New("want text or a number")
	default:
		*l = loose(data)
	}
	return nil
}

func (l loose) int() int {
	n, _ := strconv.Atoi(string(l))
	return n
}
