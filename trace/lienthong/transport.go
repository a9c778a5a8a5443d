package lienthong

import (
	"context"
	"errors"
	"time"
)

// Transport carries documents to the server of a generation. It is called by one goroutine at a time. Package national has
// those of both generations; a test can have its own.
//
// An error that matches ErrCredentials stops the generation until Step is called long enough after it; a *TemporaryError, or
// any other, is tried again, and unless it says NotArrived the outbox takes the document for one that the server may have.
// Neither may show credentials.
type Transport interface {
	// Generation returns 1 or 2.
	Generation() int
	// Send gives a document to the server, and returns what it made of it. The attempt says what the server may know of the
	// number already; whatever it knows, it must know the document once in the end.
	Send(ctx context.Context, d *Document, attempt Attempt) (Answer, error)
	// Status asks what became of a document that was Accepted, by the ID of the Answer. An error that matches ErrForgotten
	// says that the server does not know it.
	Status(ctx context.Context, kind Kind, id string) (Answer, error)
	// Withdraw takes back a document that the server has. An error that matches ErrCannotWithdraw says that the interface
	// has no way to.
	Withdraw(ctx context.Context, kind Kind, number string) (Answer, error)
}

// Attempt says what a server may know of a number before a document is sent.
type Attempt int

// The attempts.
const (
	First      Attempt = iota // nothing
	Again                     // perhaps this document: an answer was lost. Ask first, where the interface can
	Correction                // an older document of the number, which this one replaces
)

// Answer is what a server says of a document.
type Answer struct {
	State State  // Accepted, Processing, Completed, Rejected or Failed
	ID    string // what the server calls it, such as transaction_id; empty when it has said so before, or never does
	Words string // its own, for the vendor; they may name somebody
}

// TemporaryError says that a request may succeed later: 429, 5xx, a line that dropped.
type TemporaryError struct {
	Err   error
	Words string // the server's own, if it said any; they may name somebody, so Error does not show them
	// After is how long the server wants to be left alone; 0 when it did not say.
	After time.Duration
	// NotArrived says that the server has certainly not taken the document.
	NotArrived bool
}

// Error says what happened.
func (e *TemporaryError) Error() string { return e.Err.Error() }

// Unwrap returns what happened.
func (e *TemporaryError) Unwrap() error { return e.Err }

var (
	// ErrCredentials says that the server refuses user and password, also after a new log-in. The caller has to give others.
	ErrCredentials = errors.New("the server refuses the credentials")
	// ErrForgotten says that a server does not know what it had accepted.
	ErrForgotten = errors.New("the server does not know the document")
	// ErrCannotWithdraw says that an interface has no way to take a document back.
	ErrCannotWithdraw = errors.New("the interface cannot take a document back")
)
