package report

import (
	"strings"

	"github.com/dauvet/dauvet/trace"
	"github.com/dauvet/dauvet/trace/audit"
)

// words are the texts of pages and tables, in Vietnamese and English.
var words = map[string][2]string{
	"lang":          {"vi", "en"},
	"title":         {"Báo cáo kiểm tra truy xuất nguồn gốc thuốc", "Report of an audit of medicines"},
	"period":        {"Kỳ báo cáo", "Period"},
	"made":          {"Lập lúc", "Made"},
	"until":         {"đến", "to"},
	"sums":          {"Tổng hợp", "Sums"},
	"charts":        {"Biểu đồ", "Charts"},
	"contents":      {"Mục lục", "Contents"},
	"findings":      {"Phát hiện", "Findings"},
	"finding":       {"Phát hiện", "Finding"},
	"problems":      {"Không xác minh được", "Not verified"},
	"missing":       {"Cơ sở ngừng hoặc chưa báo cáo", "Establishments that stopped, or never reported"},
	"state":         {"Tình trạng", "State"},
	"nothing":       {"Không có.", "None."},
	"reporting":     {"Cơ sở có báo cáo", "Establishments that report"},
	"of":            {"trên", "of"},
	"records":       {"Bản ghi đã chứng minh", "Records proven"},
	"events":        {"Sự kiện", "Events"},
	"unreadable":    {"không đọc được", "unreadable"},
	"files":         {"Tệp dữ liệu", "Files"},
	"evidencefiles": {"là tệp bằng chứng", "are evidence"},
	"recalledleft":  {"Thuốc bị thu hồi còn lưu hành", "Recalled, and still there"},
	"expiring":      {"Sắp hết hạn", "About to expire"},
	"expired":       {"đã hết hạn", "expired"},
	"units":         {"đơn vị nhỏ nhất", "smallest units"},
	"perday":        {"Sự kiện theo ngày", "Events by day"},
	"perweek":       {"Sự kiện theo tuần", "Events by week"},
	"perrule":       {"Phát hiện theo quy tắc", "Findings by rule"},
	"coverage":      {"Độ phủ báo cáo", "Coverage"},
	"reported":      {"có báo cáo", "reported"},
	"rule":          {"Quy tắc", "Rule"},
	"sentence":      {"Nội dung", "What"},
	"place":         {"Cơ sở", "Place"},
	"party":         {"Cơ sở", "Establishment"},
	"name":          {"Tên", "Name"},
	"known":         {"Trong danh sách", "Registered"},
	"key":           {"Có khóa", "Has a key"},
	"ledgers":       {"Sổ cái", "Ledgers"},
	"ledger":        {"Sổ cái", "Ledger"},
	"first":         {"Sự kiện đầu", "First event"},
	"last":          {"Sự kiện cuối", "Last event"},
	"gaps":          {"Khoảng trống", "Gaps"},
	"days":          {"ngày", "days"},
	"yes":           {"có", "yes"},
	"no":            {"không", "no"},
	"product":       {"Thuốc", "Product"},
	"gtin":          {"GTIN", "GTIN"},
	"lot":           {"Số lô", "Lot"},
	"expiry":        {"Hạn dùng", "Expiry"},
	"opening":       {"Tồn đầu", "Opening"},
	"in":            {"Nhập", "In"},
	"out":           {"Xuất", "Out"},
	"loss":          {"Hao hụt", "Loss"},
	"closing":       {"Tồn cuối", "Closing"},
	"balances":      {"Nhập – xuất – tồn theo lô", "Balances of lots"},
	"identity":      {"Tồn đầu + nhập − xuất − hao hụt = tồn cuối.", "Opening + in − out − loss = closing."},
	"recalled":      {"Thu hồi từ", "Recalled since"},
	"recalls":       {"Lô bị thu hồi còn ở đâu", "Where recalled lots are"},
	"expires":       {"Hết hạn và sắp hết hạn", "Expired, and about to"},
	"transit":       {"Đang trên đường", "In transit"},
	"from":          {"Từ", "From"},
	"to":            {"Đến", "To"},
	"document":      {"Chứng từ", "Document"},
	"since":         {"Từ lúc", "Since"},
	"count":         {"Số lượng", "Count"},
	"evidence":      {"Bằng chứng", "Evidence"},
	"index":         {"Bản ghi số", "Record"},
	"event":         {"Mã sự kiện", "Event"},
	"time":          {"Thời điểm", "Time"},
	"step":          {"Bước", "Step"},
	"source":        {"Tệp", "File"},
	"proof":         {"Chứng minh (C2SP tlog-proof)", "Proof (C2SP tlog-proof)"},
	"noproof":       {"Sự kiện từ tệp không có chứng minh.", "From a file that nobody proves."},
	"wayof":         {"Đường đi của", "The way of"},
	"hopsleft":      {"bước ở giữa không vẽ", "hops in the middle are not drawn"},
	"objects":       {"Đối tượng", "Objects"},
	"code":          {"Mã", "Code"},
	"text":          {"Nội dung", "Text"},
	"item":          {"Chỉ tiêu", "Item"},
	"value":         {"Giá trị", "Value"},
	"want":          {"Theo ghi nhận", "Expected"},
	"got":           {"Thực tế", "Found"},
	"more":          {"Trang này chỉ có %d trên %d dòng; phần còn lại nằm trong tệp CSV hoặc XLSX đi kèm.", "This page has %d of %d rows; the others are in the CSV or XLSX beside it."},
	"moreevidence":  {"%d bản ghi khác nằm trong tệp CSV.", "%d more records are in the CSV."},
	"howto":         {"Cách kiểm tra lại", "How to check this"},
	"howtotext":     {"Mỗi phát hiện dẫn tới bản ghi trong sổ cái đã ký của cơ sở: tên sổ cái, số thứ tự, và chứng minh C2SP tlog-proof kiểm tra được bằng khóa đã đăng ký, không cần phần mềm này. Bằng chứng cho thấy bản ghi không bị sửa hay bỏ bớt sau khi ký; không cho thấy cơ sở đã ghi mọi việc xảy ra.", "Each finding leads to records in the signed ledger of an establishment: the ledger, the index, and a C2SP tlog-proof that anybody checks with the registered key, without this program. It proves that nothing was changed or left out since the signature; it does not prove that everything was recorded."},
	"nobody":        {"không rõ", "unknown"},
	"claimed":       {"Tồn đầu của hàng không có số sê-ri là lời khai của cơ sở, chỉ được đối chiếu khi có bằng chứng của kỳ trước.", "The opening of goods without serial number is what the establishment claims; it is checked where the evidence of the period before is at hand."},
}

