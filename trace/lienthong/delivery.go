package lienthong

import "time"

// State is how far a document has got.
type State string

// The states.
const (
	Pending     State = "pending"      // to be sent, or to be withdrawn
	Sending     State = "sending"      // given to the line; no answer is known
	Accepted    State = "accepted"     // the server has it and has not looked yet
	Processing  State = "processing"   // it is looking
	Completed   State = "completed"    // done
	Rejected    State = "rejected"     // the server does not want it as it is
	Failed      State = "error"        // the server could not
	Blocked     State = "blocked"      // something is missing that somebody can supply
	NeedsReview State = "needs review" // somebody has to decide: see Outbox.Settle
)

// Delivery is a document of an Outbox on its way.
type Delivery struct {
	Generation int       `json:"g"`
	Number     string    `json:"n"`
	Kind       Kind      `json:"k"`
	Movement   Movement  `json:"m"`
	Time       time.Time `json:"t"` // of the voucher
	State      State     `json:"s"`
	// Void says that the voucher did not take place: the document is to be withdrawn, or is when Completed.
	Void bool `json:"void,omitempty"`
	// ID is what the server calls it, and Words are its last: as they came, no more than 500 characters. A server may name the
	// patient of a prescription, and nothing in a journal can be erased: Words are in memory only, until the outbox is opened
	// again or has let a finished day go, and then what OutboxOptions.KeepWords has made of them.
	ID    string `json:"id,omitempty"`
	Words string `json:"-"`
	// Reason is why it is Blocked or NeedsReview.
	Reason string    `json:"why,omitempty"`
	Tries  int       `json:"tries,omitempty"` // how often it was sent
	Next   time.Time `json:"next,omitzero"`   // when the server is asked next
}

// flying reports whether the server has the document and has not said what came of it.
func (d *Delivery) flying() bool { return d.State == Accepted || d.State == Processing }

// waiting reports whether the outbox still has to do something about it by itself.
func (d *Delivery) waiting() bool {
	switch d.State {
	case Completed, Rejected, Failed, NeedsReview, forgotten:
		return false
	}
	return true
}

// forgotten is the state of a delivery that no server ever had, and that is not to be any more. Nobody sees it.
const forgotten State = ""

// record is a Delivery with what only the outbox needs to know.
type record struct {
	Delivery
	Sent  string `json:"sent,omitempty"`  // facts of the voucher that the server may have; empty: it never had the number
	Polls int    `json:"polls,omitempty"` // since it was accepted
	Kept  string `json:"words,omitempty"` // of Words

	facts   string // of the voucher now
	voucher *Voucher
	queued  bool // in the queue of its lane
	strikes int  // errors in a row at sending it
	lost    bool // an answer was lost: it is not known whether the server has Sent or what was before
}

// key is what tells records apart.
type deliveryKey struct {
	generation int
	number     string
}

func (r *record) key() deliveryKey { return deliveryKey{r.Generation, r.Number} }

// attempt returns what the server may know of the number.
func (r *record) attempt() Attempt {
	switch {
	case r.Sent == "":
		return First
	case r.lost || r.Sent == r.facts:
		return Again
	}
	return Correction
}
