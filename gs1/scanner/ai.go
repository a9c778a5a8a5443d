package scanner

import (
	"strings"
	"sync"

	"github.com/dauvet/dauvet/gs1"
)

// An aiRule says where an element may end, and how likely its AI is to come.
// It is a sieve: package gs1 has the last word on every element.
type aiRule struct {
	from, to string // range of AIs
	length   uint8  // of the AI
	min, max uint8  // of the value
	digits   bool
	fixed    bool // no separator behind it (GS1 General Specifications figure 7.8.5-2)
	cost     int  // of the AI in tenths of nats: how rare it is, as a guess
}

// aiRules follow the GS1 Barcode Syntax Dictionary, release 2026-01-27. Ranges
// may hold AIs that do not exist.
var aiRules = []aiRule{
	{"00", "00", 2, 18, 18, true, true, 20},
	{"01", "01", 2, 14, 14, true, true, 3},
	{"02", "02", 2, 14, 14, true, true, 30},
	{"03", "03", 2, 14, 14, true, true, 80},
	{"10", "10", 2, 1, 20, false, false, 7},
	{"11", "11", 2, 6, 6, true, true, 25},
	{"12", "12", 2, 6, 6, true, true, 110},
	{"13", "13", 2, 6, 6, true, true, 40},
	{"15", "15", 2, 6, 6, true, true, 25},
	{"16", "16", 2, 6, 6, true, true, 60},
	{"17", "17", 2, 6, 6, true, true, 8},
	{"20", "20", 2, 2, 2, true, true, 80},
	{"21", "21", 2, 1, 20, false, false, 8},
	{"22", "22", 2, 1, 20, false, false, 85},
	{"30", "30", 2, 1, 8, true, false, 55},
	{"37", "37", 2, 1, 8, true, false, 25},
	{"90", "90", 2, 1, 30, false, false, 90},
	{"91", "99", 2, 1, 90, false, false, 90},

	{"235", "235", 3, 1, 28, false, false, 90},
	{"240", "241", 3, 1, 30, false, false, 76},
	{"242", "242", 3, 1, 6, true, false, 90},
	{"243", "243", 3, 1, 20, false, false, 90},
	{"250", "251", 3, 1, 30, false, false, 90},
	{"253", "253", 3, 13, 30, false, false, 60},
	{"254", "254", 3, 1, 20, false, false, 30},
	{"255", "255", 3, 13, 25, true, false, 60},
	{"400", "401", 3, 1, 30, false, false, 76},
	{"402", "402", 3, 17, 17, true, false, 76},
	{"403", "403", 3, 1, 30, false, false, 90},
	{"410", "417", 3, 13, 13, true, true, 60},
	{"420", "420", 3, 1, 20, false, false, 90},
	{"421", "421", 3, 4, 12, false, false, 90},
	{"422", "422", 3, 3, 3, true, false, 90},
	{"423", "423", 3, 3, 15, true, false, 95},
	{"424", "424", 3, 3, 3, true, false, 95},
	{"425", "425", 3, 3, 15, true, false, 95},
	{"426", "426", 3, 3, 3, true, false, 95},
	{"427", "427", 3, 1, 3, false, false, 95},
	{"710", "717", 3, 1, 20, false, false, 76},

	{"3100", "3105", 4, 6, 6, true, true, 60},
	{"3110", "3695", 4, 6, 6, true, true, 110},
	{"3900", "3939", 4, 1, 18, true, false, 110},
	{"3940", "3943", 4, 4, 4, true, false, 110},
	{"3950", "3955", 4, 6, 6, true, false, 110},
	{"4300", "4320", 4, 1, 70, false, false, 110},
	{"4321", "4323", 4, 1, 1, true, false, 110},
	{"4324", "4325", 4, 10, 10, true, false, 110},
	{"4326", "4326", 4, 6, 6, true, false, 110},
	{"4330", "4333", 4, 6, 7, false, false, 110},
	{"7001", "7001", 4, 13, 13, true, false, 110},
	{"7002", "7002", 4, 1, 30, false, false, 110},
	{"7003", "7003", 4, 10, 10, true, false, 100},
	{"7004", "7004", 4, 1, 4, true, false, 110},
	{"7005", "7005", 4, 1, 12, false, false, 110},
	{"7006", "7006", 4, 6, 6, true, false, 110},
	{"7007", "7007", 4, 6, 12, true, false, 110},
	{"7008", "7008", 4, 1, 3, false, false, 110},
	{"7009", "7009", 4, 1, 10, false, false, 110},
	{"7010", "7010", 4, 1, 2, false, false, 110},
	{"7011", "7011", 4, 6, 10, true, false, 110},
	{"7020", "7023", 4, 1, 30, false, false, 110},
	{"7030", "7039", 4, 4, 30, false, false, 110},
	{"7040", "7041", 4, 1, 4, false, false, 110},
	{"7230", "7239", 4, 3, 30, false, false, 110},
	{"7240", "7242", 4, 1, 25, false, false, 110},
	{"7250", "7259", 4, 1, 90, false, false, 110},
	{"8001", "8001", 4, 14, 14, true, false, 110},
	{"8002", "8002", 4, 1, 20, false, false, 110},
	{"8003", "8003", 4, 14, 30, false, false, 90},
	{"8004", "8004", 4, 1, 30, false, false, 90},
	{"8005", "8005", 4, 6, 6, true, false, 110},
	{"8006", "8006", 4, 18, 18, true, false, 90},
	{"8007", "8007", 4, 1, 34, false, false, 110},
	{"8008", "8008", 4, 8, 12, true, false, 100},
	{"8009", "8009", 4, 1, 50, false, false, 110},
	{"8010", "8010", 4, 1, 30, false, false, 90},
	{"8011", "8011", 4, 1, 12, true, false, 110},
	{"8012", "8012", 4, 1, 20, false, false, 110},
	{"8013", "8014", 4, 1, 25, false, false, 90},
	{"8017", "8018", 4, 18, 18, true, false, 90},
	{"8019", "8019", 4, 1, 10, true, false, 110},
	{"8020", "8020", 4, 1, 25, false, false, 90},
	{"8026", "8026", 4, 18, 18, true, false, 110},
	{"8030", "8030", 4, 1, 90, false, false, 110},
	{"8040", "8041", 4, 15, 15, true, false, 110},
	{"8042", "8042", 4, 32, 32, true, false, 110},
	{"8043", "8043", 4, 18, 20, true, false, 110},
	{"8110", "8110", 4, 1, 70, false, false, 110},
	{"8111", "8111", 4, 4, 4, true, false, 110},
	{"8112", "8112", 4, 1, 70, false, false, 110},
	{"8200", "8200", 4, 1, 70, false, false, 110},
}

