package nationaltest

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/dauvet/dauvet/trace/lienthong"
)

// maxPageSize is how many drugs a page has at most (QĐ 232/QĐ-TTYQG 1.1; confidence H).
const maxPageSize = 50

// master serves /master/drugs and /master/drugs/{drug_id}.
func (s *Server) master(w http.ResponseWriter, r *http.Request, path []string) {
	switch {
	case len(path) == 2 && path[0] == "drugs":
		for i := range s.opts.Drugs {
			if d := &s.opts.Drugs[i]; d.DrugID == path[1] {
				s.say(w, http.StatusOK, drug(d))
				return
			}
		}
	case len(path) == 1 && path[0] == "drugs":
		page, size := number(r, "page", 1), number(r, "page_size", maxPageSize)
		if page < 1 || size < 1 || size > maxPageSize {
			s.fail(w, r, http.StatusBadRequest, fmt.Sprintf("page, page_size: 1 and more, at most %d", maxPageSize))
			return
		}
		list := []any{} // not null
		total := 0
		from, to := r.FormValue("last_update_from"), r.FormValue("last_update_to")
		for i := range s.opts.Drugs {
			d := &s.opts.Drugs[i]
			if d.Updated < from || to != "" && d.Updated > to { // times of one form compare as text
				continue
			}
			if total++; total > (page-1)*size && total <= page*size {
				list = append(list, drug(d))
			}
		}
		s.say(w, http.StatusOK, map[string]any{"page": page, "total": total, "data": list})
		return
	}
	s.fail(w, r, http.StatusNotFound, "Not Found")
}

// number returns a parameter, 0 for what is none.
func number(r *http.Request, name string, otherwise int) int {
	text := r.FormValue(name)
	if text == "" {
		return otherwise
	}
	n, _ := strconv.Atoi(text)
	return n
}

// drug returns a drug as generation 2 spells it.
func drug(d *lienthong.Drug) map[string]any {
	routes := []map[string]string{}
	for i, name := range d.Routes {
		routes = append(routes, map[string]string{"id": fmt.Sprint("R", i+1), "name": name})
	}
	units := []map[string]string{}
	for _, u := range d.Units {
		units = append(units, map[string]string{"unit_id": u.UnitID, "unit_name": u.Name, "gtin": string(u.GTIN)})
	}
	out := map[string]any{
		"id": d.DrugID, "name": d.Name, "registration_number": d.SoDangKy, "old_registration_number": d.SoDangKyCu,
		"active_pharmaceutical_ingredient": d.ActiveIngredient, "strength": d.Strength, "routes": routes, "packagings": units,
		"manufacturer":     map[string]string{"id": d.Manufacturer.ID, "name": d.Manufacturer.Name, "country": d.Manufacturer.Country},
		"last_update_time": d.Updated,
	}
	for name, code := range map[string]string{"prescription_status": d.Prescription, "special_control_type": d.Control} {
		if n, err := strconv.Atoi(code); err == nil {
			out[name] = n
		}
	}
	return out
}
