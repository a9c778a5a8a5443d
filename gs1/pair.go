package gs1

// pairs checks how the AIs of a message go together (General Specifications 4.13 and 4.14): which exclude each other,
// which require another, that repeats agree, and that a digital signature stands with a serialised key.
func (r *reading) pairs() {
	es := r.m.Elements
	for i := r.alone; i < len(es); i++ {
		row, rule := r.ruleOf(es[i].AI)
		if rule == nil || rule.flags&exPairs == 0 || !rule.ex.meets(&r.present) {
			continue
		}
		if other := r.excluded(row, rule, es[i].AI); other != "" && !r.reportElement(exclusive, i, "("+string(other)+")") {
			return
		}
	}
	if r.alone > 0 && es[0].AI == "01" {
		row, _ := r.t.lookup("01")
		r.present.add(row)
	}
	if !r.p.Unpaired {
		for i := range es {
			row, rule := r.ruleOf(es[i].AI)
			if rule == nil {
				continue
			}
			for k := range rule.req {
				if !rule.req[k].met(&r.present) {
					if !r.reportElement(required, i, r.t.rows[row].needs()) {
						return
					}
					break
				}
			}
		}
	}
	if r.twice && !r.repeats() {
		return
	}
	r.signature()
}

// ruleOf returns the row of an element and its rule, or no rule for an AI that is not in the table.
func (r *reading) ruleOf(ai AI) (uint8, *rule) {
	row, n := r.t.lookup(string(ai))
	if n == 0 || row == unknown {
		return unknown, nil
	}
	return row, &r.t.rules[row]
}

// excluded returns the first AI that excludes the AI of the row, which does not exclude itself.
func (r *reading) excluded(row uint8, rule *rule, ai AI) AI {
	if rule.flags&exSelf != 0 && !r.twice {
		// The row itself is present once: only others count.
		others := r.present
		others[row>>6] &^= 1 << (row & 63)
		if !rule.ex.meets(&others) {
			return ""
		}
	}
	for _, e := range r.m.Elements[r.alone:] {
		other, _ := r.ruleOf(e.AI)
		if other == unknown && e.AI != separator {
			other = r.t.kin(e.AI)
		}
		if other != unknown && rule.ex.has(other) && e.AI != ai {
			return e.AI
		}
	}
	return ""
}

// met reports whether the rows satisfy the need.
func (n *need) met(present *set) bool {
	if n.any.meets(present) {
		return true
	}
	for _, all := range n.all {
		met := true
		for k := range all {
			met = met && all[k].meets(present)
		}
		if met {
			return true
		}
	}
	return false
}

// repeats checks that elements with the same AI have the same value, in linear time.
func (r *reading) repeats() bool {
	es := r.m.Elements[r.alone:]
	var first map[AI]int
	if len(es) > 16 {
		first = make(map[AI]int, len(es))
	}
	for i := range es {
		k, ok := i, false
		if first != nil {
			k, ok = first[es[i].AI]
			if !ok {
				first[es[i].AI] = i
			}
		} else {
			for k = 0; k < i && !ok; k++ {
				ok = es[k].AI == es[i].AI
			}
			k--
		}
		if ok && es[k].Value != es[i].Value && !r.reportElement(differs, r.alone+i, "") {
			return false
		}
	}
	return true
}

// signature checks that a digital signature (AI 8030) stands with keys that are serialised (ISO/IEC 20248 profile).
func (r *reading) signature() {
	if row, _ := r.t.lookup("8030"); row == unknown || !r.present.has(row) {
		return
	}
	for i, e := range r.m.Elements {
		var key int
		switch e.AI {
		case "253", "255":
			key = 13
		case "8003":
			key = 14
		}
		if key != 0 && len(e.Value) <= key && !r.reportElement(needsSerial, i, "") {
			return
		}
	}
}

// reportElement reports a fault of the whole element i.
func (r *reading) reportElement(why reason, i int, other string) bool {
	at, n := r.locate(i)
	return r.report(why, r.m.Elements[i].AI, at+n, at, n, other)
}
