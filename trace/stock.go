package trace

import "strconv"

// stock is a class of objects without serial numbers: how many are where. Made, entered and adjusted together always
// equal the sum of what is held, in transit, and gone.
type stock struct {
	class      ID
	expiry     string // as far as an event told
	held       map[Party]int64
	back       map[Party]int64 // of held, what is held back: in quarantine
	deliveries map[delivery]transit
	made       int64 // commissioned
	entered    int64 // received though nobody had shipped it
	adjusted   int64 // found, or found missing, in counts
	gone       [exported + 1]int64
	turnovers  map[Party]*turnover
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
	return &stock{class: class, held: make(map[Party]int64), back: make(map[Party]int64), deliveries: make(map[delivery]transit)}
}

func (s *stock) delivery(m *moment, from, to Party) (delivery, transit) {
	key := delivery{document: m.document}
	if m.document == "" {
		key.from, key.to = from, to
	}
	t, ok := s.deliveries[key]
	if !ok {
		t.from, t.to = from, to
	}
	return key, t
}

// deliver keeps what is on its way under a delivery. One of which everything has arrived is forgotten: a lot has many.
func (s *stock) deliver(key delivery, t transit) {
	if t.open == 0 && t.early == 0 {
		delete(s.deliveries, key)
	} else {
		s.deliveries[key] = t
	}
}

// take removes from what a party holds. Less than nothing cannot be there: that is reported, and the books stay
// negative until a count or a late receipt sets them right.
func (r *replay) take(m *moment, s *stock, n int64) {
	s.held[m.actor] -= n
	s.settle(m.actor)
	if left := s.held[m.actor]; left < 0 && n > 0 {
		r.report(m, BalanceNegative, s.class, "0", strconv.FormatInt(left, 10))
	}
}

func (r *replay) produce(m *moment, s *stock, n int64) {
	s.held[m.actor] += n
	s.made += n
	r.got(m, s, n)
}

func (r *replay) shipStock(m *moment, s *stock, n int64) {
	key, t := s.delivery(m, m.actor, m.to)
	t.from = m.actor
	// What was received before it was shipped did not come from nowhere after all.
	known := min(n, t.early)
	t.early -= known
	s.entered -= known
	t.open += n - known
	s.deliver(key, t)
	if m.disposition == DispReturned || m.disposition == DispRecalled || heldBack(m.disposition) {
		s.release(m.actor, n)
	}
	r.take(m, s, n)
}

func (r *replay) voidShipStock(m *moment, s *stock, n int64) {
	key, t := s.delivery(m, m.actor, m.to)
	back := min(n, t.open)
	t.open -= back
	s.deliver(key, t)
	s.held[t.from] += back
}

func (r *replay) receiveStock(m *moment, s *stock, n int64) {
	key, t := s.delivery(m, m.from, m.actor)
	arrived := min(n, t.open)
	rest := n - arrived
	t.open -= arrived
	t.early += rest
	s.deliver(key, t)
	if rest > 0 {
		s.entered += rest
		if !r.announced(m) {
			r.report(m, ReceiveWithoutShip, s.class, strconv.FormatInt(arrived, 10), strconv.FormatInt(n, 10))
		}
	}
	s.held[m.actor] += n
	r.got(m, s, n)
}

// everything is the count of an event that holds back, or releases, all of a class that there is or will be at a place.
const everything = 1 << 61

// hold takes in the condition of goods that stay where they are: they are held back, or may be sold again.
func (r *replay) hold(m *moment, s *stock, n int64) {
	switch {
	case heldBack(m.disposition):
		s.back[m.actor] = min(s.back[m.actor]+n, everything)
	case m.disposition == DispSellableAccessible, m.disposition == DispAvailable, m.disposition == DispActive:
		if s.back[m.actor] == everything && n < everything {
			s.back[m.actor] = max(s.held[m.actor], 0)
		}
		s.back[m.actor] = max(s.back[m.actor]-n, 0)
	}
}

// release takes goods that leave, and could not have been sold, from those that were held back.
func (s *stock) release(p Party, n int64) {
	if s.back[p] < everything {
		s.back[p] = max(s.back[p]-n, 0)
	}
}

// lot returns the lot of the class, empty when it has none.
func (s *stock) lot() string {
	epc, err := s.class.EPC()
	if err != nil {
		return ""
	}
	return epc.Value("10")
}

// free returns how much of what a party holds is not held back.
func (s *stock) free(p Party) int64 { return s.held[p] - min(s.back[p], max(s.held[p], 0)) }

// settle forgets what was held back and is not there any more: what leaves is taken from the rest first.
func (s *stock) settle(p Party) {
	if s.back[p] < everything {
		s.back[p] = min(s.back[p], max(s.held[p], 0))
	}
}

// heldBack reports whether objects in a condition may not be dispensed until they are released.
func heldBack(d Disposition) bool {
	switch d {
	case DispNonSellableOther, DispSellableNotAccessible, DispDamaged, DispExpired, DispUnavailable, DispReserved,
		DispNonConformant, DispNoPedigreeMatch:
		return true
	}
	return false
}

func (r *replay) dispenseStock(m *moment, s *stock, n int64) {
	r.judgeDispensingStock(m, s, n)
	r.sold(m, s, n)
	r.take(m, s, n)
	s.gone[dispensed] += n
}

func (r *replay) leaveStock(how fate) func(*moment, *stock, int64) {
	return func(m *moment, s *stock, n int64) {
		if how == destroyed || how == sampled || how == lost {
			s.release(m.actor, n)
		}
		r.take(m, s, n)
		s.gone[how] += n
	}
}

func (r *replay) countStock(m *moment, s *stock, n int64) {
	r.got(m, s, max(n-max(s.held[m.actor], 0), 0))
	s.adjusted += n - s.held[m.actor]
	s.held[m.actor] = n
	s.settle(m.actor)
}
