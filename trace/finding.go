package trace

import (
	"fmt"
	"slices"
	"strings"
)

// Code names a rule that an event breaks. The codes are stable.
type Code string

// The rules that need nothing but the history of the objects themselves.
const (
	ReceiveWithoutShip      Code = "receive_without_ship"       // received, but nobody recorded to have shipped it
	DispensedTwice          Code = "dispensed_twice"            // a whole pack dispensed again at the same place
	ClonedTwoPlaces         Code = "clone_dispensed_two_places" // a whole pack dispensed again at another place
	DispenseByNonCustodian  Code = "dispense_by_non_custodian"  // dispensed by another than who holds it
	ShipByNonCustodian      Code = "ship_by_non_custodian"      // shipped by another than who holds it
	ExpiredDispensed        Code = "expired_dispensed"          // dispensed after the last day of its life
	DispensedAfterDestroyed Code = "dispensed_after_destroyed"  // dispensed though destroyed
	DispensedAfterRecall    Code = "recalled_dispensed"         // dispensed though recalled
	LotMismatch             Code = "lot_mismatch"               // the lot read is not the lot commissioned
	ExpiryMismatch          Code = "expiry_mismatch"            // the expiry date read is not the one commissioned
	DispensedQuarantined    Code = "quarantined_dispensed"      // dispensed though held back
	DispensedOutOfChain     Code = "dispensed_out_of_chain"     // dispensed though sampled, lost, exported or used up
	BalanceNegative         Code = "balance_negative"           // more left a place than was known to be there
)

// The rules of an audit, which need every hop or a [Register].
const (
	NeverCommissioned      Code = "never_commissioned"      // a serial number that nobody commissioned
	UnknownEstablishment   Code = "unknown_establishment"   // at a place that is not in the register
	SuspendedEstablishment Code = "suspended_establishment" // dispensed by one whose licence is suspended
	ShipNeverReceived      Code = "ship_never_received"     // shipped more than 14 days ago, and never received
	QuantityMismatch       Code = "quantity_mismatch"       // received other objects than were shipped
	TimeTravel             Code = "time_travel"             // received before it was shipped
	AggregationMismatch    Code = "aggregation_mismatch"    // unpacked other objects than were packed
	PriceAboveDeclared     Code = "price_above_declared"    // sold for more than the declared price
	MoreSoldThanReceived   Code = "more_sold_than_received" // sold more of a lot than was ever made, received or found there
)

// Finding is something odd about an event: a rule, the objects and events concerned, and what was wanted and found. The
// event is recorded all the same, unless [Options.Reject] says otherwise.
type Finding struct {
	Code   Code
	EPCs   []ID     // the packs or classes concerned
	Events []string // identifiers of the events concerned; the first is the one that breaks the rule
	Place  Party    // where that event happened
	Want   string   // what the rule expected: a holder, a lot, a date, …; empty where there is nothing to compare
	Got    string   // what the event says instead
}

// clone returns a finding that shares no memory.
func (f Finding) clone() Finding {
	f.EPCs, f.Events = slices.Clone(f.EPCs), slices.Clone(f.Events)
	return f
}

// Language is a language that findings can be told in.
type Language uint8

// The languages.
const (
	Vietnamese Language = iota
	English
)

