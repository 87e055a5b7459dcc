package apitest_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// faceless is an answer without what is bound to differ: status, media type and body, less
// the request's id.
func faceless(r *apitest.Reply) string {
	body := strings.ReplaceAll(string(r.Body), r.Header.Get("X-Request-Id"), "<id>")
	return label(r) + " " + r.Header.Get("Content-Type") + "\n" + body
}

// wantSame fails unless both answers are the same to whoever gets them.
func wantSame(t *testing.T, what string, foreign, unknown *apitest.Reply) {
	t.Helper()
	if a, b := faceless(foreign), faceless(unknown); a != b {
		t.Errorf("%s tells a foreign id from an unknown one:\n%s\n%s", what, a, b)
	}
}

// Whoever owns another org learns nothing from an id of this one, on any route that takes
// an id in its path, with a session or with a key.
func TestTenants_foreignIDsInPathsAnswerAsUnknown(t *testing.T) {
	w := apitest.New(t)
	victim := scene{w.Cast()}
	intruder := w.SignUp("Elsewhere")
	withKey, _ := intruder.WithKey("manage")
	for _, d := range decisions {
		if !strings.Contains(d.call, "{id}") {
			continue
		}
		theirs := d.send(victim, victim.Owner)
		for _, by := range []*apitest.Person{intruder, withKey} {
			foreign := d.do(by, theirs).WantProblem(404, "not_found")
			wantSame(t, d.call, foreign, d.do(by, request{w.NoID(), theirs.body}))
			wantSame(t, d.call, foreign, d.do(by, request{"no-id-at-all", theirs.body}))
		}
		d.do(victim.Owner, theirs).Want(d.owner) // the thing is still there, as it was
	}
}

// Ids in bodies lead into no other org either.
func TestTenants_foreignIDsInBodiesAnswerAsUnknown(t *testing.T) {
	w := apitest.New(t)
	victim, intruder := w.Cast(), w.SignUp("Elsewhere")
	bodies := []struct {
		call, foreign string
		body          func(id string) any
	}{
		{"POST /v1/org/transfer", victim.Member.ID, func(id string) any { return apitest.Map{"user_id": id} }},
		{"POST /v1/invitations", victim.Owner.TeamID, func(id string) any {
			return apitest.Map{"email": "guest@example.com", "role": "viewer", "team_id": id}
		}},
		{"POST /v1/invitations/bulk", victim.Owner.TeamID, func(id string) any {
			return apitest.Map{"invitations": []any{apitest.Map{"email": "guest@example.com", "role": "viewer", "team_id": id}}}
		}},
		{"POST /v1/keys", victim.Member.ID, func(id string) any { return apitest.Map{"name": "k", "user_id": id} }},
	}
	for _, b := range bodies {
		method, path, _ := strings.Cut(b.call, " ")
		foreign := intruder.Do(method, path, b.body(b.foreign))
		if foreign.Status < 400 && !strings.Contains(string(foreign.Body), `"failed":1`) {
			t.Errorf("%s took a foreign id: %s", b.call, foreign.Body)
		}
		wantSame(t, b.call, foreign, intruder.Do(method, path, b.body(w.NoID())))
	}
}

// Filters by ids of another org find what filters by unknown ids find: nothing.
func TestTenants_foreignIDsInFiltersFindNothing(t *testing.T) {
	w := apitest.New(t)
	victim, intruder := w.Cast(), w.SignUp("Elsewhere")
	_, keyID := victim.Member.WithKey("inference")
	filters := map[string]string{
		"/v1/members?team_id=": victim.Owner.TeamID,
		"/v1/keys?user_id=":    victim.Member.ID,
		"/v1/keys?team_id=":    victim.Owner.TeamID,
		"/v1/audit?actor=":     victim.Owner.ID,
		"/v1/audit?target=":    keyID,
	}
	for path, id := range filters {
		foreign := intruder.Do("GET", path+id, nil).Want(200)
		if rows := foreign.Rows(); len(rows) != 0 {
			t.Errorf("%s finds %v", path, rows)
		}
		wantSame(t, path, foreign, intruder.Do("GET", path+w.NoID(), nil))
		if len(victim.Owner.List(path+id)) == 0 {
			t.Errorf("%s finds nothing for its own org, so it proves nothing", path)
		}
	}
}

// Lists hold one's own rows only, all of them.
func TestTenants_listsHoldOnesOwn(t *testing.T) {
	w := apitest.New(t)
	for _, name := range []string{"One", "Two"} {
		cast := w.SignUp(name)
		cast.Invite(email("guest"), "member")
		cast.WithKey("inference")
		for path, want := range map[string]int{
			"/v1/members": 1, "/v1/teams": 1, "/v1/invitations": 1, "/v1/keys": 1, "/v1/audit": 3, "/v1/sessions": 1,
		} {
			if got := len(cast.List(path)); got != want {
				t.Errorf("%s sees %d rows of %s, want %d", name, got, path, want)
			}
		}
	}
}

// Inviting somebody who belongs to another org looks like any other invitation. Only the
// accept tells, and only them.
func TestTenants_invitingAnothersMemberTellsNothing(t *testing.T) {
	w := apitest.New(t)
	elsewhere := w.SignUp("Elsewhere").Hire("member")
	owner := w.SignUp("Acme")
	shape := func(address string) string {
		var seen apitest.Map
		owner.Do("POST", "/v1/invitations", apitest.Map{"email": address, "role": "member"}).Want(201).Decode(&seen)
		if seen["status"] != "pending" || seen["delivery"] != "sent" {
			t.Errorf("%s is told apart: %v", address, seen)
		}
		return strings.Join(sorted(keysOf(seen)), " ")
	}
	if known, unknown := shape(elsewhere.Email), shape(email("stranger")); known != unknown {
		t.Errorf("the answers differ: %s / %s", known, unknown)
	}
	link := apitest.Map{"token": w.Mail.Token(elsewhere.Email)}
	w.Stranger().Do("POST", "/v1/invitations/preview", link).Want(200)
	w.Stranger().Do("POST", "/v1/invitations/accept", link).WantProblem(409, "already_in_organization")

	elsewhere.Do("POST", "/v1/members/me/leave", nil).Want(204)
	if joined := w.Join(elsewhere.Email); joined.ID != elsewhere.ID || joined.OrgID != owner.OrgID {
		t.Errorf("%s joined %s as %s", elsewhere.ID, joined.OrgID, joined.ID)
	}
}

func keysOf(m apitest.Map) (keys []string) {
	for k := range maps.Keys(m) {
		keys = append(keys, k)
	}
	return keys
}

// A link's token is bound to its row: parts of two tokens make none.
func TestTenants_splicedLinksDoNotWork(t *testing.T) {
	w := apitest.New(t)
	one, two := email("one"), email("two")
	w.SignUp("One").Invite(one, "member")
	w.SignUp("Two").Invite(two, "admin")
	const ids = len("nemo_invite_") + 42 // 32 bytes of ids, without the digit that both halves share
	a, b := w.Mail.Token(one), w.Mail.Token(two)
	for _, token := range []string{a[:ids] + b[ids:], b[:ids] + a[ids:], a + "A", a[:len(a)-1], strings.ToUpper(a), " " + a} {
		for _, act := range []string{"preview", "accept", "decline"} {
			w.Stranger().Do("POST", "/v1/invitations/"+act, apitest.Map{"token": token}).WantProblem(404, "not_found")
		}
	}
	w.Join(one)
	w.Join(two)
}
