package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxShortText is the length of a name, in code points after trimming.
const MaxShortText = 128

// ShortText is a name as it is kept, trimmed; code says why it is none, and is
// empty if it is: 1–128 code points, one of them visible, and no character that
// TextCode refuses. That text is in NFC is the adapters' to check: the tables
// are not in the standard library.
func ShortText(raw string) (text, code string) {
	if code := TextCode(raw, false); code != "" {
		return "", code
	}
	text = strings.TrimSpace(raw)
	switch {
	case text == "":
		return "", "required"
	case utf8.RuneCountInString(text) > MaxShortText:
		return "", "too_long"
	case !strings.ContainsFunc(text, visible):
		return "", "invisible"
	}
	return text, ""
}

// TextCode refuses what can hide or reorder what a reader sees: bytes that are
// not UTF-8, control characters (but newline and tab in long text), and the
// bidirectional embeddings, overrides and isolates.
func TextCode(s string, long bool) string {
	if !utf8.ValidString(s) {
		return "invalid_characters"
	}
	for _, r := range s {
		switch {
		case long && (r == '\n' || r == '\t'):
		case unicode.IsControl(r),
			r >= 0x202A && r <= 0x202E,
			r >= 0x2066 && r <= 0x2069:
			return "invalid_characters"
		}
	}
	return ""
}

// visible leaves out the fillers too, which Unicode counts as letters.
func visible(r rune) bool {
	switch r {
	case 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0:
		return false
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
}
