package gs1

import (
	"strings"
	"testing"
)

// TestLintCases holds what each check takes and refuses, and where it finds the fault.
func TestLintCases(t *testing.T) {
	coupon := "0" + "123456" + "654321" + "1" + "5" + "1" + "2" + "0" + "123" // to the end of the primary purchase
	for _, c := range []struct {
		name   string
		accept []string
		refuse map[string]fault
	}{
		{"csum", []string{"8935000000007", "08935000000007", "340123451111111111"}, map[string]fault{
			"8935000000008": {badCheckDigit, 12, 1}, "893500x000007": {notDigit, 6, 1}, "": {badCheckDigit, 0, 0}}},
		{"csumalpha", []string{"1987654Ad4X4bL5ttr2310c2K", "22"}, map[string]fault{
			"": {tooShortForPair, 0, 0}, "2": {tooShortForPair, 0, 1}, strings.Repeat("1", 100): {tooLongForPair, 0, 100},
			"1 22": {notCSet82, 1, 1}, "123": {badCheckPair, 1, 2}, "1987654Ad4X4bL5ttr2310c22": {badCheckPair, 23, 2}}},
		{"gcppos1", []string{"0123", "01234A"}, map[string]fault{"012": {tooShortForPrefix, 0, 3}, "01A3": {badPrefix, 2, 1}}},
		{"gcppos2", []string{"X0123"}, map[string]fault{"": {tooShortForPrefix, 0, 0}, "X": {tooShortForPrefix, 0, 1},
			"X012": {tooShortForPrefix, 1, 3}, "X0A23": {badPrefix, 2, 1}}},
		{"hasnondigit", []string{"A", "1A", "1-"}, map[string]fault{"": {needsNonDigit, 0, 0}, "123456789": {needsNonDigit, 0, 9}}},
		{"yymmd0", []string{"271231", "270200", "280229", "000229", "270430"}, map[string]fault{
			"27123": {dateTooShort, 0, 5}, "2712311": {dateTooLong, 0, 7}, "27x231": {notDigit, 2, 1}, "271331": {badMonth, 2, 2},
			"270031": {badMonth, 2, 2}, "270229": {badDay, 4, 2}, "270431": {badDay, 4, 2}, "270132": {badDay, 4, 2}}},
		{"yymmdd", []string{"271231"}, map[string]fault{"271200": {badDay, 4, 2}}},
		{"yyyymmdd", []string{"20280229", "20000229"}, map[string]fault{"21000229": {badDay, 6, 2}, "20271331": {badMonth, 4, 2}}},
		{"hh", []string{"00", "23"}, map[string]fault{"24": {badHour, 0, 2}, "1": {timeLength, 0, 1}, "1x": {notDigit, 1, 1}}},
		{"mi", []string{"59"}, map[string]fault{"60": {badMinute, 0, 2}}},
		{"ss", []string{"59"}, map[string]fault{"60": {badSecond, 0, 2}}},
		{"hhmi", []string{"0000", "2359"}, map[string]fault{"2400": {badHour, 0, 2}, "2360": {badMinute, 2, 2}, "9999": {badHour, 0, 2},
			"235": {timeLength, 0, 3}, "23x9": {notDigit, 2, 1}}},
		{"iso3166", []string{"004", "704", "894"}, map[string]fault{"000": {notCountry, 0, 3}, "999": {notCountry, 0, 3}, "70": {notCountry, 0, 2},
			"7A4": {notCountry, 0, 3}}},
		{"iso3166999", []string{"704", "999"}, map[string]fault{"998": {notCountryOr999, 0, 3}}},
		{"iso3166alpha2", []string{"VN", "AD", "ZW"}, map[string]fault{"VV": {notCountry2, 0, 2}, "vn": {notCountry2, 0, 2},
			"V": {notCountry2, 0, 1}, "XX": {notCountry2, 0, 2}, "1N": {notCountry2, 0, 2}}},
		{"iso4217", []string{"704", "978", "396"}, map[string]fault{"191": {notCurrency, 0, 3}, "000": {notCurrency, 0, 3}}},
		{"iso5218", []string{"0", "1", "2", "9"}, map[string]fault{"3": {notSex, 0, 1}}},
		{"iban", []string{"DE91100000000123456789", "MU43BOMM0101123456789101000MUR"}, map[string]fault{
			"DE9": {ibanLength, 0, 3}, "DE91100000": {ibanLength, 0, 10}, "DE91" + strings.Repeat("1", 31): {ibanLength, 0, 35},
			"XX91100000000123456789": {notIBANCountry, 0, 2}, "DE91100000000123456780": {badIBAN, 2, 2},
			"DE9110000000012345678a": {notIBANCharacter, 21, 1}}},
		{"latitude", []string{"0000000000", "1800000000"}, map[string]fault{"1800000001": {badLatitude, 0, 10}, "18": {angleLength, 0, 2},
			"18000000x0": {notDigit, 8, 1}}},
		{"longitude", []string{"3600000000"}, map[string]fault{"3600000001": {badLongitude, 0, 10}}},
		{"mediatype", []string{"01", "10", "80", "99"}, map[string]fault{"00": {notMediaType, 0, 2}, "11": {notMediaType, 0, 2},
			"79": {notMediaType, 0, 2}, "1": {notMediaType, 0, 1}, "1x": {notMediaType, 0, 2}}},
		{"packagetype", []string{"8", "9", "1A", "43", "200", "APE", "BGE", "X11", "X3", "ZZ", "CT"}, map[string]fault{
			"": {notPackageType, 0, 0}, "0": {notPackageType, 0, 1}, "AP1": {notPackageType, 0, 3}, "X": {notPackageType, 0, 1}}},
		{"importeridx", []string{"A", "z", "0", "-", "_"}, map[string]fault{"": {badImporterIndex, 0, 0}, "=": {badImporterIndex, 0, 1},
			"AA": {badImporterIndex, 0, 2}, "é": {badImporterIndex, 0, 2}}},
		{"pieceoftotal", []string{"0102", "0202", "11"}, map[string]fault{"": {oddPieces, 0, 0}, "010": {oddPieces, 0, 3},
			"0002": {zeroPiece, 0, 2}, "0200": {zeroPieces, 2, 2}, "0302": {pieceBeyondTotal, 0, 4}, "0x02": {notDigit, 1, 1}}},
		{"posinseqslash", []string{"1/1", "9/10", "10/10"}, map[string]fault{"": {badSequence, 0, 0}, "/1": {badSequence, 0, 2},
			"1/": {badSequence, 0, 2}, "11": {badSequence, 0, 2}, "1/x": {badSequence, 0, 3}, "01/2": {zeroPrefix, 0, 2},
			"1/02": {zeroPrefix, 2, 2}, "2/1": {positionBeyondEnd, 0, 3}, "10/9": {positionBeyondEnd, 0, 4}}},
		{"pcenc", []string{"", "A", "%41", "a%fFb"}, map[string]fault{"%": {badPercent, 0, 1}, "a%4": {badPercent, 1, 2},
			"a%4gx": {badPercent, 1, 3}}},
		{"nonzero", []string{"1", "010"}, map[string]fault{"0": {isZero, 0, 1}, "000": {isZero, 0, 3}, "1x": {notDigit, 1, 1}}},
		{"nozeroprefix", []string{"1", "10", ""}, map[string]fault{"0": {zeroPrefix, 0, 1}, "001": {zeroPrefix, 0, 1}, "1x": {notDigit, 1, 1}}},
		{"zero", []string{"0", "000"}, map[string]fault{"": {notZero, 0, 0}, "01": {notZero, 0, 2}}},
		{"yesno", []string{"0", "1"}, map[string]fault{"2": {notYesNo, 0, 1}}},
		{"winding", []string{"0", "1", "9"}, map[string]fault{"2": {badWinding, 0, 1}}},
		{"hyphen", []string{"-", "--"}, map[string]fault{"": {notHyphen, 0, 0}, "-x": {notHyphen, 0, 2}}},
		{"cset64", []string{"", "ab-_", "ab=", "a=="}, map[string]fault{"===": {badPadding, 0, 3}, "abc=": {badPadding, 3, 1},
			"a+b": {notCSet64, 1, 1}}},
		{"cset39", []string{"AZ09#-/"}, map[string]fault{"Aa": {notCSet39, 1, 1}}},
		{"yyyymmd0", []string{"20271200"}, map[string]fault{"2027120": {dateTooShort, 0, 7}}},
		{"couponcode", []string{coupon, coupon + "1" + "2" + "1" + "5" + "9" + "456" + "9",
			coupon + "1" + "0" + "1" + "5" + "0" + "456" + "0123456" + "2" + "1" + "5" + "0" + "789" + "1" + "1234567",
			coupon + "3271231" + "4270101" + "50123456" + "61" + "1234567" + "90101"},
			map[string]fault{
				"":                                  {couponPrefix.reason(couponMissing), 0, 0},
				"x":                                 {notDigit, 0, 1},
				"7":                                 {couponPrefix.reason(couponBadLength), 0, 1},
				"0":                                 {couponPrefix.reason(couponCutShort), 0, 1},
				"012":                               {couponPrefix.reason(couponCutShort), 1, 2},
				coupon[:7]:                          {couponOffer.reason(couponCutShort), 0, 7},
				coupon + "1":                        {couponRules.reason(couponMissing), 0, len(coupon) + 1},
				coupon + "14":                       {couponRules.reason(couponInvalid), len(coupon) + 1, 1},
				coupon + "3271331":                  {couponExpires.reason(couponInvalid), len(coupon) + 1, 6},
				coupon + "3270101" + "4271231":      {couponNeverValid, len(coupon), 14},
				coupon + "9032":                     {couponSaveItem.reason(couponInvalid), len(coupon) + 2, 1},
				coupon + "8":                        {couponExcess, len(coupon), 1},
				coupon + "1" + "215" + "9456" + "7": {couponBuy2Prefix.reason(couponBadLength), len(coupon) + 8, 1},
			}},
		{"couponposoffer", []string{"0" + "0" + "123456" + "654321" + "0" + "123456"}, map[string]fault{
			"":                            {couponFormat.reason(couponMissing), 0, 0},
			"x":                           {notDigit, 0, 1},
			"2":                           {couponFormat.reason(couponInvalid), 0, 1},
			"00" + "123456" + "6543210":   {couponSerial.reason(couponCutShort), 0, 15},
			"00123456654321" + "01234567": {couponExcess, 21, 1},
		}},
	} {
		check := lintsOfTests[c.name]
		if l, ok := lints[c.name]; ok {
			check = l.apply
		}
		for _, s := range c.accept {
			if f := check(s); f.why != 0 {
				t.Errorf("%s(%q) = %v (%s), want none", c.name, s, f, f.why.text())
			}
		}
		for s, want := range c.refuse {
			got := check(s)
			if got != want {
				t.Errorf("%s(%q) = %v, want %v", c.name, s, got, want)
			}
			if got.why.text() == "" || got.why.kind() == nil {
				t.Errorf("%s(%q): reason %d has no text or kind", c.name, s, got.why)
			}
		}
	}
}

// TestReasons holds that every reason has a text, and one only.
func TestReasons(t *testing.T) {
	seen := map[string]reason{}
	for r := notGS1; r < couponFields.reason(0); r++ {
		text := r.text()
		if text == "" || strings.HasSuffix(text, ".") || text[0] >= 'A' && text[0] <= 'Z' && !strings.HasPrefix(text, "GS1") &&
			!strings.HasPrefix(text, "IBAN") && !strings.HasPrefix(text, "NUL") {
			t.Errorf("reason %d: text %q", r, text)
		}
		if other, ok := seen[text]; ok && other.kind() != r.kind() {
			t.Errorf("reasons %d and %d are both %q", other, r, text)
		}
		seen[text] = r
	}
}
