// Package functions_test runs the functions as they are deployed: each built binary, behind
// the Lambda Runtime API, over real DynamoDB Local and an SES endpoint.
package functions_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/secret"
)

// folders are the names of all functions.
func folders(t testing.TB) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestEvents_oneForEachFunction(t *testing.T) {
	files, err := filepath.Glob(samples + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".json"))
	}
	if want := folders(t); !slices.Equal(names, want) {
		t.Errorf("events %q, functions %q", names, want)
	}
}

// Samples are public: what looks like a secret in them must not be one.
func TestEvents_holdNoSecrets(t *testing.T) {
	for _, name := range folders(t) {
		event := readSample(t, name)
		for _, kind := range []string{"sk-nemo-", "nemo_session_", "nemo_invite_", "nemo_link_", "nemo_gateway_"} {
			if bytes.Count(event, []byte(kind)) != bytes.Count(event, []byte(kind+placeholder)) {
				t.Errorf("events/%s.json has %s without %s", name, kind, placeholder)
			}
		}
	}
}

const placeholder = "PLACEHOLDER"

// wanted is what each function should make of its sample, once its placeholders are
// replaced. One that has no row here must at least not fail.
var wanted = map[string]struct {
	status int
	text   string // somewhere in the body
}{
	"accept":    {200, `"org_name":"Acme"`},
	"dashboard": {200, "<h1>Sign in</h1>"},
	"docs":      {200, `"status":"ok"`},
	"ingest":    {200, `"counted":1`},
	"invite":    {201, `"email":"alice@acme.com"`},
	"keys":      {201, `"key":"sk-nemo-`},
	"members":   {200, `"role":"owner"`},
	"org":       {200, `"slug":"acme"`},
	"reports":   {200, `"action":"org.created"`},
	"sessions":  {202, ""},
	"signup":    {202, ""},
	"verify":    {200, `"code":"scope_missing"`}, // the key is an administrator's
}

func TestFunctions_answerTheirSamples(t *testing.T) {
	secrets := secretsOf(t, founded(t), "bob@acme.com")
	for _, name := range folders(t) {
		t.Run(name, func(t *testing.T) {
			event := []byte(secrets.Replace(string(readSample(t, name))))
			if !isRequest(event) {
				if r := invoke(t, name, event); r.Error != nil || !json.Valid(r.Answer) {
					t.Fatalf("answer %s, error %s\n%s", r.Answer, r.Error, r.Logs)
				}
				return
			}
			a := send(t, name, event)
			want, known := wanted[name]
			if known && (a.StatusCode != want.status || !strings.Contains(a.Body, want.text)) {
				t.Errorf("status %d, want %d with %q:\n%s", a.StatusCode, want.status, want.text, a.Body)
			}
			if a.StatusCode >= 500 || a.IsBase64Encoded || a.Headers["X-Request-Id"] == "" {
				t.Errorf("answer %+v\n%s", a.APIGatewayV2HTTPResponse, a.logs)
			}
		})
	}
}

// secretsOf puts secrets in the place of placeholders: those of the owner, and that of an
// invitation to the address.
func secretsOf(t testing.TB, o owner, invitee string) *strings.Replacer {
	t.Helper()
	return strings.NewReplacer(
		"sk-nemo-"+placeholder, o.key,
		"nemo_session_"+placeholder, o.session,
		"nemo_gateway_"+placeholder, gatewayToken,
		"KEY_HASH_"+placeholder, secret.Hash(o.key),
		"TIME_"+placeholder, time.Now().UTC().Format(time.RFC3339),
		"nemo_invite_"+placeholder, invited(t, o, invitee),
	)
}

// invited invites an address and returns the token that was mailed to it.
func invited(t testing.TB, o owner, email string, env ...string) string {
	t.Helper()
	e := request(t, "POST", "/v1/invitations").bearing(o.key)
	e.json(t, map[string]any{"email": email, "role": "member"}).call(t, "invite", env...).want(t, 201)
	return lastLink(t, email, "/invite/")
}

// The documented curl names no content type; curl then says that it sends a form, and API
// Gateway encodes forms in base64.
func TestInvite_sampleIsTheDocumentedCurl(t *testing.T) {
	e := sample(t, "invite")
	if e.Headers["content-type"] != "application/x-www-form-urlencoded" || !e.IsBase64Encoded || e.RawPath != "/api/supabase/invitations" {
		t.Errorf("the sample is another request: %+v", e)
	}
}

