package report

import (
	"bufio"
	"encoding/json"
	"io"
	"slices"

	"github.com/dauvet/dauvet/trace"
)

// jsonLine is a line of WriteJSON. Fields are left out where they say nothing.
type jsonLine struct {
	Type     string         `json:"type"`
	Rule     trace.Code     `json:"rule,omitempty"`
	EPCs     []trace.ID     `json:"epcs,omitempty"`
	Events   []string       `json:"events,omitempty"`
	Place    trace.Party    `json:"place,omitempty"`
	Time     string         `json:"time,omitempty"`
	Want     string         `json:"want,omitempty"`
	Got      string         `json:"got,omitempty"`
	Text     string         `json:"text,omitempty"`
	Evidence []jsonEvidence `json:"evidence,omitempty"`
}

type jsonEvidence struct {
	Event  string `json:"event"`
	File   string `json:"file"`
	Ledger string `json:"ledger,omitempty"`
	Index  int64  `json:"index"`
	Proof  string `json:"proof,omitempty"`
}

// WriteJSON writes what could not be verified and the findings, one JSON object a line, with the records that prove each
// of them: "type" is "problem" or "finding". Who is missing is a problem, too.
func WriteJSON(w io.Writer, r *Report, lang trace.Language) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, p := range slices.Concat(r.Problems, r.Missing) {
		if err := enc.Encode(jsonLine{Type: "problem", Rule: p.Code, Place: p.Party, Text: p.Text(lang)}); err != nil {
			return err
		}
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		l := jsonLine{Type: "finding", Rule: f.Code, EPCs: f.EPCs, Events: f.Events, Place: f.Place,
			Time: f.Time.Format("2006-01-02T15:04:05.000Z07:00"), Want: f.Want, Got: f.Got, Text: f.Text(lang)}
		for j := range f.Evidence {
			e := &f.Evidence[j]
			proof, err := e.Proof()
			if err != nil {
				return err
			}
			l.Evidence = append(l.Evidence, jsonEvidence{e.Event, e.Source, e.Ledger, e.Index, proof})
		}
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return out.Flush()
}
