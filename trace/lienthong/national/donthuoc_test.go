package national_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/dauvet/dauvet/trace/lienthong/national"
	"github.com/dauvet/dauvet/trace/lienthong/national/nationaltest"
	"github.com/google/go-cmp/cmp"
)

const prescription = lienthong.MaDonThuoc("68001k3m9q2z-c")

// patient is an answer as a client in use has it.
const patient = `{"ma_don_thuoc": "68001k3m9q2z-c", "ho_ten_benh_nhan": "Nguyễn Văn Bệnh", "loai_don_thuoc": "C", "ten_bac_si": "Phạm Kê",
	"ngay_gio_ke_don": "2026-11-20 09:30:00", "thong_tin_don_thuoc": [
	{"ma_thuoc": "T1", "biet_duoc": "TBZemitin", "ten_thuoc": "mecobalamin 500 mcg", "don_vi_tinh": "Viên", "so_luong": "30.0", "cach_dung": "ngày 2 viên"}]}`

// sale is a report that the server takes.
func sale() lienthong.CapNhatDonThuoc {
	return lienthong.CapNhatDonThuoc{
		MaDonThuoc: string(prescription), MaCoSo: "CSCU-417", TenCoSo: "Nhà thuốc A", DienThoai: "0263", MaHoaDon: "HD1",
		Thuoc: []lienthong.ThuocDaBan{{
			MaThuocDaKeDon: "T1", MaThuoc: "T1", BietDuoc: "TBZemitin", TenThuoc: "mecobalamin 500 mcg", DonViTinh: "Viên", SoLuong: 30, SoLuongBan: 20,
		}},
	}
}

func TestDonThuoc(t *testing.T) {
	mock := nationaltest.New(&nationaltest.Options{
		User: user, Password: password, Prescriptions: map[lienthong.MaDonThuoc]json.RawMessage{prescription: []byte(patient)},
	})
	web := httptest.NewServer(mock)
	defer web.Close()
	way, err := national.NewDonThuoc(login, &national.DonThuocOptions{Options: national.Options{Base: web.URL}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := way.Doc(t.Context(), prescription)
	if err != nil {
		t.Fatal(err)
	}
	want := &national.Prescription{
		MaDonThuoc: prescription, Loai: "C", KeDon: time.Date(2026, 11, 20, 2, 30, 0, 0, time.UTC),
		Thuoc: []lienthong.ThuocKeDon{{
			MaThuoc: "T1", BietDuoc: "TBZemitin", TenThuoc: "mecobalamin 500 mcg", DonViTinh: "Viên", SoLuong: 30, CachDung: "ngày 2 viên",
		}},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := way.Doc(t.Context(), "68001k3m9q2y-c"); !errors.Is(err, national.ErrNoPrescription) {
		t.Errorf("error %v", err)
	}
	if _, err := way.Doc(t.Context(), "Nguyễn Văn Bệnh"); err == nil {
		t.Error("a name is a code")
	}
	for range 2 {
		a, err := way.CapNhat(t.Context(), sale())
		if err != nil || a.State != lienthong.Completed || a.Words != "thành công" {
			t.Errorf("answer %+v, error %v", a, err)
		}
	}
	if held := mock.Documents(3); len(held) != 1 || !strings.Contains(string(held[0].Body), `"so_luong_ban":20`) {
		t.Errorf("the server holds %+v", held)
	}
	unknown := sale()
	unknown.MaDonThuoc = "68001k3m9q2y-c"
	if a, err := way.CapNhat(t.Context(), unknown); err != nil || a.State != lienthong.Rejected {
		t.Errorf("answer %+v, error %v", a, err)
	}
	more := sale()
	more.Thuoc[0].SoLuongBan = 31
	if _, err := way.CapNhat(t.Context(), more); err == nil {
		t.Error("more than was prescribed is sent")
	}
	// The names of the other client are not those that the strict server knows.
	way, err = national.NewDonThuoc(login, &national.DonThuocOptions{Options: national.Options{Base: web.URL}, SDKNames: true})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := way.CapNhat(t.Context(), sale()); err != nil || a.State != lienthong.Rejected || a.Words == "" {
		t.Errorf("answer %+v, error %v", a, err)
	}
}

// TestDonThuocAnswers: whatever comes, no error names the patient, and what is of the moment is said to be.
func TestDonThuocAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   string
	}{
		{200, patient, ""},
		{200, `{"data": ` + patient + `}`, ""},
		{200, strings.ReplaceAll(patient, `"30.0"`, "30"), ""},
		{200, strings.ReplaceAll(patient, `"30.0"`, `"Nguyễn Văn Bệnh"`), "national: thong_tin_don_thuoc[0].so_luong: not a whole number of the unit"},
		{200, `{"ho_ten_benh_nhan": "Nguyễn Văn Bệnh"}`, "national: a prescription without drugs"},
		{200, `"Nguyễn Văn Bệnh"`, "national: an answer that is no prescription"},
		{200, `<html>Nguyễn Văn Bệnh`, "temporary: national: a page for an answer"},
		{401, `Nguyễn Văn Bệnh`, "national: the server refuses the credentials"},
		{403, `Nguyễn Văn Bệnh`, "national: the server refuses the credentials"},
		{422, `{"danh_sach_cac_loi": ["Nguyễn Văn Bệnh"]}`, "national: status 422 Unprocessable Entity"},
		{429, `Nguyễn Văn Bệnh`, "temporary: national: status 429 Too Many Requests"},
		{503, `Nguyễn Văn Bệnh`, "temporary: national: status 503 Service Unavailable"},
	} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("app-name") != user || r.Header.Get("app-key") != password || r.URL.Path != "/api/v1/thong-tin-donthuoc/"+string(prescription) {
				t.Errorf("%s %v", r.URL, r.Header)
			}
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		}))
		way, err := national.NewDonThuoc(login, &national.DonThuocOptions{Options: national.Options{Base: web.URL}, OldPath: true})
		if err != nil {
			t.Fatal(err)
		}
		p, err := way.Doc(t.Context(), prescription)
		web.Close()
		got := ""
		if err != nil {
			got = err.Error()
		} else if len(p.Thuoc) != 1 || p.Thuoc[0].SoLuong != 30 {
			t.Errorf("%.40s: %+v", c.body, p)
		}
		var temporary *lienthong.TemporaryError
		if errors.As(err, &temporary) {
			if got = "temporary: " + got; temporary.Words != "" {
				t.Errorf("words %s", temporary.Words)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%d %.40s (-want +got):\n%s", c.status, c.body, diff)
		}
		if text := fmt.Sprintf("%v %+v %#v", way, way, p); strings.Contains(text, password) || strings.Contains(text, "Bệnh") {
			t.Errorf("shows %s", text)
		}
	}
}

