package apitest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// A key tells the day of its last reported request, this month or last.
func TestKeys_lastUsed(t *testing.T) {
	w := apitest.New(t)
	w.Clock.Stop(time.Date(2036, 12, 3, 12, 0, 0, 0, time.UTC))
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
	for _, day := range []string{"2036-11-29", "2036-12-02", "2036-12-01"} {
		gateway.report(gateway.event(key, day, apitest.Map{"at": day + "T09:00:00Z"})).want(t, 1, 0, 0, 0)
	}
	if got := lastUsed(); got != "2036-12-02" {
		t.Errorf("it was last used on %q", got)
	}
	w.Clock.Stop(w.Clock.Now().AddDate(0, 1, 0))
	if got := ada.SignIn().Do("GET", "/v1/keys/"+key.id, nil).Want(200).Get("last_used_on"); got != "2036-12-02" {
		t.Errorf("a month later it was last used on %q", got)
	}
}

// It tells so too where the day's model has no room among those of other days, and where the
// day is one of many in a batch.
func TestKeys_lastUsedAmongMany(t *testing.T) {
	w := apitest.New(t)
	w.Clock.Stop(time.Date(2036, 12, 3, 12, 0, 0, 0, time.UTC))
	ada := w.SignUp("Acme")
	gateway := billerOf(w)
	for name, c := range map[string]struct{ first, then string }{
		"a newer day":   {"2036-12-01", "2036-12-02"},
		"an older day":  {"2036-12-02", "2036-12-01"},
		"another month": {"2036-11-30", "2036-12-01"},
	} {
		for _, together := range []bool{false, true} {
			key, batch := pay(ada), []apitest.Map{}
			for i := range 150 {
				batch = append(batch, gateway.event(key, fmt.Sprint(key.id, i), apitest.Map{"at": c.first + "T09:00:00Z", "model": fmt.Sprint("m", i)}))
			}
			last := gateway.event(key, key.id, apitest.Map{"at": c.then + "T09:00:00Z", "model": "another"})
			if together {
				batch = append(batch, last)
				gateway.report(batch...).want(t, 151, 0, 0, 0)
			} else {
				gateway.report(batch...).want(t, 150, 0, 0, 0)
				gateway.report(last).want(t, 1, 0, 0, 0)
			}
			if got := ada.Do("GET", "/v1/keys/"+key.id, nil).Want(200).Get("last_used_on"); got != max(c.first, c.then) {
				t.Errorf("%s, together %t: it was last used on %q", name, together, got)
			}
		}
	}
	wantReconciled(t, w, ada)
}
