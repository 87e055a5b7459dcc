package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
	"github.com/nemorouter/nemo-team/internal/gateway"
)

// demo is what a newcomer needs to try things. It is kept beside the data, with its secret:
// it opens a demo on this machine and nothing else.
type demo struct {
	URL        string `json:"url"`
	OrgSlug    string `json:"org_slug"`
	OwnerEmail string `json:"owner_email"`
	APIKey     string `json:"api_key"`

	GatewayToken string `json:"gateway_token"`
}

var demoFile = filepath.Join(dir, "demo.json")

// seed founds a demo org with a few people, through the API, unless there is one.
func seed(ctx context.Context, h http.Handler, mailbox *sesmail.Mailbox, tokens gateway.Rotator, url string) (demo, error) {
	var err error
	d, found := earlier()
	d.URL = url
	s := &seeder{ctx: ctx, handler: h, mailbox: mailbox, key: d.APIKey}
	if !found || s.call("GET", "/v1/me", nil)["user"] == nil {
		s.err, s.key = nil, ""
		if d.GatewayToken, err = tokens.Rotate(ctx); err != nil {
			return d, err
		}
		s.found(&d)
	}
	if s.err != nil {
		return d, fmt.Errorf("the demo organization cannot be founded (make dev-reset starts over): %w", s.err)
	}
	content, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return d, err
	}
	return d, os.WriteFile(demoFile, append(content, '\n'), 0o600)
}

func earlier() (d demo, found bool) {
	content, err := os.ReadFile(demoFile)
	return d, err == nil && json.Unmarshal(content, &d) == nil
}

// seeder calls the API in process. It stops at the first error.
type seeder struct {
	ctx     context.Context
	handler http.Handler
	mailbox *sesmail.Mailbox
	key     string
	err     error
}

type object = map[string]any

func (s *seeder) found(d *demo) {
	d.OwnerEmail = "owner@acme.example"
	s.call("POST", "/v1/signup", object{"email": d.OwnerEmail, "org_name": "Acme"})
	founded := s.call("POST", "/v1/signup/confirm", object{"token": s.mailed(d.OwnerEmail)})
	d.OrgSlug = text(founded, "org", "slug")
	s.key = text(founded, "session", "token")
	s.call("PATCH", "/v1/me", object{"name": "Olivia Owner"})
	d.APIKey = text(s.call("POST", "/v1/keys", object{"name": "demo", "scopes": []string{"manage"}}), "key")
	s.call("POST", "/v1/teams", object{"name": "Research"})
	joined := map[string]object{}
	for _, p := range []struct{ name, email, role string }{
		{"Ada Admin", "ada@acme.example", "admin"},
		{"Max Member", "max@acme.example", "member"},
		{"Vera Viewer", "vera@acme.example", "viewer"},
	} {
		s.call("POST", "/v1/invitations", object{"email": p.email, "role": p.role})
		joined[p.role] = s.call("POST", "/v1/invitations/accept", object{"token": s.mailed(p.email), "name": p.name})
	}
	s.call("POST", "/v1/invitations", object{"email": "grace@acme.example", "role": "member"})
	admin, member := text(joined["admin"], "session", "token"), text(joined["member"], "session", "token")
	s.spend(spenders(s.key, admin, member), d.GatewayToken,
		text(founded, "org", "id"), text(joined["member"], "membership", "user_id"), time.Now())
}

func (s *seeder) call(method, path string, body any) (answer object) {
	if s.err != nil {
		return nil
	}
	content, err := json.Marshal(body)
	if err != nil {
		s.err = err
		return nil
	}
	r := httptest.NewRequestWithContext(s.ctx, method, path, bytes.NewReader(content))
	if s.key != "" {
		r.Header.Set("Authorization", "Bearer "+s.key)
	}
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, r)
	if rec.Code >= http.StatusBadRequest {
		s.err = fmt.Errorf("%s %s: %d %s", method, path, rec.Code, rec.Body)
		return nil
	}
	_ = json.Unmarshal(rec.Body.Bytes(), &answer) // some answers have no body
	return answer
}

var linkToken = regexp.MustCompile(`/(?:invite|signup)/([\w-]+)`)

// mailed is the token of the link in the last mail to an address.
func (s *seeder) mailed(to string) string {
	for _, m := range s.mailbox.List(to) {
		if found := linkToken.FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	if s.err == nil {
		s.err = fmt.Errorf("no link was mailed to %s", to)
	}
	return ""
}

// text is the string at a path of names, or "".
func text(v any, path ...string) string {
	for _, name := range path {
		m, _ := v.(object)
		v = m[name]
	}
	s, _ := v.(string)
	return s
}

func (d demo) print(browsable bool) {
	fmt.Printf(`
nemo-team is running.

  sign in      %[1]s/signin   as %[2]s; the link arrives in the mailbox
  mailbox      %[1]s/_dev/mail
  API docs     %[1]s/docs
  owner's key  %[3]s
  gateway      %[6]s   its token, for /v1/keys/verify
  all of this  %[4]s

Invite somebody, then open the mailbox:

  curl %[1]s/api/supabase/invitations -H "Authorization: Bearer %[3]s" -d '{ "email": "alice@acme.com", "role": "admin" }'

Expire what is due now:  curl -X POST %[1]s/_dev/expire
Let a mail come back:    curl -X POST '%[1]s/_dev/bounce?to=grace@acme.example'
Ctrl-C stops everything. Data and mail stay in %[5]s; make dev-reset starts over.

`, d.URL, d.OwnerEmail, d.APIKey, demoFile, dir, d.GatewayToken)
	if !browsable {
		fmt.Print("Browsers stay signed in on localhost only, or over HTTPS: the API works here, the pages do not.\n\n")
	}
}
