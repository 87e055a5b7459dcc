package apitest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
)

// writings are the ways in which bytes may be written: as they are, in URLs, in hex and in
// base64, wherever in a longer text they begin.
func writings(s string) []string {
	ways := []string{s, url.QueryEscape(s), hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s)))}
	for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for offset := range 3 {
			ways = append(ways, inner(alphabet, s, offset))
		}
	}
	return ways
}

// inner is the middle of s in base64, behind as many other bytes as offset says: what does
// not depend on what stands before and behind.
func inner(alphabet *base64.Encoding, s string, offset int) string {
	encoded := alphabet.EncodeToString([]byte(strings.Repeat("x", offset) + s))
	from := (offset*8 + 5) / 6
	to := (offset + len(s)) * 8 / 6
	return encoded[from:to]
}

// writingsOfHash are those of the SHA-256 of s, as text and as bytes.
func writingsOfHash(s string) []string {
	sum := sha256.Sum256([]byte(s))
	return append(writings(hex.EncodeToString(sum[:])), writings(string(sum[:]))...)
}

func holdsAny(text string, ways []string) bool {
	for _, way := range ways {
		if strings.Contains(text, way) {
			return true
		}
	}
	return false
}
