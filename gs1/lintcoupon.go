package gs1

import "strings"

// couponField is a field of a coupon code.
type couponField uint8

const (
	couponPrefix couponField = iota
	couponOffer
	couponSave
	couponBuy1
	couponBuy1Code
	couponBuy1Family
	couponRules
	couponBuy2
	couponBuy2Code
	couponBuy2Family
	couponBuy2Prefix
	couponBuy3
	couponBuy3Code
	couponBuy3Family
	couponBuy3Prefix
	couponExpires
	couponStarts
	couponSerial
	couponRetailer
	couponSaveCode
	couponSaveItem
	couponStoreFlag
	couponMultiplyFlag
	couponFormat
	couponFunder
	couponFields
)

var couponNames = [couponFields]string{
	"primary company prefix", "offer code", "save value", "primary purchase requirement",
	"primary purchase requirement code", "primary purchase family code", "additional purchase rules code",
	"second purchase requirement", "second purchase requirement code", "second purchase family code",
	"second purchase company prefix", "third purchase requirement", "third purchase requirement code",
	"third purchase family code", "third purchase company prefix", "expiration date", "start date", "serial number",
	"retailer company prefix or GLN", "save value code", "item that the save value applies to", "store coupon flag",
	"don't multiply flag", "format code", "funder",
}

// What may be wrong with a field; the reason is couponReasons + 4·field + one of these.
const (
	couponMissing reason = iota
	couponBadLength
	couponCutShort
	couponInvalid
)

func (f couponField) reason(what reason) reason { return couponReasons + 4*reason(f) + what }

// couponText is the reason in words.
func couponText(r reason) string {
	r -= couponReasons
	name := couponNames[r/4]
	switch r % 4 {
	case couponMissing:
		return "coupon: " + name + " is missing"
	case couponBadLength:
		return "coupon: length indicator of " + name + " is not allowed"
	case couponCutShort:
		return "coupon: " + name + " is cut short"
	}
	return "coupon: " + name + " is not allowed"
}

// coupon reads a coupon code from left to right and keeps the first fault.
type coupon struct {
	s  string
	at int
	f  fault
}

// fail sets the fault, unless there is one.
func (c *coupon) fail(why reason, at, of int) {
	if c.f.why == 0 {
		c.f = fault{why, at, of}
	}
}

func (c *coupon) ok() bool { return c.f.why == 0 }

// fixed takes a field of n digits and returns it.
func (c *coupon) fixed(f couponField, n int) string {
	switch rest := len(c.s) - c.at; {
	case !c.ok():
		return ""
	case rest == 0:
		c.fail(f.reason(couponCutShort), 0, len(c.s))
		return ""
	case rest < n:
		c.fail(f.reason(couponCutShort), c.at, rest)
		return ""
	}
	c.at += n
	return c.s[c.at-n : c.at]
}

// digit takes one digit, which must be among the allowed ones, and returns its value.
func (c *coupon) digit(f couponField, allowed string, what reason) int {
	switch {
	case !c.ok():
		return 0
	case c.at == len(c.s):
		c.fail(f.reason(couponMissing), 0, len(c.s))
		return 0
	case strings.IndexByte(allowed, c.s[c.at]) < 0:
		c.fail(f.reason(what), c.at, 1)
		return 0
	}
	c.at++
	return int(c.s[c.at-1] - '0')
}

// code takes a field of one digit.
func (c *coupon) code(f couponField, allowed string) { c.digit(f, allowed, couponInvalid) }

// sized takes a length indicator and as many digits as it says, plus more.
func (c *coupon) sized(f couponField, allowed string, more int) {
	if n := c.digit(f, allowed, couponBadLength); c.ok() {
		c.fixed(f, n+more)
	}
}

// otherPrefix takes the company prefix of a further purchase; the indicator 9 means that there is none.
func (c *coupon) otherPrefix(f couponField) {
	if n := c.digit(f, "01234569", couponBadLength); c.ok() && n != 9 {
		c.fixed(f, n+6)
	}
}

// option takes the indicator of an optional field, if it is next.
func (c *coupon) option(indicator byte) bool {
	if !c.ok() || c.at == len(c.s) || c.s[c.at] != indicator {
		return false
	}
	c.at++
	return true
}

// date takes a date and returns it.
func (c *coupon) date(f couponField) string {
	d := c.fixed(f, 6)
	if c.ok() && checkDate(d, 2, false).why != 0 {
		c.fail(f.reason(couponInvalid), c.at-6, 6)
	}
	return d
}

// end checks that nothing is left.
func (c *coupon) end() fault {
	if c.ok() && c.at < len(c.s) {
		c.fail(couponExcess, c.at, len(c.s)-c.at)
	}
	return c.f
}

const anyDigit = "0123456789"

// checkCouponCode checks AI 8110 (North American Coupon Application Guideline Using GS1 DataBar Expanded Symbols).
func checkCouponCode(s string) fault {
	if f := checkChars(s, numeric); f.why != 0 {
		return f
	}
	c := coupon{s: s}
	c.sized(couponPrefix, "0123456", 6)
	c.fixed(couponOffer, 6)
	c.sized(couponSave, "12345", 0)
	c.sized(couponBuy1, "12345", 0)
	c.code(couponBuy1Code, "012349")
	c.fixed(couponBuy1Family, 3)
	if c.option('1') {
		c.code(couponRules, "0123")
		c.sized(couponBuy2, "12345", 0)
		c.code(couponBuy2Code, "012349")
		c.fixed(couponBuy2Family, 3)
		c.otherPrefix(couponBuy2Prefix)
	}
	if c.option('2') {
		c.sized(couponBuy3, "12345", 0)
		c.code(couponBuy3Code, "012349")
		c.fixed(couponBuy3Family, 3)
		c.otherPrefix(couponBuy3Prefix)
	}
	expires := ""
	if c.option('3') {
		expires = c.date(couponExpires)
	}
	if c.option('4') {
		starts := c.date(couponStarts)
		if c.ok() && expires != "" && starts > expires {
			c.fail(couponNeverValid, c.at-14, 14)
		}
	}
	if c.option('5') {
		c.sized(couponSerial, anyDigit, 6)
	}
	if c.option('6') {
		c.sized(couponRetailer, "1234567", 6)
	}
	if c.option('9') {
		c.code(couponSaveCode, "01256")
		c.code(couponSaveItem, "012")
		c.code(couponStoreFlag, anyDigit)
		c.code(couponMultiplyFlag, "01")
	}
	return c.end()
}

// checkCouponPosOffer checks AI 8112 (GS1 AI (8112) Coupon Data Specification).
func checkCouponPosOffer(s string) fault {
	if f := checkChars(s, numeric); f.why != 0 {
		return f
	}
	c := coupon{s: s}
	c.code(couponFormat, "01")
	c.sized(couponFunder, "0123456", 6)
	c.fixed(couponOffer, 6)
	c.sized(couponSerial, anyDigit, 6)
	return c.end()
}
