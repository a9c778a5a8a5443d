package gs1

import (
	"strings"
	"testing"
)

// lintReasons are the reasons that the names of the engine's linter errors map onto.
var lintReasons = map[string]reason{
	"NON_DIGIT_CHARACTER": notDigit, "INVALID_CSET82_CHARACTER": notCSet82, "INVALID_CSET39_CHARACTER": notCSet39,
	"INVALID_CSET64_CHARACTER": notCSet64, "INVALID_CSET64_PADDING": badPadding, "INCORRECT_CHECK_DIGIT": badCheckDigit,
	"INCORRECT_CHECK_PAIR": badCheckPair, "TOO_SHORT_FOR_CHECK_PAIR": tooShortForPair,
	"TOO_LONG_FOR_CHECK_PAIR_IMPLEMENTATION": tooLongForPair, "INVALID_GCP_PREFIX": badPrefix,
	"TOO_SHORT_FOR_GCP": tooShortForPrefix, "REQUIRES_NON_DIGIT_CHARACTER": needsNonDigit, "DATE_TOO_SHORT": dateTooShort,
	"DATE_TOO_LONG": dateTooLong, "ILLEGAL_MONTH": badMonth, "ILLEGAL_DAY": badDay, "ILLEGAL_HOUR": badHour,
	"ILLEGAL_MINUTE": badMinute, "ILLEGAL_SECOND": badSecond, "HOUR_TOO_SHORT": timeLength, "HOUR_TOO_LONG": timeLength,
	"MINUTE_TOO_SHORT": timeLength, "MINUTE_TOO_LONG": timeLength, "SECOND_TOO_SHORT": timeLength,
	"SECOND_TOO_LONG": timeLength, "HOUR_WITH_MINUTE_TOO_SHORT": timeLength, "HOUR_WITH_MINUTE_TOO_LONG": timeLength,
	"NOT_ISO3166": notCountry, "NOT_ISO3166_OR_999": notCountryOr999, "NOT_ISO3166_ALPHA2": notCountry2,
	"NOT_ISO4217": notCurrency, "INVALID_BIOLOGICAL_SEX_CODE": notSex, "IBAN_TOO_SHORT": ibanLength,
	"IBAN_TOO_LONG": ibanLength, "ILLEGAL_IBAN_COUNTRY_CODE": notIBANCountry, "INVALID_IBAN_CHARACTER": notIBANCharacter,
	"INCORRECT_IBAN_CHECKSUM": badIBAN, "LATITUDE_INVALID_LENGTH": angleLength, "LONGITUDE_INVALID_LENGTH": angleLength,
	"INVALID_LATITUDE": badLatitude, "INVALID_LONGITUDE": badLongitude, "INVALID_MEDIA_TYPE": notMediaType,
	"INVALID_PACKAGE_TYPE": notPackageType, "INVALID_IMPORT_IDX_CHARACTER": badImporterIndex,
	"IMPORTER_IDX_MUST_BE_ONE_CHARACTER": badImporterIndex, "INVALID_LENGTH_FOR_PIECE_OF_TOTAL": oddPieces,
	"ZERO_PIECE_NUMBER": zeroPiece, "ZERO_TOTAL_PIECES": zeroPieces, "PIECE_NUMBER_EXCEEDS_TOTAL": pieceBeyondTotal,
	"POSITION_IN_SEQUENCE_MALFORMED": badSequence, "POSITION_EXCEEDS_END": positionBeyondEnd,
	"INVALID_PERCENT_SEQUENCE": badPercent, "ILLEGAL_ZERO_VALUE": isZero, "ILLEGAL_ZERO_PREFIX": zeroPrefix,
	"NOT_ZERO": notZero, "NOT_ZERO_OR_ONE": notYesNo, "INVALID_WINDING_DIRECTION": badWinding, "NOT_HYPHEN": notHyphen,
	"COUPON_EXPIRATION_BEFORE_START": couponNeverValid, "COUPON_EXCESS_DATA": couponExcess,
}

