package pages_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// Members are seen in their browsers and through their keys; being there all day is noted
// once.
func TestBoard_lastSeen(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	mate, other := browse(owner.Hire("member")), owner.Hire("member")
	seen := func(email string) string {
		t.Helper()
		body := string(browse(owner).open("/team?q=" + email).Want(200).Body)
		_, after, _ := strings.Cut(body, `data-label="Last seen"`)
		_, after, _ = strings.Cut(after, `datetime="`)
		return after[:len(time.DateOnly)]
	}
	joined := w.Clock.Now().Format(time.DateOnly)
	w.Clock.Advance(20 * 24 * time.Hour)
	now := w.Clock.Now().Format(time.DateOnly)
	if got := seen(mate.Email); got != joined {
		t.Errorf("seen %s, joined %s", got, joined)
	}
	first, second := w.Wire.Record(func() { mate.open("/keys").Want(200) }), w.Wire.Record(func() { mate.open("/keys").Want(200) })
	if len(first) != len(second)+1 {
		t.Errorf("%d calls, then %d", len(first), len(second))
	}
	if got := seen(mate.Email); got != now {
		t.Errorf("seen %s in a browser of %s", got, now)
	}
	spends(other, "gpt-4o", "3")
	day := "<span>" + w.Clock.Now().Format("2 Jan 2006") + "</span>" // of UTC: no browser may move it
	says(t, browse(owner).open("/team?q="+other.Email), day, `data-label="This month" class="number">$3.00<`)
	w.Clock.ToMidMonth()
	says(t, browse(owner.SignIn()).open("/team?q="+other.Email), day, `data-label="This month" class="number">$0.00<`)
}

// Who is no member any more is not brought back by a page that was on its way.
func TestBoard_lastSeenOfNobody(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	mate := owner.Hire("member")
	owner.Do("DELETE", "/v1/members/"+mate.ID, nil).Want(204)
	if err := w.Store.MarkSeen(t.Context(), owner.OrgID, mate.ID, w.Clock.Now()); err != nil {
		t.Error(err)
	}
	owner.Do("GET", "/v1/members/"+mate.ID, nil).Want(404)
}