// TestUpdate: the national list comes page by page, and after that what has changed.
func TestUpdate(t *testing.T) {
	opts := &nationaltest.Options{}
	for i := range 120 {
		opts.Drugs = append(opts.Drugs, lienthong.Drug{
			DrugID: fmt.Sprint(i), NationalID: fmt.Sprint(i), Name: fmt.Sprint("thuốc ", i), SoDangKy: "893110130226", SoDangKyCu: "VD-1-17", Prescription: "1",
			Control: "0", Routes: []string{"Uống"}, Units: []lienthong.Unit{{UnitID: "U1", Name: "Hộp"}}, Strength: "1 mg",
			Manufacturer: lienthong.Manufacturer{ID: "M", Name: "N", Country: "VN"}, Updated: fmt.Sprintf("2026-08-%02dT00:00:00", 1+i%28),
		})
	}
	opts.Drugs[7].Units[0].GTIN = box
	var broken atomic.Bool
	broken.Store(true)
	opts.Fault = func(r *http.Request) nationaltest.Fault {
		if broken.Load() && r.FormValue("page") == "3" {
			return nationaltest.DropBefore
		}
		return nationaltest.None
	}
	mock := nationaltest.New(opts)
	web := httptest.NewServer(mock)
	defer web.Close()
	way, err := national.NewCsdlDuoc(login, &national.Options{Base: web.URL})
	if err != nil {
		t.Fatal(err)
	}
	var reg lienthong.Register
	if err := way.Update(t.Context(), &reg, time.Time{}); err == nil || reg.UpdatedUntil() != "" {
		t.Fatalf("half a list: error %v, until %s", err, reg.UpdatedUntil())
	}
	broken.Store(false)
	if err := way.Update(t.Context(), &reg, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for i := range opts.Drugs {
		d, ok := reg.Drug(opts.Drugs[i].DrugID)
		if diff := cmp.Diff(opts.Drugs[i], d); !ok || diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
	if _, u, err := reg.Find(box); err != nil || u.UnitID != "U1" || reg.UpdatedUntil() != "2026-08-28T00:00:00" {
		t.Errorf("unit %+v, error %v, until %s", u, err, reg.UpdatedUntil())
	}
	before, _ := mock.Requests()
	if err := way.Update(t.Context(), &reg, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if after, _ := mock.Requests(); after != before+1 {
		t.Errorf("%d requests for what changed on one day", after-before)
	}
	if _, err := way.Drugs(t.Context(), 0, ""); err == nil {
		t.Error("there is a page 0")
	}
}
