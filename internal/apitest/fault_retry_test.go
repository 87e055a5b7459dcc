package apitest_test

import (
	"slices"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// cuts are the two ways in which a call to the engine fails for good.
var cuts = []struct {
	name string
	hook apitest.Hook
}{{"refused", apitest.Refuse}, {"lost", apitest.Lose}}

// All attempts of the call that commits lose their answers. The first answer cannot be
// given; the repetition gives it, marked, without the secret that it held.
func TestFault_lostCommit(t *testing.T) {
	for _, op := range repeatables {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Alone(t)
			do := op.prepare(w)
			mend := w.Wire.Break(apitest.On("TransactWriteItems", apitest.Lose))
			first := do("Idempotency-Key", "the key")
			mend()
			wantUnavailable(t, first)
			again := do("Idempotency-Key", "the key")
			wantOnly(t, []*apitest.Reply{again}, op.success)
			if op.name != "bulk" && again.Header.Get("Idempotency-Replayed") != "true" {
				t.Error("the answer is not marked as replayed")
			}
			for _, secret := range []string{"session.token", "key"} {
				if again.Get(secret) != "" {
					t.Errorf("the replay holds %s", secret)
				}
			}
			op.wantOnce(t, w.CheckInvariants())
		})
	}
}

// Without a key, too, nothing is done by halves or twice: the caller is told what is.
func TestFault_lostCommitWithoutKey(t *testing.T) {
	told := map[string]string{
		"sign-up": "410 link_invalid", "create invitation": "409 invitation_exists", "accept": "409 invitation_accepted",
	}
	for _, op := range repeatables {
		if told[op.name] == "" {
			continue // these make another thing each time that they are asked to
		}
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Alone(t)
			do := op.prepare(w)
			mend := w.Wire.Break(apitest.On("TransactWriteItems", apitest.Lose))
			wantUnavailable(t, do())
			mend()
			wantOnly(t, []*apitest.Reply{do()}, told[op.name])
			op.wantOnce(t, w.CheckInvariants())
		})
	}
}

// Whoever lost the answer to their accept or sign-up still gets in: by a mailed link.
func TestFault_signInAfterLostAnswer(t *testing.T) {
	for _, op := range repeatables {
		if !slices.Contains([]string{"sign-up", "accept"}, op.name) {
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			w := apitest.Alone(t)
			do := op.prepare(w)
			mend := w.Wire.Break(apitest.On("TransactWriteItems", apitest.Lose))
			wantUnavailable(t, do())
			mend()
			for address := range w.Books().Users {
				lost := &apitest.Person{World: w, Email: address}
				lost.SignIn().Do("GET", "/v1/me", nil).Want(200)
			}
		})
	}
}
