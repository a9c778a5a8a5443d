package lienthong

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/dauvet/dauvet/gs1"
)

// Drug is a drug (thuốc) as the national systems know it, and as those of a shop have linked it to its codes.
type Drug struct {
	// DrugID is drug_id of generation 2, its key in a Register, such as "893110130226". A drug that is in no national list
	// has a name that the vendor gives it, and an empty NationalID.
	DrugID     string
	NationalID string // drug_id as it is sent; empty when the national list does not have it
	DQG        string // mã thuốc of generation 1, such as "DQG00001536"; empty when not known

	Name             string
	SoDangKy         string // số đăng ký
	SoDangKyCu       string // số đăng ký cũ: the number before
	ActiveIngredient string
	Strength         string
	Routes           []string
	Prescription     string // a code of PrescriptionStates
	Control          string // a code of ControlTypes
	Manufacturer     Manufacturer
	Units            []Unit
	Updated          string // last_update_time as it came

	// What QĐ 540/QĐ-QLD asks for and generation 2 does not have.
	Importer   string // nhà nhập khẩu
	DosageForm string // dạng bào chế
	Packing    string // quy cách đóng gói
}

// Unit is a unit that a drug is counted in, with the code on it if it has one.
type Unit struct {
	UnitID string
	Name   string
	GTIN   gs1.GTIN // empty when the unit bears none
	// Smallest is how many smallest units it is, 1 for the smallest itself; 0 when that is not known, as the national list
	// does not say it.
	Smallest int64
}

// Link says which drug a GTIN is, and who said so: the national list, or somebody of the shop.
type Link struct {
	GTIN   gs1.GTIN
	DrugID string
	UnitID string
	By     string // who linked them
	At     time.Time
}

// NationalList is who links what comes with the master data of generation 2.
const NationalList = "csdlduoc.com.vn"

// ConflictError says that a GTIN would mean two drugs, or two units of one. The link that was there stays.
type ConflictError struct{ Old, New Link }

// Error names both links, and not who made them: that may be the name of a person.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("lienthong: GTIN %s is %s %s, and cannot be %s %s as well",
		e.Old.GTIN, e.Old.DrugID, e.Old.UnitID, e.New.DrugID, e.New.UnitID)
}

var (
	// ErrUnlinked says that nobody has linked a GTIN with a drug. The sale goes on, its report waits.
	ErrUnlinked = errors.New("GTIN is linked with no drug")
	// ErrUnknownDrug says that a register does not have a drug.
	ErrUnknownDrug = errors.New("unknown drug")
	// ErrUnknownUnit says that a drug does not have a unit, or that nobody has said how many smallest units it is.
	ErrUnknownUnit = errors.New("unknown unit")
	// ErrNotWhole says that an amount is no whole number of a unit.
	ErrNotWhole = errors.New("not a whole number of the unit")
)

// Register is what a shop knows of its drugs. The zero value is empty; a Register is safe for concurrent use.
type Register struct {
	mu    sync.RWMutex
	drugs map[string]Drug
	links map[gs1.GTIN]Link
	until string // the newest Updated
}

// Put takes a drug, in place of the one with the same DrugID, and links the GTINs of its units in the name of somebody. A
// conflict of links is an error, a *ConflictError for each, joined; the drug is taken all the same, and so are its other
// links. How many smallest units a unit is, the importer, form and packing, and the code of generation 1 stay when the new
// drug does not say them.
func (r *Register) Put(d Drug, by string, at time.Time) error {
	if d.DrugID == "" || by == "" {
		return errors.New("lienthong: put: want a DrugID, and who links it")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.drugs == nil {
		r.drugs, r.links = map[string]Drug{}, map[gs1.GTIN]Link{}
	}
	d.Units, d.Routes = slices.Clone(d.Units), slices.Clone(d.Routes)
	if old, ok := r.drugs[d.DrugID]; ok {
		d.keep(&old)
	}
	r.drugs[d.DrugID] = d
	if by == NationalList {
		r.until = max(r.until, d.Updated)
	}
	var errs []error
	for _, u := range d.Units {
		if u.GTIN != "" {
			errs = append(errs, r.link(Link{u.GTIN, d.DrugID, u.UnitID, by, at}))
		}
	}
	return errors.Join(errs...)
}

// keep takes over what was known and d does not say.
func (d *Drug) keep(old *Drug) {
	for _, field := range []struct{ now, before *string }{
		{&d.DQG, &old.DQG}, {&d.Importer, &old.Importer}, {&d.DosageForm, &old.DosageForm}, {&d.Packing, &old.Packing},
		{&d.SoDangKyCu, &old.SoDangKyCu},
	} {
		if *field.now == "" {
			*field.now = *field.before
		}
	}
	for i := range d.Units {
		if before, ok := old.unit(d.Units[i].UnitID); ok && d.Units[i].Smallest == 0 {
			d.Units[i].Smallest = before.Smallest
		}
	}
}

// Link links a GTIN with a unit of a drug in the name of somebody, who is kept. A GTIN that means something else already
// is a *ConflictError; Unlink first, when the old link is wrong.
func (r *Register) Link(l Link) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	d, ok := r.drugs[l.DrugID]
	if !ok {
		return fmt.Errorf("lienthong: link: %w %s", ErrUnknownDrug, l.DrugID)
	}
	if _, ok := d.unit(l.UnitID); !ok {
		return fmt.Errorf("lienthong: link: %s: %w %s", l.DrugID, ErrUnknownUnit, l.UnitID)
	}
	if _, err := gs1.ParseGTIN(string(l.GTIN)); err != nil || l.By == "" {
		return errors.Join(err, errors.New("lienthong: link: want a GTIN, and who links it"))
	}
	return r.link(l)
}