// sentences has the text of each rule.
var sentences = map[Code][2]string{
	ReceiveWithoutShip: {
		"{place} nhập {epc} nhưng không có ghi nhận xuất hàng tương ứng.",
		"{place} received {epc}, but no shipment of it was recorded."},
	DispensedTwice: {
		"{epc} đã được bán nguyên hộp trước đó tại chính {place}.",
		"{epc} had already been dispensed whole at {place}."},
	ClonedTwoPlaces: {
		"{epc} được bán tại {place} nhưng trước đó đã được bán tại {want}: nghi mã bị sao chép.",
		"{epc} was dispensed at {place}, but had been dispensed at {want} before: its code may be copied."},
	DispenseByNonCustodian: {
		"{place} bán {epc} nhưng theo ghi nhận thuốc đang ở {want}.",
		"{place} dispensed {epc}, but by the records {want} holds it."},
	ShipByNonCustodian: {
		"{place} xuất {epc} nhưng theo ghi nhận thuốc đang ở {want}.",
		"{place} shipped {epc}, but by the records {want} holds it."},
	ExpiredDispensed: {
		"{place} bán {epc} ngày {got}, sau hạn dùng {want}.",
		"{place} dispensed {epc} on {got}, after its expiry date {want}."},
	DispensedAfterDestroyed: {
		"{place} bán {epc} mặc dù đã ghi nhận hủy.",
		"{place} dispensed {epc}, which had been recorded as destroyed."},
	DispensedAfterRecall: {
		"{place} bán {epc} sau khi có lệnh thu hồi.",
		"{place} dispensed {epc} after it was recalled."},
	DispensedQuarantined: {
		"{place} bán {epc} khi đang bị biệt trữ ({got}).",
		"{place} dispensed {epc} while it was held back ({got})."},
	DispensedOutOfChain: {
		"{place} bán {epc} mặc dù thuốc đã rời chuỗi lưu thông tại {want} ({got}).",
		"{place} dispensed {epc}, which had left the chain at {want} ({got})."},
	LotMismatch: {
		"Số lô đọc tại {place} của {epc} là {got}, khác số lô {want} của nhà sản xuất.",
		"The lot of {epc} read at {place} is {got}; the manufacturer's is {want}."},
	ExpiryMismatch: {
		"Hạn dùng đọc tại {place} của {epc} là {got}, khác hạn dùng {want} của nhà sản xuất.",
		"The expiry date of {epc} read at {place} is {got}; the manufacturer's is {want}."},
	NeverCommissioned: {
		"{epc} xuất hiện tại {place} nhưng không nhà sản xuất nào ghi nhận phát hành.",
		"{epc} appears at {place}, but nobody recorded to have commissioned it."},
	UnknownEstablishment: {
		"{place} không có trong danh sách cơ sở, ghi nhận {epc}.",
		"{place} is not in the register of establishments; it recorded {epc}."},
	SuspendedEstablishment: {
		"{place} bán {epc} khi đang bị đình chỉ từ {want}.",
		"{place} dispensed {epc} while suspended since {want}."},
	ShipNeverReceived: {
		"{place} xuất {epc} cho {want} nhưng không có ghi nhận nhập.",
		"{place} shipped {epc} to {want}, but nobody recorded to have received it."},
	QuantityMismatch: {
		"{place} nhập {got}, bên xuất ghi {want}; chênh lệch: {epc}.",
		"{place} received {got} objects where {want} were shipped; the difference is {epc}."},
	TimeTravel: {
		"{place} nhập {epc} lúc {got}, trước khi xuất lúc {want}.",
		"{place} received {epc} at {got}, before it was shipped at {want}."},
	AggregationMismatch: {
		"{place} dỡ kiện {want} khác với lúc đóng kiện: {epc}.",
		"{place} unpacked other objects from {want} than were packed: {epc}."},
	PriceAboveDeclared: {
		"{place} bán {epc} giá {got} đồng, cao hơn giá kê khai {want} đồng.",
		"{place} sold {epc} for {got} đồng; the declared price is {want} đồng."},
	MoreSoldThanReceived: {
		"{place} bán tổng cộng {got} đơn vị {epc} nhưng chỉ nhập {want}.",
		"{place} sold {got} units of {epc} in all, but got {want} only."},
	UnknownProduct: {
		"{epc}: mã sản phẩm không có trong danh mục.",
		"{epc}: no such product is registered."},
	UnknownSerial: {
		"{epc}: số sê-ri chưa từng được ghi nhận.",
		"{epc}: nothing is recorded about this serial number."},
	UnknownLot: {
		"{epc}: lô này chưa từng được ghi nhận.",
		"{epc}: nothing is recorded about this lot."},
	AlreadyDispensed: {
		"{epc} đã được bán tại {want}.",
		"{epc} has been dispensed at {want}."},
	AlreadyDestroyed: {
		"{epc} đã bị hủy tại {want}.",
		"{epc} has been destroyed at {want}."},
	AlreadyExported: {
		"{epc} đã được {want} xuất khẩu.",
		"{epc} has been exported by {want}."},
	AlreadySampled: {
		"{epc} đã được {want} lấy mẫu.",
		"{epc} was taken as a sample by {want}."},
	ReportedLost: {
		"{epc} đã được {want} báo mất.",
		"{epc} was reported lost by {want}."},
	Quarantined: {
		"{epc} đang bị biệt trữ ({got}).",
		"{epc} is held back ({got})."},
	HeldElsewhere: {
		"{epc}: theo ghi nhận thuốc đang ở {want}.",
		"{epc}: by the records it is with {want}."},
	NotInStock: {
		"{epc}: theo ghi nhận không còn tồn tại {place} ({got}).",
		"{epc}: by the records there is none at {place} ({got})."},
	Expired: {
		"{epc} hết hạn ngày {want}.",
		"{epc} expired on {want}."},
	Recalled: {
		"{epc} đã có lệnh thu hồi.",
		"{epc} is recalled."},
	BalanceNegative: {
		"Tồn kho của {epc} tại {place} âm: {got}.",
		"The stock of {epc} at {place} is negative: {got}."},
}

// Text returns the finding as a sentence.
func (f Finding) Text(lang Language) string {
	if lang > English {
		lang = English
	}
	object := ""
	if len(f.EPCs) > 0 {
		object = strings.TrimPrefix(string(f.EPCs[0]), canonicalStem+"/")
		if n := len(f.EPCs); n > 1 {
			object += fmt.Sprintf(" (+%d)", n-1)
		}
	}
	sentence, ok := sentences[f.Code]
	if !ok {
		return fmt.Sprintf("%s: %s, %s", f.Code, object, f.Place)
	}
	return strings.NewReplacer(
		"{epc}", object,
		"{place}", orUnknown(f.Place, lang),
		"{want}", orUnknown(f.Want, lang),
		"{got}", f.Got,
	).Replace(sentence[lang])
}

// orUnknown names what is not known.
func orUnknown[T ~string](s T, lang Language) string {
	switch {
	case s != "":
		return string(s)
	case lang == Vietnamese:
		return "nơi không rõ"
	}
	return "an unknown place"
}

// String returns the code and the English sentence.
func (f Finding) String() string { return string(f.Code) + ": " + f.Text(English) }

// RejectedError is returned when an event has findings that [Options.Reject] names. Nothing was recorded.
type RejectedError struct {
	Findings []Finding
}

// Error implements error.
func (e *RejectedError) Error() string {
	texts := make([]string, len(e.Findings))
	for i, f := range e.Findings {
		texts[i] = f.String()
	}
	return "trace: rejected: " + strings.Join(texts, "; ")
}
