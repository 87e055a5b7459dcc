package model

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// secretOf adds the secret that an answer shows; a lost answer shows none. Who is shown the
// secret of another's key is remembered: nobody is an admin by what somebody else knows.
func (s *story) secretOf(k *key, by *credential, r *apitest.Reply) *credential {
	c := &credential{secret: r.Get("key"), seat: k.seat, key: k, ceiling: by.ceiling}
	if by.seat != k.seat {
		c.ceiling = "member"
	}
	s.unless((c.secret == "") == s.lost, "the answer holds no secret, or one too many")
	s.credentials = append(s.credentials, c)
	c.name = "secret-" + strconv.Itoa(len(s.secrets(k))) + "-of-" + s.names[k.id] + " of " + called(k.seat.email)
	s.names[c.secret] = c.name
	return c
}

// secrets are all that the key ever had, the present one last.
func (s *story) secrets(k *key) (all []*credential) {
	for _, c := range s.credentials {
		if c.key == k {
			all = append(all, c)
		}
	}
	return all
}

// forgotten reports whether nothing is known of a secret once its org is purged: the purge
// finds the last two of a key. Older ones are garbage that lapses by itself.
func (s *story) forgotten(c *credential) bool {
	all := s.secrets(c.key)
	return slices.Index(all, c) >= len(all)-2
}

// rotateKey gives a key another secret; the old one works for a while, and those before it
// no more.
func (s *story) rotateKey() {
	by := s.anyone("keys:manage_own")
	k := s.anyKey(by)
	grace := pick(s, "grace", []int{0, 60, 3600, 604801})
	body := apitest.Map{"grace_seconds": grace}
	s.try(step{
		by: by, method: "POST", path: "/v1/keys/" + k.id + "/rotate", body: body, once: true, other: with(body, "grace_seconds", 1),
		want: func() answer {
			switch _, a := s.caller(by); {
			case a != fine:
				return a
			case grace > 604800:
				return invalid
			}
			return s.mayManage(by, k)
		},
		did: func(r *apitest.Reply) {
			older := s.secrets(k)
			for n, c := range older {
				until := s.now
				if n == len(older)-1 {
					until = s.now.Add(time.Duration(grace) * time.Second)
				}
				if !passed(s.now, c.until) {
					c.until = until
				}
			}
			k.org.record("key.rotated")
			if !s.lost {
				s.same(r, "id", k.id)
			}
			s.secretOf(k, by, r)
		},
	})
}

// hashOf is how a gateway may name a key.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
