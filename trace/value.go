package trace

// Field is a name and value outside the standard vocabulary, kept as it came: an extension, instance or lot master data
// (ilmd), or part of a sensor element. Name is "{namespace}name" for a qualified name and the bare name otherwise.
type Field struct {
	Name  string
	Value Value
}

// Kind is the kind of a [Value].
type Kind uint8

// The kinds are those of JSON. An extension that came from XML has no Number, Bool or Null.
const (
	Text Kind = iota
	Number
	Bool
	Null
	List
	Object
)

// Value is the value of a [Field]. The zero value is the empty text.
type Value struct {
	Kind   Kind
	Text   string  // of Text; of Number as it was written, never rounded; "true" or "false" of Bool
	List   []Value // of List
	Fields []Field // of Object, in the order in which they came
}

// NewField returns a field with a text value in this package's own [Namespace].
func NewField(name, text string) Field {
	return Field{Name: "{" + Namespace + "}" + name, Value: Value{Text: text}}
}

// Namespace is the namespace of the extensions that this package writes: lot, exp, price, units.
const Namespace = "https://dauvet.github.io/epcis/"

// mdaNamespace is the namespace of CBV 2.0 master data attributes (section 9), which ilmd uses.
const mdaNamespace = "urn:epcglobal:cbv:mda"

// local returns the name without its namespace.
func (f Field) local() string {
	for i := len(f.Name) - 1; i >= 0; i-- {
		if f.Name[i] == '}' {
			return f.Name[i+1:]
		}
	}
	return f.Name
}

// field returns the text of the first field with the given local name. The namespace is not compared: every vendor has
// its own for the same few words.
func field(fields []Field, local string) string {
	for _, f := range fields {
		if f.local() == local {
			return f.Value.Text
		}
	}
	return ""
}
