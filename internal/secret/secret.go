// Package secret makes the things that are shown once and stored as hashes: virtual
// keys, and the tokens of sessions and of links in mails.
//
// Each holds 256 random bits. What is stored is the lower-case hex SHA-256 of the whole
// string; LiteLLM stores its keys the same way, so its `user_api_key_hash` finds ours.
package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"strings"

	"github.com/nemorouter/nemo-team/internal/ident"
)

const (
	randomBytes = 32
	idBytes     = 16
	base62Chars = 43 // of 32 bytes
)

// Hash returns what may be stored of a secret.
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	var digits [2 * sha256.Size]byte
	hex.Encode(digits[:], sum[:])
	return string(digits[:])
}

// IsHash reports whether s has the form of what Hash returns.
func IsHash(s string) bool {
	return len(s) == hex.EncodedLen(sha256.Size) && strings.Trim(s, "0123456789abcdef") == ""
}

// NewKey returns prefix and 256 random bits in base 62, which a double click selects whole.
func NewKey(prefix string) string {
	digits := new(big.Int).SetBytes(random()).Text(62)
	return prefix + strings.Repeat("0", base62Chars-len(digits)) + digits
}

// A Token names the rows that it opens and proves the right to open them. Carrying the
// ids saves a lookup, and lets a row take a new token by changing one attribute.
type Token struct {
	IDs  []string // of the rows, in the order that the kind of token fixes
	Hash string   // of the whole token
}

// NewToken returns a token of the given kind for the rows with the given ids.
func NewToken(kind string, ids ...string) string {
	var b []byte
	for _, id := range ids {
		b = append(b, ident.Bytes(id)...)
	}
	return kind + base64.RawURLEncoding.EncodeToString(append(b, random()...))
}

// ParseToken reads a token of the given kind that carries n ids. It says nothing on
// whether the token is good: only the row that it names can tell.
func ParseToken(kind string, n int, s string) (Token, bool) {
	body, ok := strings.CutPrefix(s, kind)
	if !ok || len(body) != base64.RawURLEncoding.EncodedLen(n*idBytes+randomBytes) {
		return Token{}, false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil || len(b) != n*idBytes+randomBytes { // shorter: the decoder skips line breaks
		return Token{}, false
	}
	t := Token{Hash: Hash(s)}
	for ; n > 0; n-- {
		t.IDs = append(t.IDs, ident.FromBytes(b[:idBytes]))
		b = b[idBytes:]
	}
	return t, true
}

func random() []byte {
	b := make([]byte, randomBytes)
	rand.Read(b) // never fails; see its documentation
	return b
}
