package keys

import (
	"errors"
	"strings"
)

// Prefix begins every key that is made under it. Keys are found by their hashes, so those
// that were made under another prefix stay good.
type Prefix string

// DefaultPrefix is that of a deployment that sets none.
const DefaultPrefix Prefix = "sk-nemo-"

// scheme begins every prefix: LiteLLM takes no other keys.
const scheme = "sk-"

const maxPrefix = 32 // bytes

// ErrPrefix is the fault of a prefix that keys cannot have.
var ErrPrefix = errors.New("a key's prefix begins with sk-, ends with -, and has at most 32 of a-z, 0-9 and -, such as sk-nemo-")

// Check returns ErrPrefix unless keys can have the prefix.
func (p Prefix) Check() error {
	s := string(p)
	if !strings.HasPrefix(s, scheme) || !strings.HasSuffix(s, "-") || len(s) > maxPrefix ||
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ErrPrefix
	}
	return nil
}

// Is reports whether a credential has the form of a key, of whatever prefix.
func Is(credential string) bool { return strings.HasPrefix(credential, scheme) }
