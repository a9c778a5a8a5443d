package lienthong

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Check holds a document, or a row of a table, against the columns "size" and "required" of its decision, which are the
// tags of its fields:
//
//	size:"50"       at most 50 characters
//	need:"yes"      a text or list that is not empty
//	form:"day"      text such as 20181215
//	form:"minute"   text or number such as 201808081030
//	least:"1"       a number of at least 1
//	digits:"10"     a number of at most 10 digits
//	personal:"yes"  names somebody; errors do not show it
//
// It returns every fault, joined, each a *ValueError whose Field is the path of the value: "chi_tiet[2].so_lo". Nothing is
// cut to fit.
func Check(document any) error { return Limits(nil).Check(document) }

// Limit is how much room a field has, and whether it may be empty.
type Limit struct {
	Size int  `json:"size"` // at most so many characters of a text, or digits of a number; 0 is any
	Need bool `json:"need"` // a text or list that is not empty
}

// Limits take the place of the sizes and required columns that Check knows, field by field. Keys are the name of the document,
// which is its Kind, thuoc_co_so, bang-1, bang-2, bang-4 or cap-nhat-don-thuoc, and the path of the field without places:
// "hoa_don.hoa_don_chi_tiet.ten_thuoc". A key that names no field is a fault of the documents that it begins with.
type Limits map[string]Limit

// Check is Check with the limits in place of those that they name.
func (limits Limits) Check(document any) error {
	v := reflect.Indirect(reflect.ValueOf(document))
	if v.Kind() != reflect.Struct {
		return fmt.Errorf("lienthong: check: %T is no document", document)
	}
	rules := rulesOf(v.Type())
	c := checker{limits: limits}
	c.fields(rules, v, nil)
	for key := range limits {
		if name, path, _ := strings.Cut(key, "."); rules.name != "" && name == rules.name && !rules.has(path) {
			c.faults = append(c.faults, &ValueError{key, "", "is a limit of no field"})
		}
	}
	if d, ok := document.(interface{ faults() []*ValueError }); ok {
		for _, f := range d.faults() {
			c.faults = append(c.faults, f)
		}
	}
	return errors.Join(c.faults...)
}

// checker collects the faults of a document.
type checker struct {
	limits Limits
	faults []error
}

// place is where in a document a struct lies: in the list of a field of another, or, when at is -1, in the field itself.
type place struct {
	in   *place
	name string
	at   int
}

// path returns what goes before the names of the fields that lie there.
func (p *place) path() string {
	switch {
	case p == nil:
		return ""
	case p.at < 0:
		return p.in.path() + p.name + "."
	}
	return p.in.path() + p.name + "[" + strconv.Itoa(p.at) + "]."
}

// fault adds what is wrong with a field.
func (c *checker) fault(r *rule, in *place, v reflect.Value, format string, args ...any) {
	value := ""
	if !r.personal && v.Kind() != reflect.Slice {
		value = fmt.Sprint(v.Interface())
	}
	c.faults = append(c.faults, &ValueError{in.path() + r.column, value, fmt.Sprintf(format, args...)})
}

// fields checks the fields of a struct.
func (c *checker) fields(rules *rules, v reflect.Value, in *place) {
	for i := range rules.fields {
		r := &rules.fields[i]
		size, need := r.size, r.need
		if l, ok := c.limits[r.path]; ok {
			size, need = l.Size, l.Need
		}
		switch f := v.Field(r.index); r.kind {
		case reflect.Struct:
			c.fields(r.inner, f, in)
		case reflect.String:
			c.text(r, f, in, size, need)
		case reflect.Int64:
			c.number(r, f, in, size)
		case reflect.Slice:
			if f.Len() == 0 && need {
				c.fault(r, in, f, "is empty")
			}
			for k := range f.Len() {
				c.fields(r.inner, f.Index(k), &place{in, r.column, k})
			}
		case reflect.Pointer:
			if !f.IsNil() {
				c.fields(r.inner, f.Elem(), &place{in, r.column, -1})
			}
		}
	}
}

func (c *checker) text(r *rule, v reflect.Value, in *place, size int, need bool) {
	s := v.String()
	switch {
	case s == "" && need:
		c.fault(r, in, v, "is empty")
		return
	case s == "":
		return
	case !utf8.ValidString(s):
		c.fault(r, in, v, "is not UTF-8")
		return
	}
	if size > 0 && len(s) > size {
		if n := utf8.RuneCountInString(s); n > size {
			c.fault(r, in, v, "%d characters, at most %d have room", n, size)
		}
	}
	if r.form == nil {
		return
	}
	if r.form.midnight {
		s = strings.TrimSuffix(strings.TrimSuffix(s, "+07:00"), "T00:00:00")
	}
	if _, err := time.Parse(r.form.layout, s); err != nil || len(s) != len(r.form.layout) {
		c.fault(r, in, v, "want %s", r.form.name)
	}
}

