package datamatrix

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Extended channel interpretations by their numbers (AIM ITS/04-023): what characters the bytes are.
const (
	eciNone    = -1 // none was given: ISO/IEC 8859-1, the default of ISO/IEC 16022
	eciUTF16BE = 25
	eciUTF8    = 26
	eciUTF16LE = 33
	eciUTF32BE = 34
	eciUTF32LE = 35
	eciBinary  = 899
)

// decodeText writes bytes under an ECI as UTF-8. What is no character there, or not known here, becomes U+FFFD.
func decodeText(b *strings.Builder, raw []byte, eci int) {
	switch eci {
	case eciUTF8:
		b.WriteString(strings.ToValidUTF8(string(raw), "\ufffd"))
	case eciUTF16BE, eciUTF16LE:
		var units []uint16
		for ; len(raw) >= 2; raw = raw[2:] {
			u := binary.BigEndian.Uint16(raw)
			if eci == eciUTF16LE {
				u = binary.LittleEndian.Uint16(raw)
			}
			units = append(units, u)
		}
		b.WriteString(string(utf16.Decode(units)))
		cutOff(b, raw)
	case eciUTF32BE, eciUTF32LE:
		for ; len(raw) >= 4; raw = raw[4:] {
			u := binary.BigEndian.Uint32(raw)
			if eci == eciUTF32LE {
				u = binary.LittleEndian.Uint32(raw)
			}
			b.WriteRune(rune(min(u, utf8.MaxRune+1)))
		}
		cutOff(b, raw)
	case eciNone, 1, 3, eciBinary: // ISO/IEC 8859-1 has the first 256 characters of Unicode; binary is shown as such
		for _, c := range raw {
			b.WriteRune(rune(c))
		}
	case 20, 28, 29, 30, 31, 32: // Shift JIS, Big5, GB 2312, EUC-KR, GBK, GB 18030
		eastAsian(b, raw, eci)
	default:
		upper := []rune(upperHalf(eci))
		first := 256 - len(upper)
		for _, c := range raw {
			r := rune(c)
			switch {
			case c < 0x80 || int(c) < first && first < 256:
			case first == 256 || upper[int(c)-first] == ' ': // ASCII (27, 170), or not known; or a gap
				r = utf8.RuneError
			default:
				r = upper[int(c)-first]
			}
			b.WriteRune(r)
		}
	}
}

// cutOff writes the bytes that are too few for a character.
func cutOff(b *strings.Builder, rest []byte) {
	if len(rest) > 0 {
		b.WriteRune(utf8.RuneError)
	}
}

// eastAsian writes text of sets that mix ASCII with characters of two bytes (four in GB 18030, of which the third is a first
// byte again). Their tables are not here, so each pair becomes one U+FFFD: its second byte may look like ASCII.
func eastAsian(b *strings.Builder, raw []byte, eci int) {
	for len(raw) > 0 {
		c := raw[0]
		raw = raw[1:]
		switch {
		case c < 0x80:
			b.WriteByte(c)
		case eci == 20 && c >= 0xa1 && c <= 0xdf: // JIS X 0201, one byte
			b.WriteRune('\uff61' + rune(c-0xa1))
		default:
			b.WriteRune(utf8.RuneError)
			raw = raw[min(1, len(raw)):]
		}
	}
}

