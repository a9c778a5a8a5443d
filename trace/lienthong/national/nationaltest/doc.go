// Package nationaltest is the national servers of Viet Nam for tests: a http.Handler that takes what the descriptions of
// duocquocgia.com.vn (generation 1), csdlduoc.com.vn (generation 2) and donthuocquocgia.vn say, and nothing else. What real servers were seen to do
// beside that are options: a vendor turns them on to see whether his program bears it.
//
//	server := nationaltest.New(&nationaltest.Options{User: "0100109106", Password: "secret"})
//	defer httptest.NewServer(server).Close()
//
// It is no copy of the real servers, whose rules beyond the descriptions nobody has published.
package nationaltest
