package lienthong

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace"
)

// Voucher is a movement of goods with its paper (chứng từ), before it is the document of a generation: the events of one
// day that are the same movement, with the same partner, under the same document. An event without a document is a voucher
// of its own.
type Voucher struct {
	// Number is the reference number. It depends on nothing but the events, so it is the same whenever it is made, and a
	// correction keeps it.
	Number   string
	Movement Movement
	Time     time.Time   // of the first event
	Document string      // the number on the paper, as it was recorded; empty when there is none
	Partner  trace.Party // from whom or to whom the goods went; empty at sales
	// MaDonThuoc is the prescription that was sold; see PrescriptionField.
	MaDonThuoc MaDonThuoc
	Lines      []Line
	Entries    []int64 // of the ledger, ascending: the events, and those that were declared wrong
	// Void says that all its events were declared wrong: it is to be withdrawn.
	Void bool
	// Faults are what keeps it from being a document whatever the register says: a case whose contents nobody recorded, an
	// amount that is no number.
	Faults []error
}

// Line is how much of a lot a voucher moved. Expiry is a day such as "2027-12-31".
type Line struct {
	GTIN        gs1.GTIN
	Lot, Expiry string
	// Count is of packs that bear the GTIN; of smallest units when Loose.
	Count int64
	Loose bool
	// Opened says that the smallest units were taken out of packs with serial numbers.
	Opened bool
	// Price is what was paid in đồng: for a pack, or for a smallest unit when Loose and not Opened. 0 is not known.
	Price int64
	// System is what the books had when the lot was counted; of the Movement Count only.
	System int64
}

// day returns the day of the voucher.
func (v *Voucher) day() Day { return DayOf(v.Time) }

// prescriptionName is the local name of the extension that PrescriptionField makes.
const prescriptionName = "ma_don_thuoc"

// PrescriptionField returns the extension that ties a hop of dispensing to a prescription: Hop.Extensions takes it. The
// code names no patient; what the prescription says is kept elsewhere.
func PrescriptionField(m MaDonThuoc) trace.Field { return trace.NewField(prescriptionName, string(m)) }

// digits of the part of a number that makes it unique: Crockford's, without letters that look like others.
var digits = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// number returns the reference number of a voucher with an identity: the number of the paper when it is short and plain
// enough, and twelve characters, 60 bits, of a hash. At most 50 characters have room in either generation (ma_hoa_don and ma_phieu M, reference_number H).
func number(document, identity string) string {
	sum := sha256.Sum256([]byte(identity))
	unique := digits.EncodeToString(sum[:])[:12]
	if document == "" || utf8.RuneCountInString(document) > 37 || strings.ContainsFunc(document, odd) {
		return unique
	}
	return document + "-" + unique
}

// odd reports whether a character does not belong into a number that goes into paths.
func odd(r rune) bool {
	return r == '/' || r == '?' || r == '#' || r == '%' || !unicode.IsGraphic(r) || unicode.IsSpace(r)
}

// paper returns the number that the identifier of a document holds: what trace.Hop.Document said.
func paper(id trace.ID) string {
	s := string(id)
	for _, stem := range [...]string{"urn:epcglobal:cbv:bt:", "urn:dauvet:chung-tu:"} {
		if rest, ok := strings.CutPrefix(s, stem); ok {
			_, s, _ = strings.Cut(rest, ":")
			if plain, err := url.PathUnescape(s); err == nil {
				return plain
			}
		}
	}
	return s
}

// BlockedError says why a voucher is no document yet: a GTIN that nobody linked, a unit that nobody counted, a value that is
// missing or too long. Whoever mends the register or the partner gets the document; nothing else has to wait for it.
type BlockedError struct {
	Number string
	Err    error // joined: a *ValueError for each value, ErrUnlinked and others for each line
}

// Error names the voucher and all reasons.
func (e *BlockedError) Error() string {
	return fmt.Sprintf("lienthong: %s is blocked: %s", e.Number, strings.ReplaceAll(e.Err.Error(), "\n", "; "))
}

// Unwrap returns the reasons.
func (e *BlockedError) Unwrap() error { return e.Err }

// ErrVoid says that a voucher was declared wrong as a whole. A document that was sent for it is withdrawn where the
// generation can.
var ErrVoid = errors.New("the voucher is void")
