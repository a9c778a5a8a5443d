package audit

import (
	"errors"
	"fmt"

	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// The codes of what is wrong with evidence itself. They are stable, and findings as those of the rules are.
const (
	EvidenceDamaged trace.Code = "evidence_damaged"  // the file is not what was exported: ask for it again
	EvidenceRefused trace.Code = "evidence_refused"  // not signed by a key that is registered
	LedgerRewritten trace.Code = "ledger_rewritten"  // its checkpoint does not continue the one kept from before
	GrowthNotProven trace.Code = "growth_not_proven" // good, but does not reach back to the checkpoint kept from before
	NotAnEvent      trace.Code = "not_an_event"      // a record that is proven, and cannot be read
	NoEvidence      trace.Code = "no_evidence"       // a ledger is registered, and no file of it is good
	StoppedReports  trace.Code = "stopped_reporting" // the last record is older than it may be

	NeverReported  trace.Code = "never_reported"  // registered, and without an event in the period
	ForeignEvents  trace.Code = "foreign_events"  // in a ledger stand events of another than whose it is
	SourceBroken   trace.Code = "source_broken"   // a file of events could be read up to a point only
	KeyReplaced    trace.Code = "key_replaced"    // a ledger has more than one registered key
	OpeningDiffers trace.Code = "opening_differs" // what is claimed does not follow from the bundle before
	RecordsMissing trace.Code = "records_missing" // between two bundles of a ledger are records that neither has
	ClockWrong     trace.Code = "clock_wrong"     // events from after the end of the audit, or a year before the one recorded ahead of them
	KeyUnknown     trace.Code = "key_unknown"     // a registered ledger, signed by a key that is not: lost, replaced or forged
)

// Problem says why evidence does not count, or not all of it.
type Problem struct {
	Code  trace.Code
	Party trace.Party // whose ledger it is, as registered; empty when that is unknown
	Err   error       // what [Open] returned, or reading the events did
}

// NewProblem tells the code of an error.
func NewProblem(party trace.Party, err error) *Problem {
	p := &Problem{Party: party, Err: err, Code: EvidenceDamaged}
	var fork *ForkError
	var key *KeyError
	switch {
	case errors.As(err, &key):
		p.Code, p.Party = KeyUnknown, key.Party
	case errors.As(err, &fork):
		p.Code = LedgerRewritten
	case errors.Is(err, ErrNotCovered):
		p.Code = GrowthNotProven
	case errors.Is(err, ledger.ErrProof):
		p.Code = EvidenceRefused
	}
	return p
}

var sentences = map[trace.Code][2]string{
	EvidenceDamaged: {"Tệp bằng chứng bị hỏng, cần gửi lại", "The file of evidence is damaged and has to be sent again"},
	EvidenceRefused: {"Tệp bằng chứng không được ký bằng khóa đã đăng ký", "The file of evidence is not signed by a registered key"},
	LedgerRewritten: {"Sổ cái đã bị viết lại", "The ledger was rewritten"},
	GrowthNotProven: {"Không chứng minh được sổ cái chỉ được ghi tiếp", "The ledger is not proven to have only grown"},
	NoEvidence:      {"Không có tệp bằng chứng hợp lệ", "There is no good file of evidence"},
	StoppedReports:  {"Đã ngừng ghi sổ", "Recording has stopped"},
	NeverReported:   {"Không ghi nhận gì trong kỳ", "Nothing was recorded in the period"},
	ForeignEvents:   {"Sổ cái chứa sự kiện của cơ sở khác", "The ledger holds events of another party"},
	SourceBroken:    {"Tệp sự kiện chỉ đọc được một phần", "The file of events could be read in part only"},
	KeyReplaced:     {"Khóa của sổ cái đã được thay", "The key of the ledger was replaced"},
	KeyUnknown:      {"Sổ cái được ký bằng khóa chưa đăng ký: khóa bị mất, bị thay hoặc giả mạo", "The ledger is signed by a key that is not registered: lost, replaced or forged"},
	OpeningDiffers:  {"Tồn đầu kỳ khai không khớp với kỳ trước", "The opening that is claimed does not follow from the period before"},
	RecordsMissing:  {"Thiếu bản ghi giữa hai tệp bằng chứng", "Records between two files of evidence are missing"},
	ClockWrong:      {"Đồng hồ của cơ sở sai nhiều", "The clock of the establishment is far off"},
	NotAnEvent:      {"Bản ghi trong sổ cái không đọc được", "A record of the ledger cannot be read"},
}

// Text says it in a sentence, with the particulars in English behind it.
func (p *Problem) Text(lang trace.Language) string {
	s := sentences[p.Code][min(lang, trace.English)]
	if p.Party != "" {
		s = fmt.Sprintf("%s: %s", p.Party, s)
	}
	return fmt.Sprintf("%s (%v)", s, p.Err)
}
