package lienthong_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dauvet/dauvet/gs1"
	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite goldens")

// sold is a moment of a sale.
var sold = time.Date(2026, 11, 21, 3, 4, 5, 0, time.UTC)

// documents are one of each kind, with every field that it has.
func documents() map[string]any {
	item := lienthong.Item{
		DrugID: "893110130226", UnitID: "U31", Quantity: 20, BatchNo: "OB20260813", ExpiryDate: "2027-12-31",
		PackagingSpecifications: "hộp 10 vỉ x 10 viên", Manufacturer: &lienthong.Manufacturer{ID: "M1", Name: "Nhà máy A", Country: "VN"},
		GTIN: "08936000123451", Price: &lienthong.Price{Units: 125050, Places: 2},
	}
	transaction := func(reason lienthong.Reason) lienthong.Transaction {
		return lienthong.Transaction{
			TransactionDate: lienthong.TransactionDate(sold, false), Reason: reason, ReferenceNumber: "HD0001",
			PracticeLicenseCode: "123/LĐ-ĐKKDD", Note: "ghi chú", SupplierID: "0100109106",
			SourceStoreID: "S1", SourceWarehouseID: "K1", TargetStoreID: "S2", TargetWarehouseID: "K2", Items: []lienthong.Item{item},
		}
	}
	in, out := transaction(lienthong.InSupplier), transaction(lienthong.OutReturn)
	thuoc := lienthong.Thuoc{
		MaThuoc: "VN1234518lo200vien", TenThuoc: "TBZemitin 500", SoDangKy: "VN-12345-18", TenHoatChat: "mecobalamin",
		NongDoHamLuong: "500 mcg", NhaSanXuat: "Nhà máy A", NuocSanXuat: "Việt Nam", NhaNhapKhau: "Công ty B",
		QuyCachDongGoi: "lọ 200 viên", DangBaoChe: "viên nén", DonViDongGoiNN: "viên",
	}
	lo := lienthong.Lo{SoLo: "OB20260813", HanDung: 20271231, SoLuongNhap: 200, SoLuongBan: 20, SoLuongTon: 180}
	nhap := lienthong.PhieuNhapChiTiet{
		MaThuoc: "DQG00001536", TenThuoc: "TBZemitin 500", SoLo: "OB20260813", NgaySanXuat: "20260813", HanDung: "20271231",
		SoDKLH: "893110130226", SoLuong: 200, DonGia: 1100, DonViTinh: "Viên",
	}
	return map[string]any{
		"hoa_don": lienthong.HoaDon{
			MaHoaDon: "HD0001", MaCoSo: "68-00417", NgayBan: lienthong.Ngay(lienthong.DayOf(sold)), MaDonThuocQuocGia: "68001k3m9q2z-C",
			HoTenNguoiBan: "người bán", HoTenKhachHang: "khách hàng", // of no ledger
			ChiTiet: []lienthong.HoaDonChiTiet{{
				MaThuoc: "DQG00001536", TenThuoc: "TBZemitin 500", SoLo: "OB20260813", HanDung: "20271231", DonViTinh: "Hộp",
				NgaySanXuat: "20260813", DuongDung: "Uống", HamLuong: "500 mcg", LieuDung: "0", SoDangKy: "893110130226", SoLuong: 2, DonGia: 12505, ThanhTien: 25010,
				TyLeQuyDoi: 10,
			}},
		},
		"phieu_nhap": lienthong.PhieuNhap{
			MaPhieu: "PN0001", MaCoSo: "68-00417", NgayNhap: "20261120", LoaiPhieuNhap: lienthong.NhapTuNhaCungCap,
			GhiChu: "ghi chú", TenCoSoCungCap: "Công ty B", ChiTiet: []lienthong.PhieuNhapChiTiet{nhap},
		},
		"phieu_xuat": lienthong.PhieuXuat{
			MaPhieu: "PX0001", MaCoSo: "68-00417", NgayXuat: "20261121", LoaiPhieuXuat: lienthong.XuatHuy, GhiChu: "hết hạn",
			TenCoSoNhan: "Công ty C", ChiTiet: []lienthong.PhieuXuatChiTiet{lienthong.PhieuXuatChiTiet(nhap)},
		},
		"thuoc_co_so": lienthong.ThuocCoSo{
			MaCoSo: "68-00417", TenThuoc: "TBZemitin 500", SoDangKy: "893110130226", TenHoatChat: "mecobalamin",
			HamLuong: "500 mcg", DongGoi: "hộp 10 vỉ x 10 viên", HangSanXuat: "Nhà máy A", NuocSanXuat: "Việt Nam",
			DonViTinh: "Viên",
		},
		"stock-in":  lienthong.StockIn{Transaction: in},
		"stock-out": lienthong.StockOut{Transaction: out},
		"stock-taking": lienthong.StockTaking{
			TransactionDate: lienthong.TransactionDate(sold, true), ReferenceNumber: "KK0001", PracticeLicenseCode: "123/LĐ-ĐKKDD",
			Note: "ghi chú", StoreID: "S1", WarehouseID: "K1", Reason: lienthong.OutOther, // CountReason
			Items: []lienthong.TakenItem{{
				DrugID: "893110130226", UnitID: "U31", SystemQuantity: 180, ActualQuantity: 179, BatchNo: "OB20260813",
				ExpiryDate: "2027-12-31", PackagingSpecifications: item.PackagingSpecifications, Manufacturer: item.Manufacturer,
				GTIN: item.GTIN, Price: item.Price,
			}},
		},
		"stock-taking-empty": lienthong.StockTaking{
			TransactionDate: lienthong.TransactionDate(sold, false), ReferenceNumber: "KK0000", StoreID: "S1",
		},
		"bang-1": lienthong.Bang1{
			Thuoc: thuoc, GiaBanLe: 1250, Lo: lo, DonViBThuocChoCSBL: "Công ty B", SoHoaDonMThuoc: "0000123",
			NgayNhap: 202611200830, NgayBan: 202611211004, MaCoSoBanLe: "68-00417", MaCoSoBanBuon: "68-00001",
		},
		"bang-2": lienthong.Bang2{Thuoc: thuoc, GiaBanLe: 1250, Lo: lo, NgayTongHop: 20261121},
		"bang-4": lienthong.Bang4{
			TenThuoc: "TBZemitin 500", SoDangKy: "VN-12345-18", SoLo: "OB20260813", HanDung: 20271231, SoLuongMua: 200,
			SoLuongBan: 20, SoLuongTon: 180,
		},
		"cap-nhat-don-thuoc": lienthong.CapNhatDonThuoc{
			MaDonThuoc: "68001k3m9q2z-C", MaCoSo: "68-00417", TenCoSo: "Nhà thuốc A", MaHoaDon: "HD0001",
			DienThoai: "0263 0000000", DiaChi: "Gia Nghĩa", Thuoc: []lienthong.ThuocDaBan{{
				MaThuocDaKeDon: "T1", MaThuoc: "T1", BietDuoc: "TBZemitin 500", TenThuoc: "mecobalamin", DonViTinh: "Viên",
				SoLuong: 30, SoLuongBan: 20, CachDung: "ngày 2 lần",
			}},
		},
	}
}