func (c *checker) number(r *rule, v reflect.Value, in *place, digits int) {
	n := v.Int()
	if r.hasLeast && n < r.least {
		c.fault(r, in, v, "want at least %d", r.least)
	}
	if digits > 0 && len(strconv.FormatInt(max(n, -n), 10)) > digits {
		c.fault(r, in, v, "more than %d digits", digits)
	}
	if r.form != nil {
		if _, err := time.Parse(r.form.layout, strconv.FormatInt(n, 10)); err != nil {
			c.fault(r, in, v, "want %s", r.form.name)
		}
	}
}

// rules are what the tags of a struct say of its fields.
type rules struct {
	name   string // of a document, as Limits spell it
	fields []rule
}

// rule is what the tags of a field say.
type rule struct {
	index    int
	kind     reflect.Kind // Struct is an embedded one, Int64 any number
	column   string
	path     string // as Limits spell it
	size     int    // characters or digits; 0 is any
	least    int64
	hasLeast bool
	need     bool
	personal bool
	form     *form
	inner    *rules // of what is embedded, of the lines of a list, of what is pointed at
}

// form is how a day or a time is written.
type form struct {
	layout, name string
	midnight     bool // clients also write the midnight of the day
}

// The forms of days and times.
const (
	dayLayout    = "20060102"
	minuteLayout = "200601021504"
)

var (
	formDay    = form{dayLayout, "a day such as 20181215", false}
	formMinute = form{minuteLayout, "a time such as 201808081030", false}
	formISO    = form{time.DateOnly, "a day such as 2018-12-15", true}
)

// documentTypes are the documents and rows of tables, by the name that Limits use.
func documentTypes() map[string]reflect.Type {
	return map[string]reflect.Type{
		string(KindHoaDon): reflect.TypeFor[HoaDon](), string(KindPhieuNhap): reflect.TypeFor[PhieuNhap](),
		string(KindPhieuXuat): reflect.TypeFor[PhieuXuat](), "thuoc_co_so": reflect.TypeFor[ThuocCoSo](),
		string(KindStockIn): reflect.TypeFor[StockIn](), string(KindStockOut): reflect.TypeFor[StockOut](),
		string(KindStockTaking): reflect.TypeFor[StockTaking](), "bang-1": reflect.TypeFor[Bang1](), "bang-2": reflect.TypeFor[Bang2](),
		"bang-4": reflect.TypeFor[Bang4](), "cap-nhat-don-thuoc": reflect.TypeFor[CapNhatDonThuoc](),
	}
}

// documentRules are their rules: reading tags takes longer than checking what they say.
var documentRules = sync.OnceValue(func() map[reflect.Type]*rules {
	out := map[reflect.Type]*rules{}
	for name, t := range documentTypes() {
		out[t] = readRules(t, name)
		out[t].name = name
	}
	return out
})

func rulesOf(t reflect.Type) *rules {
	if r := documentRules()[t]; r != nil {
		return r
	}
	return readRules(t, "")
}

// readRules reads the tags of a struct whose path is given.
func readRules(t reflect.Type, path string) *rules {
	out := &rules{}
	for i := range t.NumField() {
		f := t.Field(i)
		r := rule{index: i, kind: f.Type.Kind(), column: column(&f), need: f.Tag.Get("need") == "yes", personal: f.Tag.Get("personal") == "yes"}
		r.path = path + "." + r.column
		size, ok := limit(f.Tag, "size")
		if !ok {
			size, _ = limit(f.Tag, "digits")
		}
		r.size = int(size)
		r.least, r.hasLeast = limit(f.Tag, "least")
		switch f.Tag.Get("form") {
		case "day":
			r.form = &formDay
		case "minute":
			r.form = &formMinute
		case "iso":
			r.form = &formISO
		}
		switch {
		case f.Anonymous:
			r.inner = readRules(f.Type, path)
		case (r.kind == reflect.Slice || r.kind == reflect.Pointer) && f.Type.Elem().Kind() == reflect.Struct:
			r.inner = readRules(f.Type.Elem(), r.path)
		case r.kind == reflect.Int:
			r.kind = reflect.Int64
		case r.kind == reflect.String, r.kind == reflect.Int64:
		default:
			continue
		}
		out.fields = append(out.fields, r)
	}
	return out
}

// has reports whether there is a field of a path, given without the name of the document.
func (r *rules) has(path string) bool {
	return slices.ContainsFunc(r.fields, func(f rule) bool {
		switch name, rest, nested := strings.Cut(path, "."); {
		case f.kind == reflect.Struct:
			return f.inner.has(path)
		case f.column != name:
			return false
		case nested:
			return f.inner != nil && f.inner.has(rest)
		}
		return true
	})
}

// column returns the name that a field has in its document.
func column(f *reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// limit returns the number that a tag holds, and whether it has one.
func limit(tag reflect.StructTag, name string) (int64, bool) {
	s := tag.Get(name)
	if s == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// Ngay returns a day as generation 1 writes it (ngày): "20181215".
func Ngay(d Day) string { return d.format("") }

// NgayGio returns a time as QĐ 540/QĐ-QLD writes it (ngày giờ), in the time of Viet Nam: "201808081030".
func NgayGio(t time.Time) string { return t.In(zone).Format(minuteLayout) }
