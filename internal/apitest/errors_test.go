package apitest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// wantInvalid fails unless the answer is 422 and names the field.
func wantInvalid(t *testing.T, r *apitest.Reply, location string) {
	t.Helper()
	r.WantProblem(422, "validation_failed")
	var p struct {
		Errors []struct{ Location, Message string }
	}
	r.Decode(&p)
	for _, e := range p.Errors {
		if e.Location == location && e.Message != "" {
			return
		}
	}
	t.Errorf("no error is at %s: %s", location, r.Body)
}

// Each kind of refusal is a whole problem document: RFC 9457, our code, the request's id.
func TestErrors_areProblemDocuments(t *testing.T) {
	w := apitest.New(t)
	cast := w.Cast()
	refusals := map[string]*apitest.Reply{
		"400 malformed":              cast.Owner.Do("POST", "/v1/teams", "{"),
		"401 unauthorized":           w.Stranger().Do("GET", "/v1/me", nil),
		"403 forbidden":              cast.Viewer.Do("POST", "/v1/teams", apitest.Map{"name": "x"}),
		"403 role_too_high":          cast.Admin.Do("POST", "/v1/invitations", apitest.Map{"email": "a@example.com", "role": "owner"}),
		"404 not_found":              cast.Owner.Do("GET", "/v1/teams/"+w.NoID(), nil),
		"405 method_not_allowed":     cast.Owner.Do("PUT", "/v1/teams", apitest.Map{}),
		"409 owner_protected":        cast.Admin.Do("DELETE", "/v1/members/"+cast.Owner.ID, nil),
		"410 link_invalid":           w.Stranger().Do("POST", "/v1/sessions/confirm", apitest.Map{"token": "x"}),
		"413 payload_too_large":      cast.Owner.Do("POST", "/v1/teams", `{"name":"`+strings.Repeat("x", 64<<10)+`"}`),
		"415 unsupported_media_type": cast.Owner.Do("POST", "/v1/teams", "<name/>", "Content-Type", "application/xml"),
		"422 validation_failed":      cast.Owner.Do("POST", "/v1/teams", apitest.Map{"name": ""}),
	}
	for want, r := range refusals {
		var p struct {
			Type, Title, Detail, Code string
			Status                    int
			RequestID                 string `json:"request_id"`
		}
		r.Decode(&p)
		switch {
		case label(r) != want:
			t.Errorf("got %q, want %q", label(r), want)
		case r.Header.Get("Content-Type") != "application/problem+json":
			t.Errorf("%s came as %s", want, r.Header.Get("Content-Type"))
		case p.Type != "/docs#"+p.Code || p.Title == "" || p.Detail == "" || p.Status != r.Status:
			t.Errorf("%s is not whole: %s", want, r.Body)
		case p.RequestID == "" || p.RequestID != r.Header.Get("X-Request-Id"):
			t.Errorf("%s: request id %q, header %q", want, p.RequestID, r.Header.Get("X-Request-Id"))
		}
	}
}

// Refusals quote neither what was sent nor what is inside.
func TestErrors_quoteNothing(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	const mark = "s3cr3t-mark"
	for _, r := range []*apitest.Reply{
		impostor(w, "sk-nemo-"+mark).Do("GET", "/v1/me", nil),
		w.Stranger().Do("POST", "/v1/invitations/accept", apitest.Map{"token": mark}),
		w.Stranger().Do("POST", "/v1/sessions/confirm", apitest.Map{"token": mark + strings.Repeat("x", 600)}),
		w.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": mark}),
		w.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": []string{mark}}),
		owner.Do("POST", "/v1/invitations", `{"email": "`+mark),
		owner.Do("POST", "/v1/invitations", apitest.Map{"email": mark, "role": mark}),
		owner.Do("GET", "/v1/teams/"+mark, nil),
		owner.Do("GET", "/v1/members?role="+mark, nil),
		owner.Do("GET", "/v1/members?cursor="+mark, nil),
		owner.Do("GET", "/"+mark, nil),
	} {
		if r.Status < 400 || strings.Contains(string(r.Body), mark) {
			t.Errorf("%d: %s", r.Status, r.Body)
		}
	}
}

// Every answer tells browsers and caches to keep it to themselves.
func TestErrors_everyAnswerIsHardened(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	for _, r := range []*apitest.Reply{
		owner.Do("GET", "/v1/me", nil).Want(200),
		owner.Do("GET", "/v1/teams/"+w.NoID(), nil).Want(404),
		w.Stranger().Do("GET", "/v1/me", nil).Want(401),
		w.Stranger().Do("GET", "/v1/nothing", nil).Want(404),
	} {
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	}
}

// A request's id is in its answer and in the audit entry of what it did.
func TestErrors_requestIDLeadsToTheRecord(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	r := owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}, "User-Agent", "curl/8", "X-Remote-Addr", "203.0.113.9:4711").Want(201)
	entry := owner.List("/v1/audit?target=" + r.Get("id"))[0]
	if entry["request_id"] != r.Header.Get("X-Request-Id") || entry["ip"] != "203.0.113.9" || entry["user_agent"] != "curl/8" {
		t.Errorf("recorded %v", entry)
	}
	b, err := json.Marshal(entry["actor"])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{owner.ID, owner.Email, `"owner"`, `"session"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the actor lacks %s: %s", want, b)
		}
	}
}
