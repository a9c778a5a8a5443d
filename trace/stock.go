package trace

import "strconv"

// stock is a class of objects without serial numbers: how many are where. Made, entered and adjusted together always
// equal the sum of what is held, in transit, and gone.
type stock struct {
	class      ID
	expiry     string // as far as an event told
	held       map[Party]int64
	deliveries map[delivery]*transit
	made       int64 // commissioned
	entered    int64 // received though nobody had shipped it
	adjusted   int64 // found, or found missing, in counts
	gone       [consumed + 1]int64
}

// delivery ties receipts to shipments: by the document, or by the two parties where there is none.
type delivery struct {
	document ID
	from, to Party
}

// transit is what is on its way under a delivery.
type transit struct {
	open  int64 // shipped and not received
	early int64 // received and not shipped, so far
	from  Party
	to    Party
}

func newStock(class ID) *stock {
	return &stock{class: class, held: make(map[Party]int64), deliveries: make(map[delivery]*transit)}
}

func (s *stock) delivery(m *moment, from, to Party) *transit {
	key := delivery{document: m.doc}
	if m.doc == "" {
		key.from, key.to = from, to
	}
	t := s.deliveries[key]
	if t == nil {
		t = &transit{from: from, to: to}
		s.deliveries[key] = t
	}
	return t
}

// take removes from what a party holds. Less than nothing cannot be there: that is reported, and the books stay
// negative until a count or a late receipt sets them right.
func (r *replay) take(m *moment, s *stock, n int64) {
	s.held[m.actor] -= n
	if left := s.held[m.actor]; left < 0 && n > 0 {
		r.report(m, BalanceNegative, s.class, "0", strconv.FormatInt(left, 10))
	}
}

func (r *replay) produce(m *moment, s *stock, n int64) {
	s.held[m.actor] += n
	s.made += n
}

func (r *replay) shipStock(m *moment, s *stock, n int64) {
	t := s.delivery(m, m.actor, counterpart(m.Destinations))
	t.from = m.actor
	// What was received before it was shipped did not come from nowhere after all.
	known := min(n, t.early)
	t.early -= known
	s.entered -= known
	t.open += n - known
	r.take(m, s, n)
}

func (r *replay) voidShipStock(m *moment, s *stock, n int64) {
	t := s.delivery(m, m.actor, counterpart(m.Destinations))
	back := min(n, t.open)
	t.open -= back
	s.held[t.from] += back
}

func (r *replay) receiveStock(m *moment, s *stock, n int64) {
	t := s.delivery(m, counterpart(m.Sources), m.actor)
	arrived := min(n, t.open)
	t.open -= arrived
	if rest := n - arrived; rest > 0 {
		t.early += rest
		s.entered += rest
		if !r.announced(m) {
			r.report(m, ReceiveWithoutShip, s.class, strconv.FormatInt(arrived, 10), strconv.FormatInt(n, 10))
		}
	}
	s.held[m.actor] += n
}

func (r *replay) dispenseStock(m *moment, s *stock, n int64) {
	if day := m.Time.Format("2006-01-02"); m.expiry() != "" && day > m.expiry() {
		r.report(m, ExpiredDispensed, s.class, m.expiry(), day)
	}
	r.take(m, s, n)
	s.gone[dispensed] += n
}

func (r *replay) leaveStock(how fate) func(*moment, *stock, int64) {
	return func(m *moment, s *stock, n int64) {
		r.take(m, s, n)
		s.gone[how] += n
	}
}

func (r *replay) countStock(m *moment, s *stock, n int64) {
	s.adjusted += n - s.held[m.actor]
	s.held[m.actor] = n
}