func (r *Register) link(l Link) error {
	if old, ok := r.links[l.GTIN]; ok {
		if old.DrugID != l.DrugID || old.UnitID != l.UnitID {
			return &ConflictError{old, l}
		}
		return nil // who said so first is kept
	}
	r.links[l.GTIN] = l
	return nil
}

// Unlink takes the link of a GTIN away and returns it.
func (r *Register) Unlink(gtin gs1.GTIN) (Link, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l, ok := r.links[gtin]
	delete(r.links, gtin)
	return l, ok
}

// Find returns the drug and the unit that a GTIN is. The error wraps ErrUnlinked when nobody has linked it.
func (r *Register) Find(gtin gs1.GTIN) (Drug, Unit, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	l, ok := r.links[gtin]
	if !ok {
		return Drug{}, Unit{}, fmt.Errorf("lienthong: %s: %w", gtin, ErrUnlinked)
	}
	d, ok := r.drugs[l.DrugID]
	if !ok {
		return Drug{}, Unit{}, fmt.Errorf("lienthong: %s: %w %s", gtin, ErrUnknownDrug, l.DrugID)
	}
	u, ok := d.unit(l.UnitID)
	if !ok {
		return d, Unit{}, fmt.Errorf("lienthong: %s: %w %s", gtin, ErrUnknownUnit, l.UnitID)
	}
	return d, u, nil
}

// Drug returns a drug by its DrugID, and whether there is one.
func (r *Register) Drug(id string) (Drug, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	d, ok := r.drugs[id]
	return d, ok
}

// Links returns all links, in the order of their GTINs: what was linked, by whom and when.
func (r *Register) Links() []Link {
	r.mu.RLock()
	defer r.mu.RUnlock()
	links := make([]Link, 0, len(r.links))
	for _, l := range r.links {
		links = append(links, l)
	}
	slices.SortFunc(links, func(a, b Link) int { return slices.Compare([]byte(a.GTIN), []byte(b.GTIN)) })
	return links
}

// UpdatedUntil returns the newest last_update_time of the national list, which is last_update_from of the next import; ""
// before the first.
func (r *Register) UpdatedUntil() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.until
}

// unit returns a unit by its id.
func (d *Drug) unit(id string) (Unit, bool) {
	for _, u := range d.Units {
		if u.UnitID == id {
			return u, true
		}
	}
	return Unit{}, false
}

// Smallest returns how many smallest units an amount of a unit is. The error wraps ErrUnknownUnit when nobody has said how
// many one is, and ErrNotWhole when they are too many to count.
func (d *Drug) Smallest(unitID string, amount int64) (int64, error) {
	u, ok := d.unit(unitID)
	if !ok || u.Smallest <= 0 {
		return 0, fmt.Errorf("lienthong: %s: %w %s", d.DrugID, ErrUnknownUnit, unitID)
	}
	n := amount * u.Smallest
	if n/u.Smallest != amount {
		return 0, fmt.Errorf("lienthong: %s: %d × %d: %w", d.DrugID, amount, u.Smallest, ErrNotWhole)
	}
	return n, nil
}

// InUnit returns how many of a unit an amount of smallest units is. What does not divide is refused: the error wraps
// ErrNotWhole.
func (d *Drug) InUnit(unitID string, smallest int64) (int64, error) {
	u, ok := d.unit(unitID)
	if !ok || u.Smallest <= 0 {
		return 0, fmt.Errorf("lienthong: %s: %w %s", d.DrugID, ErrUnknownUnit, unitID)
	}
	if smallest%u.Smallest != 0 {
		return 0, fmt.Errorf("lienthong: %s: %d of %d a %s: %w", d.DrugID, smallest, u.Smallest, u.Name, ErrNotWhole)
	}
	return smallest / u.Smallest, nil
}
