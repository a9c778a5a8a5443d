package gs1

// ean parses the digits of an EAN/UPC symbol: the GTIN becomes AI 01 with 14 digits. A composite component may follow as
// a message of its own (General Specifications 5.1.2): its AIs are checked against each other, and may require AI 01.
func (r *reading) ean(c content, s string, at int) {
	n := component(s)
	number, rest := s[:n], s[n:]
	if c == eanAddOn || c == eanAndAdd {
		cut := 0
		if c == eanAndAdd {
			cut = min(13, n)
		}
		addOn := number[cut:]
		number = number[:cut]
		if (len(addOn) != 2 && len(addOn) != 5) || digits(addOn) < len(addOn) {
			r.report(badAddOn, "", at+cut, at+cut, len(addOn))
			return
		}
		r.addOn = addOn
		if c == eanAddOn && rest == "" {
			return
		}
	}
	if c != eanAddOn {
		want, zeros := 13, "0"
		if c == ean8 {
			want, zeros = 8, "000000"
		}
		if len(number) != want {
			r.report(eanLength, "", at, at, len(number))
			return
		}
		if !r.gtin(zeros+number, number, at) {
			return
		}
	}
	if rest == "" {
		r.pairs()
		return
	}
	rest, at = r.nextComponent(rest, at+n)
	r.alone = len(r.es)
	r.messages(rest, at)
}

// gtin adds AI 01 for the digits of a symbol.
func (r *reading) gtin(gtin, seen string, at int) bool {
	if i := digits(seen); i < len(seen) {
		return r.report(eanDigit, "01", at, at+i, 1)
	}
	if last := len(seen) - 1; checkDigit(seen[:last]) != seen[last] && !r.report(eanCheckDigit, "01", at, at+last, 1) {
		return false
	}
	row, _ := r.t.lookup("01")
	r.note(row, at)
	r.es = append(r.es, Element{"01", gtin})
	return true
}