// rulesByPrefix holds the rules by the first two digits of the AI.
var rulesByPrefix = sync.OnceValue(func() *[100][]*aiRule {
	var t [100][]*aiRule
	for i := range aiRules {
		r := &aiRules[i]
		for n := prefix(r.from); n <= prefix(r.to); n++ {
			t[n] = append(t[n], r)
		}
	}
	return &t
})

func prefix(ai string) int { return int(ai[0]-'0')*10 + int(ai[1]-'0') }

// lookupAI returns the rule of the AI that s begins with, or nil.
func lookupAI(s string) *aiRule {
	if len(s) < 2 || s[0]-'0' > 9 || s[1]-'0' > 9 {
		return nil
	}
	for _, r := range rulesByPrefix()[prefix(s)] {
		n := int(r.length)
		if len(s) < n || s[:n] < r.from || s[:n] > r.to || n > 2 && s[2]-'0' > 9 || n > 3 && s[3]-'0' > 9 {
			continue
		}
		return r
	}
	return nil
}

// isPack reports whether a message is that of a pack with expiry and batch or
// serial number, and needs nothing else.
func isPack(m *gs1.Message) bool {
	_, gtin := m.Value("01")
	_, expiry := m.Value("17")
	_, batch := m.Value("10")
	_, serial := m.Value("21")
	return gtin && expiry && (batch || serial)
}

// aiCost returns the cost of an AI under the profile. On a pack the AIs for
// internal use are rarer than elsewhere.
func (in *interpreter) aiCost(r *aiRule, ai string) int {
	cost := r.cost
	if ai[0] == '9' && !in.pack {
		cost = 50
	}
	if len(in.p.Expect) > 0 {
		if in.unexpected(ai) {
			return cost + 30
		}
		return min(cost, 8)
	}
	return cost
}

// valueCost returns how unlikely a value is, by the smallest alphabet that has
// all its characters.
func valueCost(r *aiRule, v string) int {
	if r.fixed && r.max == 6 && r.length == 2 {
		return 80 // a date
	}
	if r.max == 14 && r.fixed {
		v = strings.TrimLeft(v[:13], "0") // the check digit follows from the rest
	}
	upper, lower, digits, other := false, false, false, false
	for i := range len(v) {
		switch c := v[i]; {
		case '0' <= c && c <= '9':
			digits = true
		case 'A' <= c && c <= 'Z':
			upper = true
		case 'a' <= c && c <= 'z':
			lower = true
		default:
			other = true
		}
	}
	n := len(v)
	switch {
	case other:
		return 44*n + 30
	case upper && lower:
		return 41*n + 15
	case (upper || lower) && digits:
		return 36*n + 7
	case upper || lower:
		return 33*n + 7
	}
	return 23*n + 10
}

// messageCost returns how unlikely a message is.
func (in *interpreter) messageCost(m *gs1.Message) int {
	cost := 0
	for _, e := range m.Elements {
		if r := lookupAI(string(e.AI)); r != nil {
			cost += in.aiCost(r, string(e.AI)) + valueCost(r, e.Value)
		}
	}
	for _, ai := range in.p.Expect {
		if _, ok := m.Value(ai); !ok {
			cost += 20
		}
	}
	return cost
}
