package trace

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseQuery makes a Query of the parameters of an EPCIS 2.0 query, as they stand in the URL of its REST binding (a
// url.Values is such a map): several values of one are given one by one, or parted by "|". Those that [Query] names are
// known, eventCountLimit as another name of perPage, and nextPageToken, which is the decimal Query.Start. Any other
// parameter, and a value that cannot be, is a *[FieldError] with the name of the parameter: a query that is understood
// in part would select too much.
func ParseQuery(params map[string][]string) (*Query, error) {
	q := &Query{}
	for name, given := range params {
		var values []string
		for _, s := range given {
			values = append(values, strings.Split(s, "|")...)
		}
		if err := q.set(name, values); err != nil {
			return nil, &FieldError{name, err}
		}
	}
	if _, err := q.compile(); err != nil {
		return nil, err
	}
	return q, nil
}

var errParameter = errors.New("parameter not supported")

// set sets the field for a parameter.
func (q *Query) set(name string, values []string) error {
	for _, m := range matchers {
		if m.name == name {
			*m.field(q) = values
			return nil
		}
	}
	switch name {
	case "eventType":
		q.Types = typed[EventType](values)
	case "EQ_action":
		q.Actions = typed[Action](values)
	case "EQ_bizStep":
		q.BizSteps = typed[BizStep](values)
	case "EQ_disposition":
		q.Dispositions = typed[Disposition](values)
	case "EQ_readPoint":
		q.ReadPoints = typed[ID](values)
	case "EQ_bizLocation":
		q.BizLocations = typed[ID](values)
	case "EQ_eventID":
		q.EventIDs = values
	case "GE_eventTime":
		return setTime(&q.From, values)
	case "LT_eventTime":
		return setTime(&q.Until, values)
	case "GE_recordTime":
		return setTime(&q.RecordedFrom, values)
	case "LT_recordTime":
		return setTime(&q.RecordedUntil, values)
	case "EXISTS_errorDeclaration":
		if len(values) != 1 || values[0] != "true" {
			return errors.New("not true")
		}
		q.Errors = true
	case "perPage", "eventCountLimit":
		n, err := single(values)
		if err == nil && (n < 1 || n > 1<<30) {
			err = errors.New("out of range")
		}
		if q.Limit == 0 || int(n) < q.Limit {
			q.Limit = int(n)
		}
		return err
	case "nextPageToken":
		n, err := single(values)
		q.Start = n
		return err
	default:
		return q.setTyped(name, values)
	}
	return nil
}

// setTyped sets a field for a parameter whose name ends with a type.
func (q *Query) setTyped(name string, values []string) error {
	if kind, ok := strings.CutPrefix(name, "EQ_bizTransaction_"); ok {
		if q.Documents == nil {
			q.Documents = make(map[BizTransactionType][]ID)
		}
		q.Documents[BizTransactionType(Word(kind))] = typed[ID](values)
		return nil
	}
	for prefix, lists := range map[string]*map[PartyType][]ID{"EQ_source_": &q.Sources, "EQ_destination_": &q.Destinations} {
		if kind, ok := strings.CutPrefix(name, prefix); ok {
			if *lists == nil {
				*lists = make(map[PartyType][]ID)
			}
			(*lists)[PartyType(Word(kind))] = typed[ID](values)
			return nil
		}
	}
	return errParameter
}

func typed[T ~string](values []string) []T {
	out := make([]T, len(values))
	for i, s := range values {
		out[i] = T(s)
	}
	return out
}

func setTime(t *time.Time, values []string) (err error) {
	if len(values) != 1 {
		return fmt.Errorf("%d values", len(values))
	}
	*t, err = time.Parse(time.RFC3339Nano, values[0])
	return err
}

// single reads the only value of a parameter, a number.
func single(values []string) (int64, error) {
	if len(values) != 1 {
		return 0, fmt.Errorf("%d values", len(values))
	}
	return strconv.ParseInt(values[0], 10, 64)
}
