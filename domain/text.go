package domain

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxShortText is the greatest length of a name, in code points after trimming.
const MaxShortText = 128

// ShortText trims a name. A code that is not empty says why raw is no name: a name
// has 1–128 code points, at least one of them visible, and none that TextCode
// refuses. The adapters check that text is in NFC, because the standard library
// has no tables for it.
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

// TextCode returns a code if text has bytes that are not UTF-8, or characters that
// can hide or reorder what a reader sees: control characters (newline and tab are
// allowed in long text) and bidirectional embeddings, overrides and isolates.
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

// visible reports whether a reader sees r. Unicode counts some fillers as letters;
// they are not visible.
func visible(r rune) bool {
	switch r {
	case 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0:
		return false
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
}
