package invites

import (
	"errors"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/secret"
)

var (
	born = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	due  = born.Add(Lifetime)
)

// At expires_at, to the nanosecond, an invitation has expired, whether or not it was swept.
func TestStatusAt(t *testing.T) {
	for _, c := range []struct {
		stored Status
		now    time.Time
		want   Status
	}{
		{Pending, born, Pending}, {Pending, due.Add(-1), Pending}, {Pending, due, Expired}, {Pending, due.Add(time.Hour), Expired},
		{Expired, born, Expired}, {Accepted, due, Accepted}, {Declined, due, Declined}, {Revoked, due, Revoked},
	} {
		if got := (Invitation{Status: c.stored, ExpiresAt: due}).StatusAt(c.now); got != c.want {
			t.Errorf("%s at %v is %s, want %s", c.stored, c.now, got, c.want)
		}
	}
}

// What an offer says to its link: the link itself first, then the org, then how it ended.
func TestOffer_check(t *testing.T) {
	live, gone := orgs.Org{}, orgs.Org{DeletedAt: born}
	for name, c := range map[string]struct {
		status Status
		org    orgs.Org
		hash   string
		now    time.Time
		want   error
	}{
		"pending":                   {Pending, live, "h", born, nil},
		"wrong token":               {Pending, live, "x", born, ErrUnknownLink},
		"wrong token of an old one": {Accepted, gone, "x", due, ErrUnknownLink},
		"org deleted":               {Pending, gone, "h", born, ErrRevoked},
		"due":                       {Pending, live, "h", due, ErrExpired},
		"accepted":                  {Accepted, live, "h", born, ErrAccepted},
		"declined, and due":         {Declined, live, "h", due, ErrDeclined},
		"revoked":                   {Revoked, live, "h", born, ErrRevoked},
		"expired":                   {Expired, live, "h", born, ErrExpired},
	} {
		o := Offer{Invitation: Invitation{Status: c.status, Hash: "h", ExpiresAt: due}, Org: c.org}
		if err := o.check(c.now, c.hash); !errors.Is(err, c.want) || (c.want == nil && err != nil) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

// A fresh token names its row, and replaces the one before.
func TestRenew(t *testing.T) {
	i := Invitation{ID: ident.New(born), OrgID: ident.New(born), Delivery: Bounced}
	first := i.renew()
	second := i.renew()
	token, err := ParseToken(second)
	if err != nil || token.OrgID != i.OrgID || token.InvitationID != i.ID || token.Hash != i.Hash {
		t.Errorf("%+v (%v) is not the token of %+v", token, err, i)
	}
	if secret.Hash(first) == i.Hash || i.Delivery != Queued {
		t.Errorf("renewed: %+v", i)
	}
	for _, bad := range []string{"", "x", second[1:], second + "A", secret.NewToken("nemo_session_", i.OrgID, i.ID)} {
		if _, err := ParseToken(bad); !errors.Is(err, ErrUnknownLink) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestLimits_quota(t *testing.T) {
	l := Limits{NewOrgPerDay: 50, OrgPerDay: 1000, NewFor: 7 * 24 * time.Hour, ToPerDay: 5}
	for age, want := range map[time.Duration]int{0: 50, 7*24*time.Hour - 1: 50, 7 * 24 * time.Hour: 1000, 1000 * time.Hour: 1000} {
		if q := l.quota(born, born.Add(-age)); q.Org != want || q.To != 5 {
			t.Errorf("an org of %v may send %d, %d to one", age, q.Org, q.To)
		}
	}
	late := time.Date(2026, 11, 23, 23, 59, 59, 0, time.UTC).In(time.FixedZone("", 5*3600))
	if q := l.quota(late, born); q.Day != "2026-11-23" || q.Wait != time.Second || !q.End.After(late.Add(24*time.Hour)) {
		t.Errorf("just before midnight: %+v", q)
	}
}

// Of several rows to one address the first has its turn.
func TestApart(t *testing.T) {
	var drafts []draft
	for i, address := range []string{"a", "b", "a", "c", "b", "a"} {
		drafts = append(drafts, draft{Creation: Creation{Invitation: Invitation{Email: address}}, index: i})
	}
	first, others := apart(drafts)
	for _, c := range []struct {
		got  []draft
		want []int
	}{{first, []int{0, 1, 3}}, {others, []int{2, 4, 5}}} {
		for i, d := range c.got {
			if len(c.got) != len(c.want) || d.index != c.want[i] {
				t.Errorf("%d: %d, want %v", i, d.index, c.want)
			}
		}
	}
}