// upperHalf gives the characters of a set of one byte each from byte 0x80 or 0xA0 to 0xFF, a space where there is none. The
// lower half is ASCII. Under 0xA0 the sets of ISO/IEC 8859 have control characters of the same number. It gives "" for an
// ECI that is no such set. The characters are those of the mapping tables of Unicode.
func upperHalf(eci int) string {
	switch eci {
	case 0, 2: // code page 437
		return "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτ" +
			"ΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0"
	case 4: // ISO/IEC 8859-2
		return "\u00a0Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u00adŽŻ°ą˛ł´ľśˇ¸šşťź˝žżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüý" +
			"ţ˙"
	case 5: // ISO/IEC 8859-3
		return "\u00a0Ħ˘£¤ Ĥ§¨İŞĞĴ\u00ad Ż°ħ²³´µĥ·¸ışğĵ½ żÀÁÂ ÄĊĈÇÈÉÊËÌÍÎÏ ÑÒÓÔĠÖ×ĜÙÚÛÜŬŜßàáâ äċĉçèéêëìíîï ñòóôġö÷ĝùúûüŭ" +
			"ŝ˙"
	case 6: // ISO/IEC 8859-4
		return "\u00a0ĄĸŖ¤ĨĻ§¨ŠĒĢŦ\u00adŽ¯°ą˛ŗ´ĩļˇ¸šēģŧŊžŋĀÁÂÃÄÅÆĮČÉĘËĖÍÎĪĐŅŌĶÔÕÖ×ØŲÚÛÜŨŪßāáâãäåæįčéęëėíîīđņōķôõö÷øųúûüũ" +
			"ū˙"
	case 7: // ISO/IEC 8859-5
		return "\u00a0ЁЂЃЄЅІЇЈЉЊЋЌ\u00adЎЏАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя№ёђѓєѕіїјљњћќ§" +
			"ўџ"
	case 8: // ISO/IEC 8859-6
		return "\u00a0   ¤       \u060c\u00ad             \u061b   \u061f \u0621\u0622\u0623\u0624\u0625\u0626\u0627" +
			"\u0628\u0629\u062a\u062b\u062c\u062d\u062e\u062f\u0630\u0631\u0632\u0633\u0634\u0635\u0636\u0637\u0638" +
			"\u0639\u063a     \u0640\u0641\u0642\u0643\u0644\u0645\u0646\u0647\u0648\u0649\u064a\u064b\u064c\u064d" +
			"\u064e\u064f\u0650\u0651\u0652             "
	case 9: // ISO/IEC 8859-7
		return "\u00a0‘’£€₯¦§¨©ͺ«¬\u00ad ―°±²³΄΅Ά·ΈΉΊ»Ό½ΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡ ΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύ" +
			"ώ "
	case 10: // ISO/IEC 8859-8
		return "\u00a0 ¢£¤¥¦§¨©×«¬\u00ad®¯°±²³´µ¶·¸¹÷»¼½¾                                ‗\u05d0\u05d1\u05d2\u05d3\u05d4" +
			"\u05d5\u05d6\u05d7\u05d8\u05d9\u05da\u05db\u05dc\u05dd\u05de\u05df\u05e0\u05e1\u05e2\u05e3\u05e4\u05e5" +
			"\u05e6\u05e7\u05e8\u05e9\u05ea  \u200e\u200f "
	case 11: // ISO/IEC 8859-9
		return "\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüı" +
			"şÿ"
	case 12: // ISO/IEC 8859-10
		return "\u00a0ĄĒĢĪĨĶ§ĻĐŠŦŽ\u00adŪŊ°ąēģīĩķ·ļđšŧž―ūŋĀÁÂÃÄÅÆĮČÉĘËĖÍÎÏÐŅŌÓÔÕÖŨØŲÚÛÜÝÞßāáâãäåæįčéęëėíîïðņōóôõöũøųúûüý" +
			"þĸ"
	case 13: // ISO/IEC 8859-11
		return "\u00a0\u0e01\u0e02\u0e03\u0e04\u0e05\u0e06\u0e07\u0e08\u0e09\u0e0a\u0e0b\u0e0c\u0e0d\u0e0e\u0e0f\u0e10" +
			"\u0e11\u0e12\u0e13\u0e14\u0e15\u0e16\u0e17\u0e18\u0e19\u0e1a\u0e1b\u0e1c\u0e1d\u0e1e\u0e1f\u0e20\u0e21" +
			"\u0e22\u0e23\u0e24\u0e25\u0e26\u0e27\u0e28\u0e29\u0e2a\u0e2b\u0e2c\u0e2d\u0e2e\u0e2f\u0e30\u0e31\u0e32" +
			"\u0e33\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a    \u0e3f\u0e40\u0e41\u0e42\u0e43\u0e44\u0e45\u0e46" +
			"\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d\u0e4e\u0e4f\u0e50\u0e51\u0e52\u0e53\u0e54\u0e55\u0e56\u0e57" +
			"\u0e58\u0e59\u0e5a\u0e5b    "
	case 15: // ISO/IEC 8859-13
		return "\u00a0”¢£¤„¦§Ø©Ŗ«¬\u00ad®Æ°±²³“µ¶·ø¹ŗ»¼½¾æĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽßąįāćäåęēčéźėģķīļšńņóōõö÷ųłśūüż" +
			"ž’"
	case 16: // ISO/IEC 8859-14
		return "\u00a0Ḃḃ£ĊċḊ§Ẁ©ẂḋỲ\u00ad®ŸḞḟĠġṀṁ¶ṖẁṗẃṠỳẄẅṡÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏŴÑÒÓÔÕÖṪØÙÚÛÜÝŶßàáâãäåæçèéêëìíîïŵñòóôõöṫøùúûüý" +
			"ŷÿ"
	case 17: // ISO/IEC 8859-15
		return "\u00a0¡¢£€¥Š§š©ª«¬\u00ad®¯°±²³Žµ¶·ž¹º»ŒœŸ¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüý" +
			"þÿ"
	case 18: // ISO/IEC 8859-16
		return "\u00a0ĄąŁ€„Š§š©Ș«Ź\u00adźŻ°±ČłŽ”¶·žčș»ŒœŸżÀÁÂĂÄĆÆÇÈÉÊËÌÍÎÏĐŃÒÓÔŐÖŚŰÙÚÛÜĘȚßàáâăäćæçèéêëìíîïđńòóôőöśűùúûüę" +
			"țÿ"
	case 21: // Windows 1250
		return "€ ‚ „…†‡ ‰Š‹ŚŤŽŹ ‘’“”•–— ™š›śťžź\u00a0ˇ˘Ł¤Ą¦§¨©Ş«¬\u00ad®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľżŔÁÂĂÄ" +
			"ĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙"
	case 22: // Windows 1251
		return "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–— ™љ›њќћџ\u00a0ЎўЈ¤Ґ¦§Ё©Є«¬\u00ad®Ї°±Ііґµ¶·ё№є»јЅѕїАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШ" +
			"ЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя"
	case 23: // Windows 1252
		return "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ\u00a0¡¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄ" +
			"ÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ"
	case 24: // Windows 1256
		return "€\u067e‚ƒ„…†‡ˆ‰\u0679‹Œ\u0686\u0698\u0688\u06af‘’“”•–—\u06a9™\u0691›œ\u200c\u200d\u06ba\u00a0\u060c¢£¤¥¦" +
			"§¨©\u06be«¬\u00ad®¯°±²³´µ¶·¸¹\u061b»¼½¾\u061f\u06c1\u0621\u0622\u0623\u0624\u0625\u0626\u0627\u0628" +
			"\u0629\u062a\u062b\u062c\u062d\u062e\u062f\u0630\u0631\u0632\u0633\u0634\u0635\u0636×\u0637\u0638\u0639" +
			"\u063a\u0640\u0641\u0642\u0643à\u0644â\u0645\u0646\u0647\u0648çèéêë\u0649\u064aîï\u064b\u064c\u064d" +
			"\u064eô\u064f\u0650÷\u0651ù\u0652ûü\u200e\u200f\u06d2"
	}
	return ""
}
