package main

import (
	"errors"
	"io/fs"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/gs1/scanner"
	"github.com/dauvet/dauvet/ledger"
	"github.com/dauvet/dauvet/trace"
)

// failure says why a request has no result. Code is stable; Detail is for those who write the shop software.
type failure struct {
	Code       string      `json:"code"`
	Text       words       `json:"text"`
	Field      string      `json:"field,omitempty"`      // of the request, where one is at fault
	Candidates []candidate `json:"candidates,omitempty"` // of scan_doubtful
	Detail     string      `json:"detail,omitempty"`
}

// words is a sentence for the person at the till.
type words struct {
	VI string `json:"vi"`
	EN string `json:"en"`
}

var (
	errOwnerGone = errors.New("the process that owns the ledger ended before it answered")
	errNotEmpty  = errors.New("there is a ledger already")
)

// failures are the errors that have a code, the first that matches counts.
var failures = []struct {
	err  error
	code string
	text words
}{
	{errLongLine, "line_too_long", words{"Yêu cầu quá dài.", "The request is too long."}},
	{errNotJSON, "not_json", words{"Yêu cầu không phải là JSON (UTF-8) trên một dòng.", "The request is not a JSON object (UTF-8) in one line."}},
	{errUnknownOp, "unknown_op", words{"Không có lệnh này.", "There is no such request."}},
	{errUnknownField, "unknown_field", words{"Yêu cầu có trường lạ.", "The request has a field that is not known."}},
	{errOwnerGone, "owner_gone", words{"Chương trình giữ sổ đã dừng giữa chừng. Hãy kiểm tra việc này đã được ghi chưa.", "The program that keeps the ledger stopped before it answered. Look whether this was recorded."}},
	{errNotEmpty, "not_empty", words{"Ở đây đã có sổ. Hãy phục hồi vào thư mục trống.", "There is a ledger here already. Restore into an empty folder."}},
	{trace.ErrNothingToUndo, "nothing_to_undo", words{"Thuốc này chưa được bán, hoặc đã hủy bán: không có gì để hủy.", "This was not dispensed, or was undone: there is nothing to undo."}},
	{trace.ErrUndoElsewhere, "undo_elsewhere", words{"Nơi khác đã ghi việc này, chỉ nơi đó hủy được.", "Somebody else recorded this, and only he can undo it."}},
	{trace.ErrUndoLate, "undo_late", words{"Đã quá mười ngày, không hủy được nữa.", "More than ten days have passed: it is too late to undo this."}},
	{trace.ErrUndoNever, "undo_never", words{"Thuốc đã hủy hoặc đã dùng, không lấy lại được.", "The pack was destroyed or used up, which cannot be undone."}},
	{trace.ErrUndoShared, "undo_shared", words{"Lần ghi này còn có thuốc khác: phải hủy cả lần ghi.", "Other packs were recorded together with this one: only all can be undone."}},
	{trace.ErrTooLong, "too_large", words{"Quá nhiều dữ liệu cho một lần ghi. Hãy chia nhỏ.", "This is too much to record at once. Divide it."}},
	{ledger.ErrTooLarge, "too_large", words{"Quá nhiều dữ liệu cho một lần ghi. Hãy chia nhỏ.", "This is too much to record at once. Divide it."}},
	{ledger.ErrLocked, "locked", words{"Chương trình khác đang mở sổ và không trả lời.", "Another program has the ledger open and does not answer."}},
	{ledger.ErrDiskLow, "disk_low", words{"Ổ đĩa sắp đầy. Chưa ghi gì.", "The disk is nearly full. Nothing was recorded."}},
	{ledger.ErrFailed, "ledger_failed", words{"Không ghi được vào ổ đĩa. Hãy kiểm tra ổ đĩa rồi mở lại chương trình.", "Writing to the disk failed. Check the disk and start the program again."}},
	{ledger.ErrCorrupt, "ledger_damaged", words{"Sổ bị hỏng. Hãy phục hồi từ bản sao lưu.", "The ledger is damaged. Restore it from its backup."}},
	{ledger.ErrProof, "backup_refused", words{"Bản sao lưu không nguyên vẹn, hoặc không phải của sổ này.", "The backup is not whole, or not of this ledger."}},
	{ledger.ErrNotFound, "not_found", words{"Sổ không có mục này.", "The ledger has no such entry."}},
	{fs.ErrNotExist, "no_file", words{"Không tìm thấy tệp hoặc thư mục.", "There is no such file or folder."}},
}

// failureOf gives an error its code and its words.
func failureOf(err error) *failure {
	f := &failure{
		Code:   "failed",
		Text:   words{"Không thực hiện được.", "This could not be done."},
		Detail: err.Error(),
	}
	var field *trace.FieldError
	if errors.As(err, &field) {
		f.Code, f.Field = "bad_field", requestField(field.Field)
		f.Text = words{"Trường " + f.Field + " không đúng.", "The field " + f.Field + " is wrong."}
	}
	var scan *scanError
	if errors.As(err, &scan) {
		f.Code, f.Candidates = scan.code(), scan.candidates()
		f.Text = words{scan.Words("vi"), scan.Words("en")}
		return f
	}
	for _, known := range failures {
		if errors.Is(err, known.err) {
			f.Code, f.Text = known.code, known.text
			break
		}
	}
	return f
}

// scanError is a scan that cannot be taken for certain.
type scanError struct{ scanner.Reading }

func (e *scanError) Error() string {
	if e.Err != nil {
		return e.Err.Error()
	}
	return "the scan may mean several things"
}

func (e *scanError) code() string {
	switch {
	case len(e.Reading.Candidates) > 0:
		return "scan_doubtful"
	case errors.Is(e.Err, gs1.ErrNotGS1):
		return "scan_not_gs1"
	}
	return "scan_refused"
}

// candidates are the likeliest meanings of a scan; a person compares them with the box.
func (e *scanError) candidates() []candidate { return candidatesOf(e.Reading) }
