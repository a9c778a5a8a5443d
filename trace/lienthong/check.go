package lienthong

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
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
func Check(document any) error {
	v := reflect.Indirect(reflect.ValueOf(document))
	if v.Kind() != reflect.Struct {
		return fmt.Errorf("lienthong: check: %T is no document", document)
	}
	var c checker
	c.fields(v, "")
	if d, ok := v.Interface().(interface{ faults() []*ValueError }); ok {
		for _, f := range d.faults() {
			c.faults = append(c.faults, f)
		}
	}
	return errors.Join(c.faults...)
}

// checker collects the faults of a document.
type checker struct{ faults []error }

// fault adds what is wrong with a field, whose path is that of its struct and its column.
func (c *checker) fault(f *reflect.StructField, path string, v reflect.Value, format string, args ...any) {
	value := fmt.Sprint(v.Interface())
	if f.Tag.Get("personal") == "yes" {
		value = ""
	}
	c.faults = append(c.faults, &ValueError{path + column(f), value, fmt.Sprintf(format, args...)})
}

// fields checks the fields of a struct whose path, with the point that follows it, is given.
func (c *checker) fields(v reflect.Value, path string) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous {
			c.fields(v.Field(i), path)
			continue
		}
		c.field(&f, v.Field(i), path)
	}
}

// column returns the name that a field has in its document.
func column(f *reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func (c *checker) field(f *reflect.StructField, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.String:
		c.text(f, v, path)
	case reflect.Int, reflect.Int64:
		c.number(f, v, path)
	case reflect.Slice:
		if v.Len() == 0 && f.Tag.Get("need") == "yes" {
			c.faults = append(c.faults, &ValueError{path + column(f), "", "is empty"})
		}
		for i := range v.Len() {
			c.fields(v.Index(i), path+column(f)+"["+strconv.Itoa(i)+"].")
		}
	case reflect.Pointer:
		if !v.IsNil() && v.Elem().Kind() == reflect.Struct {
			c.fields(v.Elem(), path+column(f)+".")
		}
	}
}

func (c *checker) text(f *reflect.StructField, v reflect.Value, path string) {
	s := v.String()
	if s == "" {
		if f.Tag.Get("need") == "yes" {
			c.fault(f, path, v, "is empty")
		}
		return
	}
	if !utf8.ValidString(s) {
		c.fault(f, path, v, "is not UTF-8")
		return
	}
	if most, ok := limit(f.Tag, "size"); ok && int64(utf8.RuneCountInString(s)) > most {
		c.fault(f, path, v, "%d characters, at most %d have room", utf8.RuneCountInString(s), most)
	}
	if layout := layouts[f.Tag.Get("form")]; layout != "" {
		if f.Tag.Get("form") == "iso" { // of which clients write the midnight, too
			s = strings.TrimSuffix(strings.TrimSuffix(s, "+07:00"), "T00:00:00")
		}
		if _, err := time.Parse(layout, s); err != nil || len(s) != len(layout) {
			c.fault(f, path, v, "want %s", layoutNames[f.Tag.Get("form")])
		}
	}
}

func (c *checker) number(f *reflect.StructField, v reflect.Value, path string) {
	n := v.Int()
	if least, ok := limit(f.Tag, "least"); ok && n < least {
		c.fault(f, path, v, "want at least %d", least)
	}
	if most, ok := limit(f.Tag, "digits"); ok && int64(len(strconv.FormatInt(max(n, -n), 10))) > most {
		c.fault(f, path, v, "more than %d digits", most)
	}
	if layout := layouts[f.Tag.Get("form")]; layout != "" {
		if _, err := time.Parse(layout, strconv.FormatInt(n, 10)); err != nil {
			c.fault(f, path, v, "want %s", layoutNames[f.Tag.Get("form")])
		}
	}
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

// The forms of days and times.
const (
	dayLayout    = "20060102"
	minuteLayout = "200601021504"
)

var (
	layouts     = map[string]string{"day": dayLayout, "minute": minuteLayout, "iso": time.DateOnly}
	layoutNames = map[string]string{
		"day": "a day such as 20181215", "minute": "a time such as 201808081030", "iso": "a day such as 2018-12-15",
	}
)

// Ngay returns a day as generation 1 writes it (ngày): "20181215".
func Ngay(d Day) string { return fmt.Sprintf("%04d%02d%02d", d.Year, int(d.Month), d.Date) }

// NgayGio returns a time as QĐ 540/QĐ-QLD writes it (ngày giờ), in the time of Viet Nam: "201808081030".
func NgayGio(t time.Time) string { return t.In(zone).Format(minuteLayout) }
