package apitest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/nemorouter/nemo-team/internal/web"
)

// Person is somebody who uses the API.
type Person struct {
	*World
	Email  string
	ID     string // of the user
	OrgID  string
	TeamID string
	Token  string // of the session, or a key
}

// Reply is an answer of the API.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
	w      *World
}

// Stranger is somebody without credentials.
func (w *World) Stranger() *Person { return &Person{World: w} }

// Do sends a request. A body that is not text is sent as JSON.
func (p *Person) Do(method, path string, body any, headers ...string) *Reply {
	var content []byte
	switch b := body.(type) {
	case nil:
	case string:
		content = []byte(b)
	default:
		var err error
		if content, err = json.Marshal(b); err != nil {
			p.Fatal(err)
		}
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(content))
	r.RemoteAddr = "192.0.2.1:1234"
	if content != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if p.Token != "" {
		r.Header.Set("Authorization", "Bearer "+p.Token)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "X-Remote-Addr" {
			r.RemoteAddr = headers[i+1]
		}
	}
	return p.Send(r)
}

// Send sends any request.
func (w *World) Send(r *http.Request) *Reply {
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	reply := &Reply{rec.Code, rec.Result().Header, rec.Body.Bytes(), w}
	if !web.Answerable(string(reply.Body)) {
		w.Errorf("no function can answer %s %s with %d bytes", r.Method, r.URL.Path, len(reply.Body))
	}
	w.shown.note(reply)
	if w.Heard != nil {
		w.Heard(r, reply)
	}
	return reply
}

// Want fails the test unless the answer has the status.
func (r *Reply) Want(status int) *Reply {
	r.w.Helper()
	if r.Status != status {
		r.w.Fatalf("got %d, want %d: %s", r.Status, status, r.Body)
	}
	return r
}

// WantProblem fails the test unless the answer is a problem document with status and code.
func (r *Reply) WantProblem(status int, code string) *Reply {
	r.w.Helper()
	r.Want(status)
	if got := r.Code(); got != code {
		r.w.Fatalf("got the code %q, want %q: %s", got, code, r.Body)
	}
	if ct := r.Header.Get("Content-Type"); ct != "application/problem+json" {
		r.w.Fatalf("a problem came as %q", ct)
	}
	return r
}

// Code is the code of a problem document, or "".
func (r *Reply) Code() string {
	var p struct{ Code string }
	_ = json.Unmarshal(r.Body, &p) // no problem document has no code
	return p.Code
}

// Get returns the value at a dotted path of the answer's JSON, as text; "" when missing.
func (r *Reply) Get(path string) string {
	var v any
	if json.Unmarshal(r.Body, &v) != nil {
		return ""
	}
	for _, name := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[name]
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		b, _ := json.Marshal(v) // it came from JSON
		return string(b)
	}
}

// Decode reads the answer's JSON into v.
func (r *Reply) Decode(v any) *Reply {
	r.w.Helper()
	if err := json.Unmarshal(r.Body, v); err != nil {
		r.w.Fatalf("%v: %s", err, r.Body)
	}
	return r
}

// Map is a JSON object.
type Map = map[string]any

// SignUp founds an org and returns its owner, signed in.
func (w *World) SignUp(orgName string) *Person {
	w.Helper()
	p := &Person{World: w, Email: Address("owner")}
	p.Do("POST", "/v1/signup", Map{"email": p.Email, "org_name": orgName}, "X-Remote-Addr", freshSource()).Want(202)
	r := p.Do("POST", "/v1/signup/confirm", Map{"token": w.Mail.Token(p.Email)}).Want(201)
	p.ID, p.OrgID, p.TeamID = r.Get("user.id"), r.Get("org.id"), r.Get("team.id")
	p.Token = r.Get("session.token")
	return p
}

// Invite invites an address and returns the invitation's id.
func (p *Person) Invite(email, role string) string {
	p.Helper()
	return p.Do("POST", "/v1/invitations", Map{"email": email, "role": role}).Want(201).Get("id")
}

// Join accepts the last invitation that was mailed to the address.
func (w *World) Join(email string) *Person {
	w.Helper()
	p := &Person{World: w, Email: email}
	return p.joined(p.Do("POST", "/v1/invitations/accept", Map{"token": w.Mail.Token(email)}).Want(200))
}

func (p *Person) joined(r *Reply) *Person {
	p.ID, p.TeamID, p.Token = r.Get("membership.user_id"), r.Get("membership.team_id"), r.Get("session.token")
	p.OrgID = p.Do("GET", "/v1/me", nil).Want(200).Get("org.id")
	return p
}

// Hire invites a fresh person and lets them join.
func (p *Person) Hire(role string) *Person {
	p.Helper()
	email := Address(role)
	p.Invite(email, role)
	return p.Join(email)
}

// SignIn opens another session of the person.
func (p *Person) SignIn() *Person {
	p.Helper()
	p.Stranger().Do("POST", "/v1/sessions", Map{"email": p.Email}, "X-Remote-Addr", freshSource()).Want(202)
	r := p.Stranger().Do("POST", "/v1/sessions/confirm", Map{"token": p.Mail.Token(p.Email)}).Want(200)
	again := *p
	again.Token = r.Get("session.token")
	return &again
}

// WithKey returns the person using a fresh key with the scopes, and the key's id.
func (p *Person) WithKey(scopes ...string) (*Person, string) {
	p.Helper()
	r := p.Do("POST", "/v1/keys", Map{"name": "a key", "scopes": scopes}).Want(201)
	again := *p
	again.Token = r.Get("key")
	return &again, r.Get("id")
}
