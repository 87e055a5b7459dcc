package apitest_test

import (
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// A key tells the day of its last reported request, this month or last.
func TestKeys_lastUsed(t *testing.T) {
	w := apitest.New(t)
	w.Clock.Stop(time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC))
	ada := w.SignUp("Acme")
	gateway, key := billerOf(w), pay(ada)
	lastUsed := func() string {
		t.Helper()
		one := ada.Do("GET", "/v1/keys/"+key.id, nil).Want(200).Get("last_used_on")
		var list struct {
			Data []struct {
				LastUsedOn string `json:"last_used_on"`
			}
		}
		if ada.Do("GET", "/v1/keys", nil).Want(200).Decode(&list); list.Data[0].LastUsedOn != one {
			t.Errorf("the list says %q, the key %q", list.Data[0].LastUsedOn, one)
		}
		return one
	}
	if got := lastUsed(); got != "" {
		t.Errorf("a fresh key was used on %s", got)
	}
	for _, day := range []string{"2026-11-29", "2026-12-02", "2026-12-01"} {
		gateway.report(gateway.event(key, day, apitest.Map{"at": day + "T09:00:00Z"})).want(t, 1, 0, 0, 0)
	}
	if got := lastUsed(); got != "2026-12-02" {
		t.Errorf("it was last used on %q", got)
	}
	w.Clock.Advance(31 * 24 * time.Hour)
	if got := ada.SignIn().Do("GET", "/v1/keys/"+key.id, nil).Want(200).Get("last_used_on"); got != "2026-12-02" {
		t.Errorf("a month later it was last used on %q", got)
	}
}