// rules are short names of codes.
var rules = map[trace.Code][2]string{
	trace.ReceiveWithoutShip:      {"Nhập không có xuất", "Received, not shipped"},
	trace.DispensedTwice:          {"Bán hai lần", "Dispensed twice"},
	trace.ClonedTwoPlaces:         {"Bán ở hai nơi", "Dispensed at two places"},
	trace.DispenseByNonCustodian:  {"Bán hàng không giữ", "Dispensed by a non-custodian"},
	trace.ShipByNonCustodian:      {"Xuất hàng không giữ", "Shipped by a non-custodian"},
	trace.ExpiredDispensed:        {"Bán thuốc hết hạn", "Dispensed after expiry"},
	trace.DispensedAfterDestroyed: {"Bán sau khi hủy", "Dispensed after destruction"},
	trace.DispensedAfterRecall:    {"Bán sau thu hồi", "Dispensed after recall"},
	trace.LotMismatch:             {"Sai số lô", "Lot mismatch"},
	trace.ExpiryMismatch:          {"Sai hạn dùng", "Expiry mismatch"},
	trace.DispensedQuarantined:    {"Bán khi biệt trữ", "Dispensed while held back"},
	trace.DispensedOutOfChain:     {"Bán hàng đã rời chuỗi", "Dispensed out of the chain"},
	trace.BalanceNegative:         {"Tồn kho âm", "Negative balance"},
	trace.NeverCommissioned:       {"Chưa từng phát hành", "Never commissioned"},
	trace.UnknownEstablishment:    {"Cơ sở ngoài danh sách", "Unknown establishment"},
	trace.SuspendedEstablishment:  {"Bán khi bị đình chỉ", "Suspended establishment"},
	trace.ShipNeverReceived:       {"Xuất không ai nhập", "Shipped, never received"},
	trace.QuantityMismatch:        {"Nhập khác xuất", "Quantity mismatch"},
	trace.TimeTravel:              {"Nhập trước khi xuất", "Received before it was shipped"},
	trace.AggregationMismatch:     {"Dỡ kiện khác đóng kiện", "Aggregation mismatch"},
	trace.PriceAboveDeclared:      {"Giá cao hơn kê khai", "Price above declared"},
	trace.MoreSoldThanReceived:    {"Bán nhiều hơn nhập", "More sold than received"},

	audit.EvidenceDamaged: {"Tệp bằng chứng hỏng", "Evidence damaged"},
	audit.EvidenceRefused: {"Bằng chứng không được chấp nhận", "Evidence refused"},
	audit.LedgerRewritten: {"Sổ cái bị viết lại", "Ledger rewritten"},
	audit.GrowthNotProven: {"Chưa chứng minh ghi tiếp", "Growth not proven"},
	audit.NotAnEvent:      {"Bản ghi không đọc được", "Not an event"},
	audit.NoEvidence:      {"Không nộp bằng chứng", "No evidence"},
	audit.StoppedReports:  {"Ngừng báo cáo", "Stopped reporting"},
	audit.NeverReported:   {"Chưa báo cáo", "Never reported"},
	audit.ForeignEvents:   {"Sự kiện của cơ sở khác", "Events of another"},
	audit.SourceBroken:    {"Tệp bị đứt", "File broken"},
	audit.OpeningDiffers:  {"Tồn đầu không khớp", "Opening differs"},
	audit.RecordsMissing:  {"Thiếu bản ghi", "Records missing"},
	audit.ClockWrong:      {"Đồng hồ sai", "Clock wrong"},
	audit.KeyReplaced:     {"Khóa đã thay", "Key replaced"},
	audit.KeyUnknown:      {"Khóa chưa đăng ký", "Key unknown"},
}

