package trace

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// The part of the event hash that deals with fields that hold extensions beside what is standard: readPoint, bizLocation
// and sensor elements.

// sensorMetadata and sensorReport list the standard fields of a sensor element in the order of CBV 2.0 section 8.9.2.
var (
	sensorMetadata = []string{"time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData",
		"dataProcessingMethod", "bizRules"}
	sensorReport = []string{"type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time",
		"microorganism", "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue",
		"uriValue", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom",
		"coordinateReferenceSystem"}
)

// holder is a standard field that may hold extensions: readPoint, bizLocation, or a block of a sensor element.
type holder struct {
	name   string
	fields []Field // all but its id
	order  []string
	hasID  bool
}

// direct and others part what is no standard field of h. The reference knows an extension of a standard field by its
// namespace, which has to end with a slash; anything else it finds there counts among the extensions of the event.
func (h *holder) direct() []Field { return h.pick(true) }
func (h *holder) others() []Field { return h.pick(false) }

func (h *holder) pick(direct bool) []Field {
	var out []Field
	for _, f := range h.fields {
		if !slices.Contains(h.order, f.Name) && strings.Contains(f.Name, "/}") == direct {
			out = append(out, f)
		}
	}
	return out
}

// inline reports whether CBV 2.1 has the extensions in their place. The reference passes over a field that holds
// nothing else.
func (h *holder) inline() bool { return h.hasID || len(h.fields) > 1 }

// left returns what counts among the extensions of the event.
func (h *holder) left(p Profile) []Field {
	switch direct := h.direct(); {
	case p == CBV21 && !h.inline():
		return append(direct, h.others()...)
	case p == CBV20 && len(direct) > 0:
		return nil // the reference forgets the others
	}
	return h.others()
}

// standard returns the name of the block with its standard fields; in CBV 2.1 with extensions. It is empty without them.
func (h *holder) standard(p Profile) string {
	b := []byte(h.name)
	for _, key := range h.order {
		for _, f := range h.fields {
			if f.Name == key {
				b = appendPair(b, key, sensorValue(key, f.Value))
			}
		}
	}
	if p == CBV21 && h.inline() {
		b = appendFields(b, h.direct())
	}
	if len(b) == len(h.name) {
		return ""
	}
	return string(b)
}

// sensor is a sensor element taken apart.
type sensor struct {
	holder          // its own extensions
	blocks []holder // sensorMetadata, sensorReport, …
}

func sensors(list []Value) []sensor {
	out := make([]sensor, 0, len(list))
	for _, v := range inOrder(list) {
		s := sensor{holder: holder{name: "sensorElement", fields: v.Fields, order: []string{"sensorMetadata", "sensorReport"}}}
		for _, name := range s.order {
			for _, f := range v.Fields {
				if f.Name != name {
					continue
				}
				list := []Value{f.Value}
				if f.Value.Kind == List {
					list = inOrder(f.Value.List)
				}
				for _, block := range list {
					h := holder{name: name, fields: block.Fields, order: sensorMetadata}
					if name == "sensorReport" {
						h.order = sensorReport
					}
					s.blocks = append(s.blocks, h)
				}
			}
		}
		out = append(out, s)
	}
	return out
}

// appendSensors appends the sensor elements.
func appendSensors(b []byte, list []Value, p Profile) []byte {
	if len(list) == 0 {
		return b
	}
	var items []string
	for _, s := range sensors(list) {
		var inner []byte
		for _, name := range s.order {
			blocks := itemsAt(inner)
			for i := range s.blocks {
				if s.blocks[i].name == name {
					inner = append(inner, s.blocks[i].standard(p)...)
					blocks.end(inner)
				}
			}
			inner = blocks.sort(inner)
		}
		if p == CBV21 && s.inline() {
			inner = appendFields(inner, s.direct())
		}
		if len(inner) > 0 {
			items = append(items, "sensorElement"+string(inner))
		}
	}
	if len(items) > 0 && p == CBV21 {
		b = append(b, "sensorElementList"...)
	}
	slices.Sort(items)
	return append(b, strings.Join(items, "")...)
}

// appendSensorExtensions appends the extensions of sensor elements behind the names of the fields that hold them, as
// CBV 2.0 has it.
func appendSensorExtensions(b []byte, list []Value) []byte {
	for _, s := range sensors(list) {
		var inner []byte
		for i := range s.blocks {
			if ext := s.blocks[i].direct(); len(ext) > 0 {
				inner = appendFields(append(inner, s.blocks[i].name...), ext)
			}
		}
		inner = appendFields(inner, s.direct())
		if len(inner) > 0 {
			b = append(append(b, s.name...), inner...)
		}
	}
	return b
}

