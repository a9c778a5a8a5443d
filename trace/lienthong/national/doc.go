// Package national carries documents to the national servers of Viet Nam over HTTPS: DuocQuocGia to duocquocgia.com.vn
// (generation 1, QĐ 777/QĐ-QLD and what six clients in use do), CsdlDuoc to csdlduoc.com.vn (generation 2, QĐ
// 232/QĐ-TTYQG 1.1). Both are a lienthong.Transport. DonThuoc reads prescriptions of donthuocquocgia.vn and reports what was
// sold of them (QĐ 808/QĐ-BYT, QĐ 228/QĐ-QLD).
//
// Credentials come from the caller at each log-in and are kept nowhere; no error shows them, nor a token. A server is read
// liberally: answers that are no JSON, "mess" for "message", a code that is text or a number, a token in "data" or beside it,
// keys and states in other capitals. Its own words go into the answer as they came.
//
// What no source says, or where sources disagree, is an option with its confidence beside it. Package nationaltest has the servers
// for tests.
package national