func TestCookies_surviveBothWays(t *testing.T) {
	founded(t)
	sample(t, "sessions").call(t, "sessions").want(t, 202)
	confirm := request(t, "POST", "/v1/sessions/confirm").json(t, map[string]any{"token": lastLink(t, "ada@acme.com", "/signin/")})
	cookie := onlyCookie(t, confirm.call(t, "sessions").want(t, 200))
	if !strings.HasPrefix(cookie, "__Host-nemo_session=nemo_session_") || !strings.Contains(cookie, "HttpOnly") {
		t.Fatalf("cookie %q", cookie)
	}
	session, _, _ := strings.Cut(cookie, ";")
	a := request(t, "GET", "/v1/me").withCookies("theme=dark", session).call(t, "sessions").want(t, 200)
	if got := field[string](t, a, "user", "email"); got != "ada@acme.com" {
		t.Errorf("the cookie is %s's", got)
	}
	leave := request(t, "DELETE", "/v1/sessions/current").withCookies("theme=dark", session)
	if gone := onlyCookie(t, leave.call(t, "sessions").want(t, 204)); !strings.Contains(gone, "Max-Age=0") {
		t.Errorf("cookie %q stays", gone)
	}
	request(t, "GET", "/v1/me").withCookies(session).call(t, "sessions").want(t, 401)
}

// onlyCookie returns the one cookie that an answer sets. API Gateway takes cookies from
// their own field: it would send those among the headers as one.
func onlyCookie(t *testing.T, a answer) string {
	t.Helper()
	if len(a.Cookies) != 1 || a.Headers["Set-Cookie"] != "" {
		t.Fatalf("cookies %q, headers %q", a.Cookies, a.Headers)
	}
	return a.Cookies[0]
}

// Where a request came from is API Gateway's word, not a header's.
func TestAudit_knowsTheSource(t *testing.T) {
	o := founded(t)
	const browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
	e := request(t, "POST", "/v1/teams").bearing(o.key).json(t, map[string]any{"name": "Research"})
	e.RequestContext.HTTP.SourceIP, e.Headers["user-agent"] = "2001:db8::7", browser
	e.Headers["x-forwarded-for"] = "198.51.100.1"
	a := e.call(t, "org").want(t, 201)
	entries := request(t, "GET", "/v1/audit?action=team.created").bearing(o.key).call(t, "reports").want(t, 200)
	rows := field[[]any](t, entries, "data")
	if len(rows) != 1 {
		t.Fatalf("entries %v", rows)
	}
	row := rows[0].(map[string]any)
	if row["ip"] != "2001:db8::7" || row["user_agent"] != browser || row["request_id"] != a.Headers["X-Request-Id"] {
		t.Errorf("entry %v, request id %s", row, a.Headers["X-Request-Id"])
	}
}

func TestExpire_reports(t *testing.T) {
	invited(t, founded(t), "carol@acme.com", "NEMO_INVITATION_TTL=1ms")
	r := invoke(t, "expire", readSample(t, "expire"))
	var report struct {
		Expired, Failed int
		Done            bool
	}
	if err := json.Unmarshal(r.Answer, &report); err != nil {
		t.Fatalf("%v in %s, error %s\n%s", err, r.Answer, r.Error, r.Logs)
	}
	if report.Expired != 1 || report.Failed != 0 || !report.Done {
		t.Errorf("report %s\n%s", r.Answer, r.Logs)
	}
}

// Nobody hears what a scheduled function answers: what it finds is logged, and counted.
func TestReconcile_tells(t *testing.T) {
	found := func(differences string) (logs []byte) {
		t.Helper()
		r := invoke(t, "reconcile", readSample(t, "reconcile"))
		if !bytes.Contains(r.Logs, []byte(`"function":"reconcile","SpendDifferences":`+differences+"}")) || r.Error != nil {
			t.Errorf("not %s differences: %s, %s", differences, r.Error, r.Logs)
		}
		return r.Logs
	}
	o := founded(t)
	found("0")
	lost := addSum(t, o.org(t, "id"))
	if logs := found("1"); !bytes.Contains(logs, []byte(`"level":"ERROR"`)) || !bytes.Contains(logs, []byte(lost)) {
		t.Errorf("the log does not tell of %s: %s", lost, logs)
	}
}

func TestFunctions_nameWhatIsMissing(t *testing.T) {
	for _, c := range []struct{ function, variable string }{
		{"signup", "NEMO_TABLE"}, {"signup", "NEMO_PUBLIC_URL"}, {"signup", "NEMO_MAIL_FROM"}, {"signup", "AWS_REGION"},
		{"expire", "NEMO_TABLE"}, {"expire", "NEMO_MAIL_FROM"}, {"docs", "NEMO_PUBLIC_URL"},
	} {
		r := invoke(t, c.function, readSample(t, c.function), c.variable+"=")
		if !bytes.Contains(r.Error, []byte("Runtime.ExitError")) || !bytes.Contains(r.Logs, []byte(c.variable)) {
			t.Errorf("%s without %s: error %s, logs %s", c.function, c.variable, r.Error, r.Logs)
		}
	}
}