func TestDocuments(t *testing.T) {
	for name, document := range documents() {
		t.Run(name, func(t *testing.T) {
			if err := lienthong.Check(document); err != nil {
				t.Error(err)
			}
			full := reflect.New(reflect.TypeOf(document))
			full.Elem().Set(reflect.ValueOf(document))
			for _, leaf := range leavesOf(full.Elem(), "") {
				if leaf.value.IsZero() && !strings.HasSuffix(name, "-empty") {
					t.Errorf("the golden has no %s", leaf.path)
				}
			}
			got, err := json.MarshalIndent(document, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			path := filepath.Join("testdata", name+".json")
			if *update {
				if err := os.WriteFile(path, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestLimits holds every field of every document at its limits: what its tags allow passes, one more does not, and the
// fault names the field.
func TestLimits(t *testing.T) {
	fields := 0
	for name := range documents() {
		for i := 0; ; i++ {
			document := reflect.New(reflect.TypeOf(documents()[name]))
			document.Elem().Set(reflect.ValueOf(documents()[name]))
			leaves := leavesOf(document.Elem(), "")
			if i == len(leaves) {
				break
			}
			leaf := leaves[i]
			fields++
			set := func(what string, text string, fails bool) {
				t.Helper()
				kept := reflect.New(leaf.value.Type()).Elem()
				kept.Set(leaf.value)
				if leaf.value.Kind() == reflect.String {
					leaf.value.SetString(text)
				} else {
					n, err := strconv.ParseInt(text, 10, 64)
					if err != nil {
						t.Fatal(err)
					}
					leaf.value.SetInt(n)
				}
				err := lienthong.Check(document.Interface())
				if got := names(err, leaf.path); got != fails {
					t.Errorf("%s: %s %s: error %v", name, leaf.path, what, err)
				}
				leaf.value.Set(kept)
			}
			tag := leaf.field.Tag
			if size, err := strconv.Atoi(tag.Get("size")); err == nil && tag.Get("form") == "" && leaf.path != "ma_don_thuoc" {
				if leaf.path != "reason" || name == "stock-taking" {
					set("of full size", strings.Repeat("ạ", size), false)
				}
				set("too long", strings.Repeat("ạ", size+1), true)
			}
			if leaf.value.Kind() == reflect.String {
				set("empty", "", tag.Get("need") == "yes" || leaf.path == "supplier_id" ||
					leaf.path == "ten_co_so_cung_cap")
				set("not UTF-8", "\xff", true)
			}
			if least, err := strconv.ParseInt(tag.Get("least"), 10, 64); err == nil {
				set("too little", strconv.FormatInt(least-1, 10), true)
			}
			if digits, err := strconv.Atoi(tag.Get("digits")); err == nil {
				set("of full size", strings.Repeat("9", digits), false)
				set("too long", "1"+strings.Repeat("0", digits), true)
			}
			switch tag.Get("form") {
			case "day":
				set("of no day", "20260229", true)
				set("of the wrong form", "2026022", true)
			case "minute":
				set("of no minute", "202602281060", true)
			case "iso":
				set("of the wrong form", "20260228", true)
			}
		}
	}
	if fields < 140 {
		t.Errorf("%d fields, want them all", fields)
	}
}

// leaf is a field that holds a text or a number.
type leaf struct {
	path  string
	field reflect.StructField
	value reflect.Value
}

func leavesOf(v reflect.Value, path string) (leaves []leaf) {
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			leaves = append(leaves, leavesOf(value, path)...)
		case value.Kind() == reflect.Slice:
			for k := range value.Len() {
				leaves = append(leaves, leavesOf(value.Index(k), path+name+"["+strconv.Itoa(k)+"].")...)
			}
		case value.Type() == reflect.TypeFor[*lienthong.Manufacturer]():
			if !value.IsNil() {
				leaves = append(leaves, leavesOf(value.Elem(), path+name+".")...)
			}
		case value.Kind() == reflect.String || value.CanInt():
			leaves = append(leaves, leaf{path + name, f, value})
		}
	}
	return leaves
}

// names reports whether one of the joined errors is about the field.
func names(err error, field string) bool {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return false
	}
	for _, err := range joined.Unwrap() {
		var bad *lienthong.ValueError
		if errors.As(err, &bad) && bad.Field == field {
			return true
		}
	}
	return false
}

func TestFaults(t *testing.T) {
	change := func(name string, f func(any) any) any { return f(documents()[name]) }
	for _, c := range []struct {
		name     string
		document any
		want     string
	}{
		{"no lines", lienthong.HoaDon{MaHoaDon: "1", MaCoSo: "1", NgayBan: "20261121"}, `lienthong: hoa_don_chi_tiet: is empty: ""`},
		{"no such loại", change("phieu_nhap", func(d any) any {
			p := d.(lienthong.PhieuNhap)
			p.LoaiPhieuNhap = 4
			return p
		}), `lienthong: loai_phieu_nhap: want 1, 2 or 3: ""`},
		{"no such loại out", change("phieu_xuat", func(d any) any {
			p := d.(lienthong.PhieuXuat)
			p.LoaiPhieuXuat = 4
			return p
		}), `lienthong: loai_phieu_xuat: want 1, 2 or 3: ""`},
		{"in reason out", change("stock-out", func(d any) any {
			s := d.(lienthong.StockOut)
			s.Reason = lienthong.InOpeningBalance
			return s
		}), `lienthong: reason: is none of a stock-out: "opening-balance"`},
		{"out reason in", change("stock-in", func(d any) any {
			s := d.(lienthong.StockIn)
			s.Reason = lienthong.OutRetail
			return s
		}), `lienthong: reason: is none of a stock-in: "sale-retail"`},
		{"back to nobody", change("stock-out", func(d any) any {
			s := d.(lienthong.StockOut)
			s.SupplierID = ""
			return s
		}), `lienthong: supplier_id: is empty though the goods go back to a supplier: ""`},
		{"price of three places", change("stock-out", func(d any) any {
			s := d.(lienthong.StockOut)
			s.Items[0].Price = &lienthong.Price{Units: 1, Places: 3}
			return s
		}), `lienthong: items[0].price: want at most two places and no sign: "0.001"`},
		{"more than prescribed", change("cap-nhat-don-thuoc", func(d any) any {
			c := d.(lienthong.CapNhatDonThuoc)
			c.Thuoc[0].SoLuongBan = 31
			return c
		}), `lienthong: thong_tin_thuoc[0].so_luong_ban: is more than so_luong: ""`},
		{"no prescription", change("cap-nhat-don-thuoc", func(d any) any {
			c := d.(lienthong.CapNhatDonThuoc)
			c.MaDonThuoc = "68001k3m9q2z"
			return c
		}), `lienthong: ma_don_thuoc: is not 14 characters long: "68001k3m9q2z"`},
		{"a seller's name is not shown", change("hoa_don", func(d any) any {
			h := d.(lienthong.HoaDon)
			h.HoTenNguoiBan = strings.Repeat("Nguyễn Thị Bí Mật ", 9)
			return h
		}), `lienthong: ho_ten_nguoi_ban: 162 characters, at most 50 have room: ""`},
		{"no document", 1, "lienthong: check: int is no document"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := lienthong.Check(c.document); err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
	if _, err := json.Marshal(lienthong.Price{Units: -1}); err == nil {
		t.Error("a price below nothing is written")
	}
}

// TestColumns: the tables have the columns of the decision in its order, with their types and sizes: s is text, n a number.
func TestColumns(t *testing.T) {
	const eleven = "ma_thuoc:s50 ten_thuoc:s50 so_dang_ky:s20 ten_hoat_chat:s50 nong_do_ham_luong:s20 nha_san_xuat:s100 nuoc_san_xuat:s20 " +
		"nha_nhap_khau:s100 quy_cach_dong_goi:s20 dang_bao_che:s20 don_vi_dong_goi_nn:s20 "
	const five = " so_lo:s20 han_dung:n so_luong_nhap:n so_luong_ban:n so_luong_ton:n"
	for _, c := range []struct {
		row  any
		want string
	}{
		{lienthong.Bang1{}, eleven + "gia_ban_le:n10" + five + " don_vi_bthuoc_cho_csbl:s100 so_hoa_don_mthuoc:s20 ngay_nhap:n ngay_ban:n" +
			" Ma_co_so_ban_le:s12 Ma_co_so_ban_buon:s12"},
		{lienthong.Bang2{}, eleven + "gia_ban_le:n8" + five + " ngay_tong_hop:n"},
		{lienthong.Bang4{}, "ten_thuoc:s so_dang_ky:s so_lo:s han_dung:n so_luong_mua:n so_luong_ban:n so_luong_ton:n"},
	} {
		var got []string
		for _, column := range lienthong.Columns(c.row) {
			name := column.Name + map[bool]string{false: ":s", true: ":n"}[column.Number]
			if column.Size > 0 {
				name += strconv.Itoa(column.Size)
			}
			got = append(got, name)
		}
		if diff := cmp.Diff(strings.Fields(c.want), got); diff != "" {
			t.Errorf("%T (-want +got):\n%s", c.row, diff)
		}
		if n := len(lienthong.Cells(c.row)); n != len(strings.Fields(c.want)) {
			t.Errorf("%T has %d cells", c.row, n)
		}
	}
	cells := lienthong.Cells(documents()["bang-4"])
	if got := strings.Join(cells, "|"); got != "TBZemitin 500|VN-12345-18|OB20260813|20271231|200|20|180" {
		t.Errorf("cells %s", got)
	}
}

// TestFields: documents have the fields of vietnam.md 5.3 to 7, in its order and with its sizes: s is text, n a number, d a
// decimal, ! is required, and in brackets are lists and objects.
func TestFields(t *testing.T) {
	const (
		items = "drug_id:s20! unit_id:s20! %s batch_no:s50! packaging_specifications:s500 expiry_date:s! " +
			"manufacturer(id:s20 name:s200 country:s5) gtin:s50 price:d"
		transaction = "transaction_date:s! reason:s! reference_number:s50! practice_license_code:s50 note:s500 supplier_id:s50 " +
			"source_store_id:s50 source_warehouse_id:s50 target_store_id:s50 target_warehouse_id:s50 items!("
		voucher = "ma_thuoc:s50! ten_thuoc:s500! so_lo:s50! ngay_san_xuat:s12 han_dung:s12! so_dklh:s50! so_luong:n! "
	)
	sold := fmt.Sprintf(items, "quantity:n!")
	for name, want := range map[string]string{
		"hoa_don": "ma_hoa_don:s50! ma_co_so:s50! ma_don_thuoc_quoc_gia:s50 ngay_ban:s12! ho_ten_nguoi_ban:s50 ho_ten_khach_hang:s50 " +
			"hoa_don_chi_tiet!(ma_thuoc:s50! ten_thuoc:s500! so_lo:s50! ngay_san_xuat:s12 han_dung:s12! don_vi_tinh:s50! ham_luong:s500! " +
			"duong_dung:s200 lieu_dung:s! so_dang_ky:s so_luong:n! don_gia:n! thanh_tien:n! ty_le_quy_doi:n!)",
		"phieu_nhap": "ma_phieu:s50! ma_co_so:s50! ngay_nhap:s12! loai_phieu_nhap:n! ghi_chu:s500 ten_co_so_cung_cap:s500 chi_tiet!(" +
			voucher + "don_gia:n don_vi_tinh:s200!)",
		"phieu_xuat": "ma_phieu:s50! ma_co_so:s50! ngay_xuat:s12! loai_phieu_xuat:n! ghi_chu:s500! ten_co_so_nhan:s500 chi_tiet!(" +
			voucher + "don_gia:n! don_vi_tinh:s200!)",
		"thuoc_co_so": "ma_co_so:s! ten_thuoc:s! so_dang_ky:s! ten_hoat_chat:s! ham_luong:s! dong_goi:s! hang_san_xuat:s! nuoc_san_xuat:s! don_vi_tinh:s!",
		"stock-in":    transaction + sold + ")",
		"stock-out":   transaction + sold + ")",
		"stock-taking": "transaction_date:s! reference_number:s50! practice_license_code:s50 note:s500 store_id:s50! warehouse_id:s50 reason:s items(" +
			fmt.Sprintf(items, "system_quantity:n! actual_quantity:n!") + ")",
		"cap-nhat-don-thuoc": "ma_don_thuoc:s14! thong_tin_thuoc!(ma_thuoc_da_ke_don:s! ma_thuoc:s! biet_duoc:s! ten_thuoc:s! don_vi_tinh:s! " +
			"so_luong:n! so_luong_ban:n! cach_dung:s) ma_dinh_danh_co_so_cung_ung_thuoc:s! ten_co_so_cung_ung_thuoc:s! " +
			"so_dien_thoai_co_so_cung_ung_thuoc:s dia_chi_co_so_cung_ung_thuoc:s ma_hoa_don:s!",
	} {
		got := fieldsOf(reflect.TypeOf(documents()[name]))
		if diff := cmp.Diff(strings.Fields(want), strings.Fields(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// fieldsOf writes the fields of a struct as TestFields does.
func fieldsOf(t reflect.Type) string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, omit, _ := strings.Cut(f.Tag.Get("json"), ",")
		need := ""
		if f.Tag.Get("need") == "yes" || f.Type.Kind() != reflect.String && f.Type.Kind() != reflect.Slice && omit == "" {
			need = "!"
		}
		switch f.Type.Kind() {
		case reflect.Struct:
			out = append(out, fieldsOf(f.Type))
		case reflect.String:
			out = append(out, name+":s"+f.Tag.Get("size")+need)
		case reflect.Int, reflect.Int64:
			out = append(out, name+":n"+need)
		default:
			if f.Type.Elem() == reflect.TypeFor[lienthong.Price]() {
				out = append(out, name+":d")
				break
			}
			out = append(out, name+need+"("+fieldsOf(f.Type.Elem())+")")
		}
	}
	return strings.Join(out, " ")
}

// TestLimitsTable: limits take the place of those that Check knows, of the fields that they name.
func TestLimitsTable(t *testing.T) {
	long := documents()["hoa_don"].(lienthong.HoaDon)
	long.ChiTiet = slices.Clone(long.ChiTiet)
	long.ChiTiet[0].TenThuoc = strings.Repeat("ạ", 501)
	bare := documents()["hoa_don"].(lienthong.HoaDon)
	bare.ChiTiet = slices.Clone(bare.ChiTiet)
	bare.ChiTiet[0].HamLuong = ""
	dear := documents()["bang-2"].(lienthong.Bang2)
	dear.GiaBanLe = 123_456_789
	in := documents()["stock-in"].(lienthong.StockIn)
	for _, c := range []struct {
		name     string
		document any
		limits   lienthong.Limits
		want     string
	}{
		{"none", long, nil, `lienthong: hoa_don_chi_tiet[0].ten_thuoc: 501 characters, at most 500 have room: "` + long.ChiTiet[0].TenThuoc + `"`},
		{"larger", long, lienthong.Limits{"hoa_don.hoa_don_chi_tiet.ten_thuoc": {Size: 501, Need: true}}, ""},
		{"any", &long, lienthong.Limits{"hoa_don.hoa_don_chi_tiet.ten_thuoc": {}}, ""},
		{"smaller", long, lienthong.Limits{"hoa_don.ma_hoa_don": {Size: 5}, "hoa_don.hoa_don_chi_tiet.ten_thuoc": {}},
			`lienthong: ma_hoa_don: 6 characters, at most 5 have room: "HD0001"`},
		{"of another document", long, lienthong.Limits{"phieu_nhap.chi_tiet.ten_thuoc": {}, "hoa_don.hoa_don_chi_tiet.ten_thuoc": {}}, ""},
		{"needed", bare, nil, `lienthong: hoa_don_chi_tiet[0].ham_luong: is empty: ""`},
		{"not needed", bare, lienthong.Limits{"hoa_don.hoa_don_chi_tiet.ham_luong": {Size: 500}}, ""},
		{"digits", dear, nil, `lienthong: gia_ban_le: more than 8 digits: "123456789"`},
		{"ten digits", dear, lienthong.Limits{"bang-2.gia_ban_le": {Size: 10}}, ""},
		{"embedded", in, lienthong.Limits{"stock-in.items.manufacturer.name": {Size: 3}},
			`lienthong: items[0].manufacturer.name: 9 characters, at most 3 have room: "Nhà máy A"`},
		{"an empty list", lienthong.HoaDon{MaHoaDon: "1", MaCoSo: "1", NgayBan: "20261121"}, lienthong.Limits{"hoa_don.hoa_don_chi_tiet": {}}, ""},
		{"no such field", in, lienthong.Limits{"stock-in.items.batch": {Size: 20}}, `lienthong: stock-in.items.batch: is a limit of no field: ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if err := c.limits.Check(c.document); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMovements(t *testing.T) {
	for _, c := range []struct {
		m      lienthong.Movement
		one    string
		two    string
		reason lienthong.Reason
	}{
		{lienthong.OpeningStock, "phieu_nhap 3", "stock-in", "opening-balance"},
		{lienthong.Purchase, "phieu_nhap 1", "stock-in", "supplier"},
		{lienthong.Importing, "phieu_nhap 1", "stock-in", "imported"},
		{lienthong.Manufacturing, "phieu_nhap 1", "stock-in", "manufactured"},
		{lienthong.CustomerReturn, "phieu_nhap 2", "stock-in", "return"},
		{lienthong.TransferIn, "", "stock-in", "transfer-in"},
		{lienthong.TransferOut, "", "stock-out", "transfer-out"},
		{lienthong.RetailSale, "hoa_don 0", "stock-out", "sale-retail"},
		{lienthong.Wholesale, "", "stock-out", "sale-wholesale"},
		{lienthong.SupplierReturn, "phieu_xuat 2", "stock-out", "return"},
		{lienthong.RecallReturn, "", "stock-out", "recall"},
		{lienthong.Destruction, "phieu_xuat 3", "stock-out", "destroy"},
		{lienthong.Count, "", "stock-taking", ""},
		{lienthong.OtherIn, "", "stock-in", "other"},
		{lienthong.OtherOut, "", "stock-out", "other"},
		{0, "", "", ""},
		{lienthong.OtherOut + 1, "", "", ""},
	} {
		kind, loai, err := c.m.GenerationOne()
		one := string(kind) + " " + strconv.Itoa(loai)
		var bad *lienthong.NotExpressibleError
		if err != nil {
			one = ""
			if !errors.As(err, &bad) || bad.Generation != 1 || bad.Movement != c.m {
				t.Errorf("%v: %v", c.m, err)
			}
		}
		kind, reason, err := c.m.GenerationTwo()
		if one != c.one || string(kind) != c.two || reason != c.reason || (err != nil) != (c.two == "") {
			t.Errorf("%v is %q, %q, %q, %v", c.m, one, kind, reason, err)
		}
	}
	_, _, err := lienthong.Wholesale.GenerationOne()
	if want := "lienthong: generation 1 has no document for wholesale"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if d := (gs1.Decimal{Units: 125050, Places: 2}); d.String() != "1250.50" {
		t.Errorf("price %s", d)
	}
}

func TestTimes(t *testing.T) {
	night := time.Date(2026, 12, 31, 17, 30, 0, 0, time.UTC)
	if got := lienthong.NgayGio(night); got != "202701010030" {
		t.Errorf("NgayGio %s", got)
	}
	if got := lienthong.Ngay(lienthong.DayOf(night)); got != "20270101" {
		t.Errorf("Ngay %s", got)
	}
	if got := lienthong.TransactionDate(night, false); got != "2027-01-01T00:30:00+07:00" {
		t.Errorf("TransactionDate %s", got)
	}
}
