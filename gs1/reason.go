package gs1

// reason is why data are refused, finer than the kind of the error.
type reason uint8

const (
	_ reason = iota

	// The message as a whole.
	notGS1
	emptyMessage
	badAddOn
	eanLength
	eanDigit
	eanCheckDigit
	noAIHere
	unknownAI
	noBracket
	noClosingBracket
	badURICharacter
	noScheme
	noHost
	badHost
	noKeyInPath
	badQualifiers
	belongsInPath
	notAttribute
	noKey
	nulInValue
	badURN
	noURN

	// The length of a value.
	emptyValue
	tooShort
	tooLong
	dateTooShort
	dateTooLong
	badComponentLength

	// How AIs go together.
	exclusive
	required
	differs
	repeated
	needsSerial

	// The characters of a component.
	notDigit
	notCSet82
	notCSet39
	notCSet64
	caret
	badPadding

	// Its check digit.
	badCheckDigit
	badCheckPair
	badIBAN

	// Its meaning.
	tooShortForPair
	tooLongForPair
	tooShortForPrefix
	badPrefix
	needsNonDigit
	badMonth
	badDay
	timeLength
	badHour
	badMinute
	badSecond
	notCountry
	notCountryOr999
	notCountry2
	notCurrency
	notSex
	ibanLength
	notIBANCountry
	notIBANCharacter
	angleLength
	badLatitude
	badLongitude
	notMediaType
	notPackageType
	badImporterIndex
	oddPieces
	zeroPiece
	zeroPieces
	pieceBeyondTotal
	badSequence
	positionBeyondEnd
	badPercent
	isZero
	zeroPrefix
	notZero
	notYesNo
	badWinding
	notHyphen
	couponNeverValid
	couponExcess
	couponReasons // of couponField.reason; the last
)

// kind is the sentinel of the reason.
func (r reason) kind() error {
	switch {
	case r == notGS1 || r == noKeyInPath:
		return ErrNotGS1
	case r == noAIHere || r == unknownAI:
		return ErrUnknownAI
	case r == badURICharacter || r == noScheme || r == noHost || r == badHost || r == noBracket || r == noClosingBracket ||
		r == badURN || r == noURN:
		return ErrSyntax
	case r == badQualifiers || r == belongsInPath || r == notAttribute || r == noKey:
		return ErrDigitalLink
	case r == eanDigit || r == nulInValue || r >= notDigit && r <= badPadding:
		return ErrCharacter
	case r == eanLength || r == emptyMessage || r == badAddOn || r >= emptyValue && r <= badComponentLength:
		return ErrLength
	case r == exclusive:
		return ErrExclusive
	case r == required || r == needsSerial:
		return ErrRequired
	case r == differs || r == repeated:
		return ErrRepeated
	case r.isCheck():
		return ErrCheckDigit
	}
	return ErrValue
}

// isCheck reports whether the kind is ErrCheckDigit.
func (r reason) isCheck() bool { return r == eanCheckDigit || r >= badCheckDigit && r <= badIBAN }

// text is the reason in words. Those of exclusive and required end with the AIs in question.
func (r reason) text() string {
	if r >= couponReasons {
		return couponText(r)
	}
	return reasonTexts[r]
}

var reasonTexts = [couponReasons]string{
	notGS1:             "not GS1 data",
	emptyMessage:       "no data",
	badAddOn:           "an add-on has 2 or 5 digits",
	eanLength:          "wrong number of digits for the symbology",
	eanDigit:           "not a digit",
	eanCheckDigit:      "check digit is wrong",
	noAIHere:           "no known AI begins here",
	unknownAI:          "unknown AI",
	noBracket:          `want "(" before an AI`,
	noClosingBracket:   `want ")" after an AI`,
	badURICharacter:    "character is not allowed in a URI",
	noScheme:           "want http:// or https://",
	noHost:             "want a host and a path",
	badHost:            "character is not allowed in a host",
	noKeyInPath:        "no GS1 key in the path",
	badQualifiers:      "path is no key with its qualifiers in order",
	belongsInPath:      "belongs into the path",
	notAttribute:       "is no attribute of a Digital Link",
	noKey:              "no primary key of a Digital Link",
	nulInValue:         "NUL in the value",
	badURN:             "components do not make a key",
	noURN:              "no EPC URN for this key and length of company prefix",
	emptyValue:         "value is empty",
	tooShort:           "value is too short",
	tooLong:            "value is too long",
	badComponentLength: "component has not its length",
	exclusive:          "must not stand beside ",
	required:           "needs beside it: ",
	differs:            "repeated with another value",
	repeated:           "repeated",
	needsSerial:        "digital signature needs the serial component",
	notDigit:           "not a digit",
	notCSet82:          "character is not in set 82",
	notCSet39:          "character is not in set 39",
	notCSet64:          "character is not in set 64",
	caret:              "^ is no FNC1",
	badPadding:         "wrong padding of set 64",
	badCheckDigit:      "check digit is wrong",
	badCheckPair:       "check character pair is wrong",
	badIBAN:            "check digits of the IBAN are wrong",
	tooShortForPair:    "too short for a check character pair",
	tooLongForPair:     "too long for a check character pair",
	tooShortForPrefix:  "too short for a GS1 Company Prefix",
	badPrefix:          "GS1 Company Prefix has a character that is no digit",
	needsNonDigit:      "needs a character that is no digit",
	dateTooShort:       "date is too short",
	dateTooLong:        "date is too long",
	badMonth:           "month is not 01 to 12",
	badDay:             "month has no such day",
	timeLength:         "time has not its length",
	badHour:            "hour is not 00 to 23",
	badMinute:          "minute is not 00 to 59",
	badSecond:          "second is not 00 to 59",
	notCountry:         "no country code of ISO 3166",
	notCountryOr999:    "neither a country code of ISO 3166 nor 999",
	notCountry2:        "no alpha-2 country code of ISO 3166",
	notCurrency:        "no currency code of ISO 4217",
	notSex:             "no code of ISO/IEC 5218",
	ibanLength:         "an IBAN has 11 to 34 characters",
	notIBANCountry:     "IBAN begins with no country code",
	notIBANCharacter:   "character is not allowed in an IBAN",
	angleLength:        "want 10 digits",
	badLatitude:        "latitude is above 1800000000",
	badLongitude:       "longitude is above 3600000000",
	notMediaType:       "no AIDC media type",
	notPackageType:     "no package type code",
	badImporterIndex:   "importer index is one character of set 64",
	oddPieces:          "want a piece number and a count of the same length",
	zeroPiece:          "piece number is zero",
	zeroPieces:         "count of pieces is zero",
	pieceBeyondTotal:   "piece number is above the count",
	badSequence:        "want position/end",
	positionBeyondEnd:  "position is above the end",
	badPercent:         "want two hexadecimal digits after %",
	isZero:             "is zero",
	zeroPrefix:         "begins with zero",
	notZero:            "want zero",
	notYesNo:           "want 0 or 1",
	badWinding:         "want 0, 1 or 9",
	notHyphen:          "want a hyphen",
	couponNeverValid:   "coupon: expires before it starts",
	couponExcess:       "coupon: data are left over",
}
