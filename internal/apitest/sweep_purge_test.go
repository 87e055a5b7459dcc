package apitest_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// doomedInvitations are so many that a purge takes several steps.
const doomedInvitations = 20

// doomed is an org with something of everything, deleted, and due to be purged.
func doomed(w *apitest.World) (owner *apitest.Person, slug string) {
	w.Helper()
	owner = w.SignUp("Acme")
	slug = owner.Do("GET", "/v1/org", nil).Want(200).Get("slug")
	owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201)
	for range 2 {
		owner.Hire("member").WithKey("inference")
	}
	owner.WithKey("manage")
	gw, key := billerOf(w), pay(owner)
	gw.report(gw.event(key, "1"), gw.event(key, "2", apitest.Map{"at": w.Clock.Now().AddDate(0, 0, -34)}))
	setBudget(owner, "key", key.id, "1", "month")
	w.Mail.Fail(true)
	inviteMany(owner, doomedInvitations)
	w.Mail.Fail(false)
	owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": slug}).Want(204)
	w.Clock.Advance(2 * time.Minute)
	return owner, slug
}

// wantPurged fails the test unless nothing of the org is left but its name and its record,
// and everybody is free.
func wantPurged(t *testing.T, w *apitest.World, owner *apitest.Person, slug string) {
	t.Helper()
	books := w.CheckInvariants()
	o := books.Orgs[owner.OrgID]
	if left := len(o.Teams) + len(o.Members) + len(o.Addresses) + len(o.Invitations) + len(o.Keys); left > 0 {
		t.Errorf("%d items are left", left)
	}
	if !o.Row.Has("purged_at") || o.Row.Has("due_shard") || o.Row.Text("name") != "Acme" {
		t.Errorf("what stays of the org is %v", o.Row)
	}
	if books.Slugs[slug] != nil || len(books.Secrets) != 0 {
		t.Errorf("the slug is %v, and %d secrets are left", books.Slugs[slug], len(books.Secrets))
	}
	for address, u := range books.Users {
		if u.Text("org_id") == owner.OrgID {
			t.Errorf("%s still belongs to the org", address)
		}
	}
	wantEntries(t, o, 1, "org.purged")
	wantEntries(t, o, 2, "invitation.accepted")
	wantEntries(t, o, 2+doomedInvitations, "invitation.created")
	wantEntries(t, o, 4, "key.created")
	for _, r := range w.Rows() {
		kind, _, _ := strings.Cut(r.Text("pk"), "#")
		if !strings.Contains(r.Text("pk"), owner.OrgID) || kind == "AUDIT" || r.Text("pk") == "ORG#"+owner.OrgID && r.Text("sk") == "ORG" {
			continue
		}
		if kind != "EVENT" || r.Has("email") || r.Has("user_id") || r.Has("key_name") || !r.Has("ttl") {
			t.Errorf("what stays has %s / %s: %v", r.Text("pk"), r.Text("sk"), r)
		}
	}
}

// A purge takes everything but the name and the record. Its people found and join anew.
func TestSweep_purges(t *testing.T) {
	w := apitest.Alone(t)
	owner, slug := doomed(w)
	owner.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
	if report := w.Sweep(); report.Purged != 1 || report.Failed != 0 {
		t.Errorf("got %+v", report)
	}
	wantPurged(t, w, owner, slug)
	if report := w.Sweep(); report.Purged != 0 {
		t.Errorf("purged again: %+v", report)
	}
	eve := w.SignUp("Evil")
	eve.Do("PATCH", "/v1/org", apitest.Map{"slug": slug}).Want(200)
	eve.Invite(owner.Email, "member")
	if back := w.Join(owner.Email); back.ID != owner.ID {
		t.Error("the old owner came back as another user")
	}
	w.CheckInvariants()
}

// The org is not purged while requests that began before its deletion may still end.
func TestSweep_purgeWaits(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	ada.Do("DELETE", "/v1/org", apitest.Map{"confirm": ada.Do("GET", "/v1/org", nil).Get("slug")}).Want(204)
	w.Clock.Advance(30 * time.Second)
	if report := w.Sweep(); report.Purged != 0 {
		t.Errorf("purged after half a minute: %+v", report)
	}
	w.CheckInvariants()
}

// A purge may take a whole sweep, and four would take all of its workers: every mail that waits
// is sent before the first is done.
func TestSweep_mailsBeforePurges(t *testing.T) {
	const deleted, waiting = 8, 40
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	w.Mail.Fail(true)
	inviteMany(ada, waiting)
	w.Mail.Fail(false)
	guests := apitest.Column(ada.List("/v1/invitations"), "email")
	for range deleted {
		owner := w.SignUp("Doomed")
		slug := owner.Do("GET", "/v1/org", nil).Want(200).Get("slug")
		owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": slug}).Want(204)
	}
	w.Clock.Advance(time.Hour)
	sent := 0
	mend := w.Wire.Break(apitest.BeforeWrite("purged_at", func() {
		for _, email := range guests {
			sent += len(w.Mail.To(email))
		}
	}))
	report := w.Sweep()
	mend()
	if sent != waiting || report.Redelivered != waiting || report.Purged != deleted || !report.Done {
		t.Errorf("%d of %d mails were sent before the first purge was done: %+v", sent, waiting, report)
	}
}

// A purge that dies at any of its calls goes on in the next sweep.
func TestSweep_purgeCrash(t *testing.T) {
	for _, cut := range cuts {
		t.Run(cut.name, func(t *testing.T) {
			t.Parallel()
			for n, calls := 1, 1; n <= calls; n++ {
				w := apitest.Alone(t)
				owner, slug := doomed(w)
				org, err := w.Store.Org(t.Context(), owner.OrgID)
				if err != nil {
					t.Fatal(err)
				}
				fault := &apitest.Nth{N: n, Fault: cut.hook}
				mend := w.Wire.Break(fault.Hook)
				err = w.Sweeper.Purge.Purge(t.Context(), org)
				mend()
				if fault.Calls() == n {
					calls = n + 1 // it may make more
					if err == nil {
						t.Errorf("cut at call %d, it says that it succeeded", n)
					}
				}
				w.Sweep()
				wantPurged(t, w, owner, slug)
			}
		})
	}
}

// Several purges at once, with conflicts, do it once.
func TestSweep_purgesAtOnce(t *testing.T) {
	w := apitest.Alone(t)
	owner, slug := doomed(w)
	mend := w.Wire.Break(apitest.Conflicts(0.3))
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { w.Sweep() })
	}
	wg.Wait()
	mend()
	w.Sweep()
	wantPurged(t, w, owner, slug)
}

// Somebody whose org is being purged can already be in another one. A purge that lags
// behind does not take them from there.
func TestSweep_purgeLeavesNewMemberships(t *testing.T) {
	w := apitest.Alone(t)
	owner, slug := doomed(w)
	eve := w.SignUp("Evil")
	eve.Invite(owner.Email, "admin")
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { w.Join(owner.Email) }))
	w.Sweep()
	mend()
	wantPurged(t, w, owner, slug)
	if got := w.CheckInvariants().Users[owner.Email].Text("org_id"); got != eve.OrgID {
		t.Errorf("the purge took a claim of another org: it is now %q", got)
	}
}