// steps are the words for business steps.
var steps = map[trace.BizStep][2]string{
	trace.BizStepCommissioning:   {"phát hành", "commissioning"},
	trace.BizStepPacking:         {"đóng kiện", "packing"},
	trace.BizStepUnpacking:       {"dỡ kiện", "unpacking"},
	trace.BizStepShipping:        {"xuất", "shipping"},
	trace.BizStepVoidShipping:    {"hủy xuất", "void shipping"},
	trace.BizStepReceiving:       {"nhập", "receiving"},
	trace.BizStepDispensing:      {"bán", "dispensing"},
	trace.BizStepRetailSelling:   {"bán lẻ", "retail selling"},
	trace.BizStepHolding:         {"biệt trữ", "holding"},
	trace.BizStepStoring:         {"lưu kho", "storing"},
	trace.BizStepDestroying:      {"hủy", "destroying"},
	trace.BizStepSampling:        {"lấy mẫu", "sampling"},
	trace.BizStepStockTaking:     {"kiểm kê", "stock taking"},
	trace.BizStepDecommissioning: {"ngừng theo dõi", "decommissioning"},
}

// speaker finds the words of a language.
type speaker struct {
	lang     trace.Language
	parties  map[trace.Party]string
	products map[string]string
}

func (r *Report) speaker(lang trace.Language) *speaker {
	return &speaker{min(lang, trace.English), r.opts.Parties, r.opts.Products}
}

func (s *speaker) say(word string) string { return words[word][s.lang] }

func (s *speaker) rule(code trace.Code) string {
	if w, ok := rules[code]; ok {
		return w[s.lang]
	}
	return string(code)
}

func (s *speaker) step(step trace.BizStep) string {
	if w, ok := steps[step]; ok {
		return w[s.lang]
	}
	return string(step)
}

// party names an establishment: its name and its code, or the code alone.
func (s *speaker) party(p trace.Party) string {
	if p == "" {
		return s.say("nobody")
	}
	if name := s.parties[p]; name != "" {
		return name
	}
	return string(p)
}

// class cuts a class into GTIN and lot, and names the product.
func (s *speaker) class(class trace.ID) (name, gtin, lot string) {
	epc, err := class.EPC()
	if err != nil {
		return string(class), "", ""
	}
	gtin, lot = epc.Value("01"), epc.Value("10")
	return s.products[gtin], gtin, lot
}

// short is an identifier without what all of them begin with.
func short(id trace.ID) string { return strings.TrimPrefix(string(id), "https://id.gs1.org/") }