// couponFieldsByName are the fields of coupons by the names in the engine's errors.
var couponFieldsByName = map[string]couponField{
	"GCP": couponPrefix, "OFFER_CODE": couponOffer, "SAVE_VALUE": couponSave, "1ST_PURCHASE_REQUIREMENT": couponBuy1,
	"1ST_PURCHASE_FAMILY_CODE": couponBuy1Family, "ADDITIONAL_PURCHASE_RULES_CODE": couponRules,
	"2ND_PURCHASE_REQUIREMENT": couponBuy2, "2ND_PURCHASE_FAMILY_CODE": couponBuy2Family,
	"2ND_PURCHASE_GCP": couponBuy2Prefix, "3RD_PURCHASE_REQUIREMENT": couponBuy3,
	"3RD_PURCHASE_FAMILY_CODE": couponBuy3Family, "3RD_PURCHASE_GCP": couponBuy3Prefix,
	"EXPIRATION_DATE": couponExpires, "EXIPIRATION_DATE": couponExpires, "START_DATE": couponStarts,
	"SERIAL_NUMBER": couponSerial, "RETAILER_GCP_OR_GLN": couponRetailer, "SAVE_VALUE_CODE": couponSaveCode,
	"SAVE_VALUE_APPLIES_TO_ITEM": couponSaveItem, "STORE_COUPON_FLAG": couponStoreFlag,
	"DONT_MULTIPLY_FLAG": couponMultiplyFlag, "FORMAT_CODE": couponFormat, "FUNDER": couponFunder,
	"1ST_PURCHASE_REQUIREMENT_CODE": couponBuy1Code, "2ND_PURCHASE_REQUIREMENT_CODE": couponBuy2Code,
	"3RD_PURCHASE_REQUIREMENT_CODE": couponBuy3Code,
}

func init() {
	for prefix, what := range map[string]reason{
		"MISSING_": couponMissing, "INVALID_": couponInvalid, "TRUNCATED_": couponCutShort, "TOO_SHORT_FOR_": couponCutShort,
	} {
		for name, field := range couponFieldsByName {
			lintReasons["COUPON_"+prefix+name] = field.reason(what)
			switch prefix {
			case "MISSING_":
				lintReasons["COUPON_MISSING_"+name+"_VLI"] = field.reason(what)
			case "INVALID_":
				lintReasons["COUPON_INVALID_"+name+"_LENGTH"] = field.reason(couponBadLength)
			}
		}
	}
}

// lintsOfTests are the linters of the dictionary that no AI uses, and those that are character sets.
var lintsOfTests = map[string]func(string) fault{
	"csetnumeric": func(s string) fault { return checkChars(s, numeric) },
	"cset82":      func(s string) fault { return checkChars(s, cset82) },
	"cset39":      func(s string) fault { return checkChars(s, cset39) },
	"cset64":      func(s string) fault { return checkChars(s, cset64) },
	"yyyymmd0":    func(s string) fault { return checkDate(s, 4, true) },
}

// stubs are linters that the dictionary keeps for old users; they accept everything.
const stubs = " hhmm key keyoff1 mm mmoptss yymmddhh iso3166list latlong "

func TestLint(t *testing.T) {
	n := 0
	eachVector(t, "lint.dev.jsonl", func(t *testing.T, v *vector) {
		check := lintsOfTests[v.Linter]
		if l, ok := lints[v.Linter]; ok {
			check = l.apply
		}
		if check == nil && strings.Contains(stubs, " "+v.Linter+" ") {
			check = func(string) fault { return fault{} }
		}
		if check == nil {
			t.Fatalf("linter %s", v.Linter)
		}
		want := fault{lintReasons[v.ExpectError], v.ErrorPos, v.ErrorLen}
		if !v.ExpectOK && want.why == 0 {
			t.Fatalf("error %s has no reason", v.ExpectError)
		}
		if got := check(v.input()); got != want {
			t.Errorf("%s(%q) = %v, want %v (%s)", v.Linter, v.input(), got, want, v.ExpectError)
		}
		n++
	})
	t.Logf("%d vectors", n)
}
