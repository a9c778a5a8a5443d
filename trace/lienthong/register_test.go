package lienthong_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/google/go-cmp/cmp"
)

const page = `{"page": 1, "total": "2", "data": [
	{"id": "893110130226", "name": "TBZemitin 500", "drug_group_id": "1", "registration_number": "893110130226",
	 "old_registration_number": "VD-12345-17", "active_pharmaceutical_ingredient": "mecobalamin", "strength": "500 mcg",
	 "routes": [{"id": "R1", "name": "Uống"}], "prescription_status": 1, "special_control_type": 0,
	 "packagings": [{"unit_id": "U31", "unit_name": "Viên", "gtin": null}, {"unit_id": "U1", "unit_name": "Hộp", "gtin": "8936000123451"}],
	 "manufacturer": {"id": "M1", "name": "Nhà máy A", "country": "VN", "address": "…"},
	 "approval_date": "2026-01-02", "last_update_time": "2026-08-13T15:10:02"},
	{"id": 2, "name": "không mã", "packagings": [{"unit_id": "U1", "unit_name": "Hộp", "gtin": "8936000123450"}],
	 "last_update_time": "2026-08-12T00:00:00"}]}`

const box = gs1.GTIN("08936000123451")

// registered is a register with the page.
func registered(t *testing.T) *lienthong.Register {
	t.Helper()
	p, err := lienthong.ReadDrugs(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var r lienthong.Register
	if err := r.Import(p, sold); err != nil {
		t.Fatal(err)
	}
	return &r
}

func TestReadDrugs(t *testing.T) {
	p, err := lienthong.ReadDrugs(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	want := []lienthong.Drug{
		{
			DrugID: "893110130226", NationalID: "893110130226", Name: "TBZemitin 500", SoDangKy: "893110130226",
			SoDangKyCu: "VD-12345-17", ActiveIngredient: "mecobalamin", Strength: "500 mcg", Routes: []string{"Uống"},
			Prescription: "1", Control: "0", Manufacturer: lienthong.Manufacturer{ID: "M1", Name: "Nhà máy A", Country: "VN"},
			Units:   []lienthong.Unit{{UnitID: "U31", Name: "Viên"}, {UnitID: "U1", Name: "Hộp", GTIN: box}},
			Updated: "2026-08-13T15:10:02",
		},
		{DrugID: "2", NationalID: "2", Name: "không mã", Units: []lienthong.Unit{{UnitID: "U1", Name: "Hộp"}}, Updated: "2026-08-12T00:00:00"},
	}
	if diff := cmp.Diff(want, p.Drugs); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if p.Number != 1 || p.Total != 2 || len(p.Odd) != 1 || !errors.Is(p.Odd[0], gs1.ErrCheckDigit) {
		t.Errorf("page %d of %d, odd %v", p.Number, p.Total, p.Odd)
	}
	for in, want := range map[string]string{
		"":                            "lienthong: read drugs: unexpected end of JSON input",
		"<html>":                      "lienthong: read drugs: invalid character '<' looking for beginning of value",
		`{"data":[{"id":"1"},{}]}`:    "lienthong: read drugs: data[1]: a drug without id",
		`{"data":[{"id":[]}]}`:        "lienthong: read drugs: want text or a number",
		strings.Repeat(" ", 16<<20+1): "lienthong: read drugs: more than 16777216 bytes",
	} {
		if _, err := lienthong.ReadDrugs(strings.NewReader(in)); err == nil || err.Error() != want {
			t.Errorf("%.20q: error %v, want %s", in, err, want)
		}
	}
}

func TestRegister(t *testing.T) {
	r := registered(t)
	d, u, err := r.Find(box)
	if err != nil || d.Name != "TBZemitin 500" || u.Name != "Hộp" {
		t.Fatalf("Find: %v, %v, %v", d, u, err)
	}
	if got := r.UpdatedUntil(); got != "2026-08-13T15:10:02" {
		t.Errorf("updated until %s", got)
	}
	if _, _, err := r.Find("08936000560008"); !errors.Is(err, lienthong.ErrUnlinked) {
		t.Errorf("Find of what nobody linked: %v", err)
	}

	// The shop says what the national list does not, and the next import does not forget it.
	d.Units[0].Smallest, d.Units[1].Smallest, d.DQG, d.Importer = 1, 100, "DQG00001536", "Công ty B"
	if err := r.Put(d, "dược sĩ", sold); err != nil {
		t.Fatal(err)
	}
	again, err := lienthong.ReadDrugs(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Import(again, sold); err != nil {
		t.Fatal(err)
	}
	if d, u, _ := r.Find(box); u.Smallest != 100 || d.DQG != "DQG00001536" || d.Importer != "Công ty B" {
		t.Errorf("after the import %v, %v", d, u)
	}
	if links := r.Links(); len(links) != 1 || links[0].By != lienthong.NationalList || !links[0].At.Equal(sold) {
		t.Errorf("links %v", links)
	}
}

func TestConflict(t *testing.T) {
	r := registered(t)
	var conflict *lienthong.ConflictError
	err := r.Link(lienthong.Link{GTIN: box, DrugID: "2", UnitID: "U1", By: "dược sĩ", At: sold})
	if !errors.As(err, &conflict) || conflict.Old.DrugID != "893110130226" || conflict.New.By != "dược sĩ" {
		t.Fatalf("a GTIN of two drugs: %v", err)
	}
	want := "lienthong: GTIN 08936000123451 is 893110130226 U1, and cannot be 2 U1 as well"
	if err.Error() != want {
		t.Errorf("error %v", err)
	}
	if d, _, _ := r.Find(box); d.DrugID != "893110130226" {
		t.Error("the conflict changed the link")
	}
	if l, ok := r.Unlink(box); !ok || l.By != lienthong.NationalList {
		t.Errorf("Unlink %v, %v", l, ok)
	}
	if err := r.Link(lienthong.Link{GTIN: box, DrugID: "2", UnitID: "U1", By: "dược sĩ", At: sold}); err != nil {
		t.Fatal(err)
	}
	if d, _, _ := r.Find(box); d.DrugID != "2" {
		t.Error("the new link does not hold")
	}
	p, _ := lienthong.ReadDrugs(strings.NewReader(page))
	if err := r.Import(p, sold); !errors.As(err, &conflict) || conflict.New.By != lienthong.NationalList {
		t.Errorf("the next import: %v", err)
	}
	for name, c := range map[string]struct {
		link lienthong.Link
		want error
	}{
		"no drug": {lienthong.Link{GTIN: box, DrugID: "3", UnitID: "U1", By: "x"}, lienthong.ErrUnknownDrug},
		"no unit": {lienthong.Link{GTIN: box, DrugID: "2", UnitID: "U9", By: "x"}, lienthong.ErrUnknownUnit},
		"no GTIN": {lienthong.Link{GTIN: "1", DrugID: "2", UnitID: "U1", By: "x"}, gs1.ErrLength},
	} {
		if err := r.Link(c.link); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if r.Link(lienthong.Link{GTIN: box, DrugID: "2", UnitID: "U1"}) == nil || r.Put(lienthong.Drug{DrugID: "4"}, "", sold) == nil {
		t.Error("nobody links")
	}
}

func TestUnits(t *testing.T) {
	d := lienthong.Drug{DrugID: "2", Units: []lienthong.Unit{
		{UnitID: "U31", Name: "Viên", Smallest: 1}, {UnitID: "U1", Name: "Hộp", Smallest: 30}, {UnitID: "U2", Name: "Thùng"},
	}}
	for _, c := range []struct {
		unit     string
		smallest int64
		want     int64
		err      error
	}{
		{"U31", 7, 7, nil},
		{"U1", 60, 2, nil},
		{"U1", 61, 0, lienthong.ErrNotWhole},
		{"U2", 60, 0, lienthong.ErrUnknownUnit},
		{"U9", 60, 0, lienthong.ErrUnknownUnit},
	} {
		got, err := d.InUnit(c.unit, c.smallest)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("InUnit(%s, %d) = %d, %v", c.unit, c.smallest, got, err)
		}
		if c.err == nil {
			if back, err := d.Smallest(c.unit, got); back != c.smallest || err != nil {
				t.Errorf("Smallest(%s, %d) = %d, %v", c.unit, got, back, err)
			}
		}
	}
	if _, err := d.Smallest("U1", 1<<60); !errors.Is(err, lienthong.ErrNotWhole) {
		t.Errorf("too many: %v", err)
	}
	if _, err := d.Smallest("U2", 1); !errors.Is(err, lienthong.ErrUnknownUnit) {
		t.Errorf("nobody knows: %v", err)
	}
}

// TestRegisterConcurrent is for the race detector.
func TestRegisterConcurrent(t *testing.T) {
	r := registered(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for k := range 100 {
				id := fmt.Sprintf("%d-%d", i, k)
				if err := r.Put(lienthong.Drug{DrugID: id, Units: []lienthong.Unit{{UnitID: "U1"}}}, "x", sold); err != nil {
					t.Error(err)
				}
				r.Find(box)
				r.Links()
				r.UpdatedUntil()
				if _, ok := r.Drug(id); !ok {
					t.Error("lost", id)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzReadDrugs(f *testing.F) {
	f.Add(page)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := lienthong.ReadDrugs(strings.NewReader(s))
		if err != nil {
			return
		}
		var r lienthong.Register
		r.Import(p, sold)
		for _, l := range r.Links() {
			// A later entry of the same drug may lack the unit.
			if _, _, err := r.Find(l.GTIN); err != nil && !errors.Is(err, lienthong.ErrUnknownUnit) {
				t.Error(err)
			}
		}
	})
}
