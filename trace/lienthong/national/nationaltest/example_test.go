package nationaltest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/dauvet/dauvet/trace/lienthong/national/nationaltest"
)

// The server is strict: it wants to be logged in to, and says what is wrong.
func ExampleServer() {
	mock := nationaltest.New(nil)
	server := httptest.NewServer(mock)
	defer server.Close()
	resp, err := http.Post(server.URL+"/v2/transactions/stock-in", "application/json", strings.NewReader("{}"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode, len(mock.Documents(2)))
	// Output: 401 0
}
