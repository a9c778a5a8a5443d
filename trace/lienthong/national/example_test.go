package national_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/dauvet/dauvet/trace/lienthong"
	"github.com/dauvet/dauvet/trace/lienthong/national"
	"github.com/dauvet/dauvet/trace/lienthong/national/nationaltest"
)

// A vendor's program asks its own store of secrets at each log-in, and tries everything on a server of its own.
func ExampleNewCsdlDuoc() {
	server := httptest.NewServer(nationaltest.New(&nationaltest.Options{User: "0100109106", Password: "secret"}))
	defer server.Close()
	secrets := func(context.Context) (user, password string, err error) { return "0100109106", "secret", nil }
	way, err := national.NewCsdlDuoc(secrets, &national.Options{Base: server.URL + "/v2"}) // in production: nil
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	opening := &lienthong.Document{Generation: 2, Kind: lienthong.KindStockTaking, Number: "KK0001", Body: lienthong.StockTaking{
		TransactionDate: "2026-01-01T00:00:00+07:00", ReferenceNumber: "KK0001", StoreID: "S1",
	}}
	answer, err := way.Send(ctx, opening, lienthong.First) // an outbox does this
	for err == nil && answer.State != lienthong.Completed {
		fmt.Println(answer.State)
		id := answer.ID
		answer, err = way.Status(ctx, opening.Kind, id)
		answer.ID = id
	}
	fmt.Println(answer.State, err)
	// Output:
	// accepted
	// processing
	// completed <nil>
}
