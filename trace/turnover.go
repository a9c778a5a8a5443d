package trace

import "strconv"

// turnover is what a party got of a class, and sold of it, over the whole of an audit. Other than a balance it does not
// depend on the order of events, and no count hides a surplus of sales.
type turnover struct {
	got, sold int64
	last      past // the last sale
}

// turnover returns that of a party, nil outside of an audit.
func (r *replay) turnover(s *stock, p Party) *turnover {
	if !r.complete {
		return nil
	}
	t := s.turnovers[p]
	if t == nil {
		if s.turnovers == nil {
			s.turnovers = make(map[Party]*turnover)
		}
		t = &turnover{}
		s.turnovers[p] = t
	}
	return t
}

// got notes that goods came to a party: made, received or found.
func (r *replay) got(m *moment, s *stock, n int64) {
	if t := r.turnover(s, m.actor); t != nil {
		t.got += n
	}
}

// sold notes that goods were dispensed.
func (r *replay) sold(m *moment, s *stock, n int64) {
	if t := r.turnover(s, m.actor); t != nil {
		t.sold, t.last = t.sold+n, r.keep(m)
	}
}

// oversold reports who sold more of a class than he ever got.
func (a *Auditor) oversold() {
	for _, class := range sortedKeys(a.stocks) {
		for _, t := range a.stocks[class].turnovers {
			if t.sold > t.got {
				a.report(a.recollect(t.last), MoreSoldThanReceived, class, strconv.FormatInt(t.got, 10), strconv.FormatInt(t.sold, 10))
			}
		}
	}
}
