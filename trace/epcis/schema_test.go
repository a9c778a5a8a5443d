package epcis_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/dauvet/dauvet/trace/epcis"
)

type verdict struct {
	File    string
	DocType *string `json:"doc_type"`
	Valid   bool
	Errors  []string
}

// at finds the names of fields in the errors of a JSON schema validator.
var at = regexp.MustCompile(`missingProperty":"([@\w]+)|propertyName":"(\w+)|eventList/\d+/(\w+)`)

// TestDocumentVerdicts reads every event document that the JSON schema of EPCIS 2.0 accepts, and refuses those that are
// invalid on purpose, naming a field that the schema complains about.
func TestDocumentVerdicts(t *testing.T) {
	for _, v := range jsonLines[verdict](t, shared(t, "epcis/schema_validation_json.jsonl")) {
		if v.DocType == nil {
			continue // a query, not a document
		}
		t.Run(v.File, func(t *testing.T) {
			data, err := os.ReadFile(shared(t, "epcis/"+v.File))
			if err != nil {
				t.Fatal(err)
			}
			_, err = epcis.Decode(data)
			// An identifier of the document that is no URI does no harm.
			if v.Valid || len(v.Errors) == 1 && strings.HasPrefix(v.Errors[0], "/id format") {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !strings.Contains(v.File, "Invalid") {
				return
			}
			if err == nil {
				t.Fatal("accepted")
			}
			fields := at.FindAllStringSubmatch(strings.Join(v.Errors, " "), -1)
			for _, f := range fields {
				if strings.Contains(err.Error(), f[1]+f[2]+f[3]) {
					return
				}
			}
			t.Errorf("error %q names none of %q", err, fields)
		})
	}
}