// sensorLeft returns what sensor elements hold that is neither standard nor an extension of theirs; see holder.
func sensorLeft(list []Value, p Profile) string {
	if p == CBV20 && len(appendSensorExtensions(nil, list)) > 0 {
		return ""
	}
	var elements []string
	for _, s := range sensors(list) {
		items := itemsAt(nil)
		inner := items.fields(nil, s.left(p))
		for i := range s.blocks {
			if left := s.blocks[i].left(p); len(left) > 0 {
				inner = appendFields(append(inner, s.blocks[i].name...), left)
				items.end(inner)
			}
		}
		if items.n > 0 {
			elements = append(elements, s.name+string(items.sort(inner)))
		}
	}
	if len(elements) == 0 {
		return ""
	}
	slices.Sort(elements)
	return "sensorElementList" + strings.Join(elements, "")
}

func sensorValue(key string, v Value) string {
	s := strings.TrimSpace(v.Text)
	switch key {
	case "time", "startTime", "endTime":
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return string(appendTime(nil, t))
		}
	case "type", "exception":
		if measurementTypes.position(s) > 0 {
			return measurementTypes.stem + s
		}
	case "component":
		return components.uri(canonicalValue(v))
	}
	return canonicalValue(v)
}

// measurementTypes are the sensor measurement and alert types of the EPCIS 2.0 JSON schema.
var measurementTypes = vocabulary{"https://ref.gs1.org/voc/", []string{
	"AbsoluteHumidity", "AbsorbedDose", "AbsorbedDoseRate", "Acceleration", "Radioactivity", "Altitude",
	"AmountOfSubstance", "AmountOfSubstancePerUnitVolume", "Angle", "AngularAcceleration", "AngularMomentum",
	"AngularVelocity", "Area", "Capacitance", "Conductance", "Conductivity", "Count", "Density", "Dimensionless",
	"DoseEquivalent", "DoseEquivalentRate", "DynamicViscosity", "ElectricCharge", "ElectricCurrent",
	"ElectricCurrentDensity", "ElectricFieldStrength", "Energy", "Exposure", "Force", "Frequency", "Illuminance",
	"Inductance", "Irradiance", "KinematicViscosity", "Length", "LinearMomentum", "Luminance", "LuminousFlux",
	"LuminousIntensity", "MagneticFlux", "MagneticFluxDensity", "MagneticVectorPotential", "Mass",
	"MassConcentration", "MassFlowRate", "MassPerAreaTime", "MemoryCapacity", "MolalityOfSolute", "MolarEnergy",
	"MolarMass", "MolarVolume", "Power", "Pressure", "RadiantFlux", "RadiantIntensity", "RelativeHumidity",
	"Resistance", "Resistivity", "SolidAngle", "SpecificVolume", "Speed", "SurfaceDensity", "SurfaceTension",
	"Temperature", "Time", "Torque", "Voltage", "Volume", "VolumeFlowRate", "VolumeFraction", "VolumetricFlux",
	"Wavenumber", "ALARM_CONDITION", "ERROR_CONDITION",
}}

// components are the sensor components of CBV 2.0 (7.8).
var components = vocabulary{cbvStem + "Comp-", []string{
	"x", "y", "z", "axial_distance", "azimuth", "height", "spherical_radius", "polar_angle", "elevation_angle",
	"easting", "northing", "latitude", "longitude", "altitude",
}}

// inOrder returns the items of a list in the order of the reference, which sorts what it reads as trees of names and
// texts before it does anything else.
func inOrder(list []Value) []Value {
	if len(list) < 2 {
		return list
	}
	type pair struct {
		v Value
		n node
	}
	pairs := make([]pair, len(list))
	for i, v := range list {
		n := newNode("", v)
		for _, f := range v.Fields {
			if f.Name == "type" {
				n.name = f.Value.Text
			}
		}
		pairs[i] = pair{v, n}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return a.n.compare(b.n) })
	out := make([]Value, len(list))
	for i, p := range pairs {
		out[i] = p.v
	}
	return out
}

// node is a value as a tree of names and texts.
type node struct {
	name, text string
	children   []node
}

func newNode(name string, v Value) node {
	n := node{name: name, text: v.Text}
	for _, f := range v.Fields {
		if f.Value.Kind != List {
			n.children = append(n.children, newNode(f.Name, f.Value))
			continue
		}
		for _, item := range f.Value.List {
			n.children = append(n.children, newNode(f.Name, item))
		}
	}
	slices.SortFunc(n.children, node.compare)
	return n
}

func (n node) compare(m node) int {
	return cmp.Or(cmp.Compare(n.name, m.name), cmp.Compare(n.text, m.text),
		slices.CompareFunc(n.children, m.children, node.compare))
}
