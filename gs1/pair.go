package gs1

// pairs checks how the AIs of a message go together (General Specifications 4.13): which exclude each other,
// which require another, that repeats agree, and that a digital signature stands with a serialised key.
func (r *reading) pairs() {
	if r.agree() {
		return
	}
	es := r.es
	for i := r.alone; i < len(es); i++ {
		row := r.row(i)
		if row == unknown || !r.t.rules[row].excludes(&r.present, r.twice) {
			continue
		}
		if other := r.excluded(row, es[i].AI); other != "" && !r.reportElement(exclusive, i, "("+string(other)+")") {
			return
		}
	}
	if r.alone > 0 && es[0].AI == "01" {
		r.present.add(r.row(0))
	}
	for i := range es {
		row := r.row(i)
		if row == unknown || r.p.Unpaired || r.t.rules[row].satisfied(&r.present) {
			continue
		}
		if !r.reportElement(required, i, r.t.rows[row].needs()) {
			return
		}
	}
	if r.twice && !r.repeats() {
		return
	}
	r.signature()
}

// agree reports whether nothing is wrong with the AIs of a message, as far as that is to be seen without looking at each
// of them again.
func (r *reading) agree() bool {
	return r.alone == 0 && !r.twice && (r.needs&^r.gives == 0 || r.p.Unpaired) && r.bars&r.barred == 0 && r.flags&signed == 0
}

// excludes reports whether rows are present that exclude an AI of the rule. One of a range that came twice may be one that
// excludes the other.
func (u *rule) excludes(present *set, twice bool) bool {
	return u.ex.meets(present) || u.flags&exSelf != 0 && twice
}

// satisfied reports whether the req rules are met.
func (u *rule) satisfied(present *set) bool {
	for k := range u.req {
		if !u.req[k].met(present) {
			return false
		}
	}
	return true
}

// excluded returns the first AI that excludes the AI of the row, which does not exclude itself.
func (r *reading) excluded(row uint8, ai AI) AI {
	rule := &r.t.rules[row]
	for i, e := range r.es[r.alone:] {
		other := r.row(r.alone + i)
		if other == unknown && e.AI != separator {
			other = r.t.kin(e.AI)
		}
		if other != unknown && e.AI != ai && (rule.ex.has(other) || rule.flags&exSelf != 0 && other == row) {
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
	es := r.es[r.alone:]
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

// signature checks that a digital signature (AI 8030) stands with keys that are serialised.
func (r *reading) signature() {
	if row, _ := r.t.lookup("8030"); row == unknown || !r.present.has(row) {
		return
	}
	for i, e := range r.es {
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

// reportElement reports a fault of the whole element i, with what the reason names.
func (r *reading) reportElement(why reason, i int, other string) bool {
	at, n := r.locate(i)
	e := r.fault(why, r.es[i].AI, at+n, at, n)
	if other != "" {
		e.other = &other
	}
	return r.take(e)
}
