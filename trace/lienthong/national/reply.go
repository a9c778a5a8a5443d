package national

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// reply is what an answer of either server says, however it says it: six clients of generation 1 read code as a text and as a
// number, mess and message, the token flat and in data, and bodies that are no JSON (confidence H).
type reply struct {
	fields map[string]string // texts and numbers, also of "data", by name in lower case without "_"
	words  string
	body   []byte
	page   bool // HTML with a good status
}

// deepest is how many objects within objects are looked into.
const deepest = 3

// read reads an answer liberally. It never fails: what is no JSON is words.
func read(body []byte) reply {
	r := reply{fields: map[string]string{}, body: body}
	d := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(body), "\ufeff")))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		r.words = clean(string(body))
		return r
	}
	switch v := v.(type) {
	case map[string]any:
		r.object(v, deepest)
		for _, key := range [...]string{"mess", "message", "messages", "error", "errordescription", "danhsachcacloi"} {
			if r.words = r.fields[key]; r.words != "" {
				break
			}
		}
	case string:
		r.words = clean(v)
	default:
		r.words = clean(string(body))
	}
	return r
}

// object takes in the fields of an object. What lies deeper does not replace what lies above it.
func (r *reply) object(o map[string]any, depth int) {
	if depth == 0 {
		return
	}
	for key, v := range o {
		key = strings.ReplaceAll(strings.ToLower(key), "_", "")
		if s := text(v, depth); s != "" && r.fields[key] == "" {
			r.fields[key] = s
		}
	}
	for _, v := range o {
		if o, ok := v.(map[string]any); ok {
			inner := reply{fields: map[string]string{}}
			inner.object(o, depth-1)
			for key, s := range inner.fields {
				if r.fields[key] == "" {
					r.fields[key] = s
				}
			}
		}
	}
}

// text returns a text or number; those of a list, joined.
func text(v any, depth int) string {
	switch v := v.(type) {
	case string:
		return clean(v)
	case json.Number:
		return v.String()
	case []any:
		var parts []string
		for _, e := range v {
			if o, ok := e.(map[string]any); ok && depth > 0 {
				inner := reply{fields: map[string]string{}}
				inner.object(o, 1)
				for _, key := range [...]string{"message", "mess", "error"} {
					if s := inner.fields[key]; s != "" {
						parts = append(parts, s)
						break
					}
				}
			} else if s := text(e, depth-1); depth > 0 && s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, "; ")
	}
	return ""
}

// clean returns a text in one line and of sensible length.
func clean(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\ufffd")), " ")
	const most = 500
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// first returns the first of some fields that is there.
func (r *reply) first(names ...string) string {
	for _, name := range names {
		if s := r.fields[name]; s != "" {
			return s
		}
	}
	return ""
}
