package apitest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	tokens "github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/names"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// Each code, and how a key comes to it.
func TestVerify_everyCode(t *testing.T) {
	for _, c := range []struct {
		code string
		key  func(org apitest.Cast) (key, model string)
	}{
		{"ok", func(o apitest.Cast) (string, string) { k, _ := o.Member.NewKey(); return k, "" }},
		{"ok", func(o apitest.Cast) (string, string) {
			k, _ := o.Member.NewKey(apitest.Map{"scopes": []string{"manage", "inference"}, "models": []string{"gpt-*"}})
			return k, "gpt-5"
		}},
		{"not_found", func(apitest.Cast) (string, string) { return "sk-nemo-" + strings.Repeat("a", 43), "" }},
		{"org_deleted", func(o apitest.Cast) (string, string) {
			k, _ := o.Member.NewKey()
			o.Owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": o.Owner.Do("GET", "/v1/org", nil).Get("slug")}).Want(204)
			return k, ""
		}},
		{"revoked", func(o apitest.Cast) (string, string) {
			k, id := o.Member.NewKey()
			o.Member.Do("DELETE", "/v1/keys/"+id, nil).Want(204)
			return k, ""
		}},
		{"revoked", func(o apitest.Cast) (string, string) {
			k, _ := o.Member.NewKey()
			o.Admin.Do("DELETE", "/v1/members/"+o.Member.ID, nil).Want(204)
			return k, ""
		}},
		{"expired", func(o apitest.Cast) (string, string) {
			k, _ := o.Member.NewKey(apitest.Map{"expires_at": o.Member.Clock.Now().Add(time.Minute)})
			o.Member.Clock.Advance(time.Minute)
			return k, ""
		}},
		{"role_forbids", func(o apitest.Cast) (string, string) {
			k, _ := o.Admin.NewKey(apitest.Map{"user_id": o.Viewer.ID, "scopes": []string{"manage"}})
			return k, ""
		}},
		{"scope_missing", func(o apitest.Cast) (string, string) {
			k, _ := o.Member.NewKey(apitest.Map{"scopes": []string{"manage"}})
			return k, ""
		}},
		{"model_not_allowed", func(o apitest.Cast) (string, string) {
			k, _ := o.Member.NewKey(apitest.Map{"models": []string{"gpt-5"}})
			return k, "gpt-5-mini"
		}},
		{"rate_limited", func(o apitest.Cast) (string, string) {
			k, _ := o.Member.NewKey(apitest.Map{"requests_per_minute": 1})
			o.Member.Clock.Stop(o.Member.Clock.Now())
			o.Member.Gateway().Ask(k)
			return k, ""
		}},
	} {
		t.Run(c.code, func(t *testing.T) {
			w := apitest.New(t)
			org := w.Cast()
			key, model := c.key(org)
			r := w.Gateway().Ask(key, model)
			if r.Get("code") != c.code || r.Get("detail") == "" {
				t.Fatalf("want %s: %s", c.code, r.Body)
			}
			if c.code != "not_found" && (r.Get("org_id") != org.Owner.OrgID || r.Get("key_id") == "" || r.Get("user_id") == "") {
				t.Errorf("whose it is was not said: %s", r.Body)
			}
		})
	}
}

func TestVerify_tellsWhoHoldsTheKey(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	for _, p := range []*apitest.Person{org.Owner, org.Admin, org.Member} {
		me := p.Do("GET", "/v1/me", nil).Want(200)
		key, id := p.NewKey(apitest.Map{"models": []string{"gpt-*"}})
		r := w.Gateway().Ask(key)
		for path, want := range map[string]string{
			"valid": "true", "code": "ok", "key_id": id, "user_id": p.ID, "team_id": p.TeamID, "org_id": p.OrgID,
			"role": me.Get("role"), "litellm_role": me.Get("litellm_role"), "permissions": me.Get("permissions"),
			"scopes": `["inference"]`, "models": `["gpt-*"]`, "blocked_by": "", "expires_at": "",
		} {
			if got := r.Get(path); got != want {
				t.Errorf("%s: %s is %q, want %q", me.Get("role"), path, got, want)
			}
		}
		if !bytes.Contains(r.Body, []byte(`"blocked_by":null`)) {
			t.Errorf("no blocked_by: %s", r.Body)
		}
	}
}

// LiteLLM stores and reports the SHA-256 of the whole key in hex; by it we find the key.
func TestVerify_byLiteLLMsHash(t *testing.T) {
	w := apitest.New(t)
	key, id := w.SignUp("Acme").NewKey()
	sum := sha256.Sum256([]byte(key))
	for _, hash := range []string{hex.EncodeToString(sum[:]), strings.ToUpper(hex.EncodeToString(sum[:]))} {
		r := w.Gateway().Do("POST", "/v1/keys/verify", apitest.Map{"key_hash": hash}).Want(200)
		if r.Get("valid") != "true" || r.Get("key_id") != id {
			t.Errorf("%s", r.Body)
		}
	}
	if r := w.Gateway().Do("POST", "/v1/keys/verify", apitest.Map{"key": hex.EncodeToString(sum[:])}).Want(200); r.Get("code") != "not_found" {
		t.Errorf("a hash served as a key: %s", r.Body)
	}
}

// Whatever a client sends as its key is looked for in the same way.
func TestVerify_malformedKeysAreNotFound(t *testing.T) {
	w := apitest.New(t)
	w.Gateway()
	calls := func(question any) (n int, reads float64) {
		for _, c := range w.Wire.Record(func() {
			if r := w.Gateway().Do("POST", "/v1/keys/verify", question).Want(200); r.Get("code") != "not_found" {
				t.Errorf("%v: %s", question, r.Body)
			}
		}) {
			n, reads = n+1, reads+c.ReadUnits
		}
		return n, reads
	}
	wantCalls, wantReads := calls(apitest.Map{"key": "sk-nemo-" + strings.Repeat("a", 43)})
	for _, q := range []apitest.Map{
		{"key": "x"}, {"key": "sk-nemo-"}, {"key": " "}, {"key": "\x00"}, {"key": "☃"}, {"key": "sk-" + strings.Repeat("a", 40_000)},
		{"key_hash": "x"}, {"key_hash": strings.Repeat("0", 64)}, {"key_hash": strings.Repeat("f", 1900)},
		{"key": "nemo_gateway_" + strings.Repeat("a", 43)}, {"key_hash": "#"}, {"key": "a", "model": strings.Repeat("m", 5000)},
		{"key": w.Gateway().Token},
	} {
		if n, reads := calls(q); n != wantCalls || reads != wantReads {
			t.Errorf("%.60v took %d calls and %v units, a well-formed one %d and %v", q, n, reads, wantCalls, wantReads)
		}
	}
}

func TestVerify_malformedQuestions(t *testing.T) {
	g := apitest.New(t).Gateway()
	many := make([]apitest.Map, 101)
	for i := range many {
		many[i] = apitest.Map{"key": "a"}
	}
	for _, c := range []struct {
		path string
		body any
	}{
		{"/v1/keys/verify", apitest.Map{}},
		{"/v1/keys/verify", apitest.Map{"key": ""}},
		{"/v1/keys/verify", apitest.Map{"key": "a", "key_hash": "b"}},
		{"/v1/keys/verify", apitest.Map{"key": 7}},
		{"/v1/keys/verify", apitest.Map{"key": "a", "modell": "b"}},
		{"/v1/keys/verify/batch", apitest.Map{"questions": []apitest.Map{}}},
		{"/v1/keys/verify/batch", apitest.Map{"questions": many}},
		{"/v1/keys/verify/batch", apitest.Map{"questions": []apitest.Map{{"key": "a"}, {}}}},
	} {
		g.Do("POST", c.path, c.body).WantProblem(422, "validation_failed")
	}
}

// A hundred questions, some of them twice, are answered in order.
func TestVerify_batch(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	good, id := ada.NewKey()
	bad, badID := ada.NewKey()
	ada.Do("DELETE", "/v1/keys/"+badID, nil).Want(204)
	var questions []apitest.Map
	var want []string
	for i := range 100 {
		key, code := []string{good, bad, fmt.Sprint("unknown-", i)}[i%3], []string{"ok", "revoked", "not_found"}[i%3]
		questions, want = append(questions, apitest.Map{"key": key}), append(want, code)
	}
	gateway := w.Gateway()
	var r *apitest.Reply
	calls := w.Wire.Record(func() {
		r = gateway.Do("POST", "/v1/keys/verify/batch", apitest.Map{"questions": questions}).Want(200)
	})
	if len(calls) > 2 {
		t.Errorf("%d calls", len(calls))
	}
	var answer struct {
		Results []struct {
			Code  string
			KeyID string `json:"key_id"`
		}
	}
	r.Decode(&answer)
	for i, v := range answer.Results {
		if v.Code != want[i] || v.Code == "ok" && v.KeyID != id {
			t.Errorf("answer %d is %+v, want %s", i, v, want[i])
		}
	}
	if len(answer.Results) != 100 {
		t.Errorf("%d answers", len(answer.Results))
	}
	for i := range questions { // a hundred different keys are one more than fit one read
		questions[i] = apitest.Map{"key": fmt.Sprint("different-", i)}
	}
	w.Gateway().Do("POST", "/v1/keys/verify/batch", apitest.Map{"questions": questions}).Want(200)
}

// Once a revocation is acknowledged, no question that is asked later is answered "valid".
func TestVerify_nothingIsValidAfterTheAcknowledgement(t *testing.T) {
	for name, end := range map[string]func(o apitest.Cast, keyID string) *apitest.Reply{
		"revoke": func(o apitest.Cast, id string) *apitest.Reply { return o.Member.Do("DELETE", "/v1/keys/"+id, nil) },
		"rotate": func(o apitest.Cast, id string) *apitest.Reply {
			return o.Member.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{})
		},
		"remove": func(o apitest.Cast, _ string) *apitest.Reply {
			return o.Admin.Do("DELETE", "/v1/members/"+o.Member.ID, nil)
		},
		"leave": func(o apitest.Cast, _ string) *apitest.Reply { return o.Member.Do("POST", "/v1/members/me/leave", nil) },
		"demote": func(o apitest.Cast, _ string) *apitest.Reply {
			return o.Admin.Do("PATCH", "/v1/members/"+o.Member.ID, apitest.Map{"role": "viewer"})
		},
		"delete org": func(o apitest.Cast, _ string) *apitest.Reply {
			slug := o.Owner.Do("GET", "/v1/org", nil).Get("slug")
			return o.Owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": slug})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.New(t)
			org := w.Cast()
			key, id := org.Member.NewKey()
			asking := keepAsking(w.Gateway(), key)
			r := end(org, id)
			acknowledged := time.Now()
			asking.stop(t, acknowledged)
			if r.Status/100 != 2 {
				t.Fatalf("%d: %s", r.Status, r.Body)
			}
		})
	}
}

// asked is one question and its answer.
type asked struct {
	at    time.Time // when it was asked
	valid bool
}

type asking struct {
	wg    sync.WaitGroup
	done  chan struct{}
	mu    sync.Mutex
	asked []asked
	other []string // answers that are none
}

const askers = 50

// keepAsking asks about the key from many goroutines at once, over and over. It returns
// when the key was found valid once by each.
func keepAsking(g *apitest.Person, key string) *asking {
	a := &asking{done: make(chan struct{})}
	var begun sync.WaitGroup
	begun.Add(askers)
	for range askers {
		a.wg.Go(func() {
			for first := true; ; first = false {
				at := time.Now()
				r := g.Do("POST", "/v1/keys/verify", apitest.Map{"key": key})
				a.note(at, r)
				if first {
					begun.Done()
				}
				select {
				case <-a.done:
					return
				default:
				}
			}
		})
	}
	begun.Wait()
	return a
}

func (a *asking) note(at time.Time, r *apitest.Reply) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, asked{at, r.Get("valid") == "true"})
	if r.Status != http.StatusOK {
		a.other = append(a.other, string(r.Body))
	}
}

// stop waits until each goroutine asked after the acknowledgement too, and judges.
func (a *asking) stop(t *testing.T, acknowledged time.Time) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); a.after(acknowledged) < 2*askers && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	close(a.done)
	a.wg.Wait()
	before := 0
	for _, q := range a.asked {
		if q.at.Before(acknowledged) && q.valid {
			before++
		}
		if !q.at.Before(acknowledged) && q.valid {
			t.Errorf("valid %v after the acknowledgement", q.at.Sub(acknowledged))
		}
	}
	if before < askers || a.after(acknowledged) < askers || len(a.other) > 0 {
		t.Errorf("%d valid before, %d questions after, and %q", before, a.after(acknowledged), a.other)
	}
}

func (a *asking) after(acknowledged time.Time) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, q := range a.asked {
		if !q.at.Before(acknowledged) {
			n++
		}
	}
	return n
}

// Somebody who comes back starts with no key, whatever they held before.
func TestVerify_nothingResurrectsKeys(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	key, _ := org.Member.NewKey()
	manage, _ := org.Member.WithKey("manage")
	for _, again := range []func(){
		func() { // demoted, promoted
			org.Owner.Do("PATCH", "/v1/members/"+org.Member.ID, apitest.Map{"role": "viewer"}).Want(200)
			org.Owner.Do("PATCH", "/v1/members/"+org.Member.ID, apitest.Map{"role": "admin"}).Want(200)
		},
		func() { // removed, invited again
			org.Owner.Do("DELETE", "/v1/members/"+org.Member.ID, nil).Want(204)
			org.Owner.Invite(org.Member.Email, "member")
			if back := w.Join(org.Member.Email); back.ID != org.Member.ID {
				t.Fatal("the same person came back as another user")
			}
		},
	} {
		again()
		if code := w.Gateway().Verdict(key); code != "revoked" {
			t.Errorf("the key is %s", code)
		}
		manage.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
		if rows := org.Owner.List("/v1/keys?state=live&user_id=" + org.Member.ID); len(rows) != 0 {
			t.Errorf("they came back with %v", rows)
		}
	}
}

// A deleted org's keys stay dead through the purge, and after it they are unknown.
func TestVerify_purged(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	key, id := ada.NewKey()
	rotated := ada.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{"grace_seconds": 3600}).Want(200).Get("key")
	ada.Do("DELETE", "/v1/org", apitest.Map{"confirm": ada.Do("GET", "/v1/org", nil).Get("slug")}).Want(204)
	w.Clock.Advance(2 * time.Minute)
	w.Sweep()
	for _, k := range []string{key, rotated} {
		if code := w.Gateway().Verdict(k); code != "not_found" {
			t.Errorf("the key is %s", code)
		}
	}
	if secrets := w.Books().Secrets; len(secrets) != 0 {
		t.Errorf("left behind: %v", secrets)
	}
}

// An inference key does not open this API, a manage key asks no models, and the refusal
// names the scope.
func TestScopes(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	inference, _ := ada.WithKey("inference")
	manage, _ := ada.WithKey("manage")
	both, _ := ada.WithKey("inference", "manage")
	if r := inference.Do("GET", "/v1/me", nil).WantProblem(403, "scope_missing"); !strings.Contains(r.Get("detail"), "manage") {
		t.Errorf("%s", r.Body)
	}
	manage.Do("GET", "/v1/me", nil).Want(200)
	both.Do("GET", "/v1/me", nil).Want(200)
	if r := w.Gateway().Ask(manage.Token); r.Get("code") != "scope_missing" || !strings.Contains(r.Get("detail"), "inference") {
		t.Errorf("%s", r.Body)
	}
	for _, p := range []*apitest.Person{inference, both} {
		if code := w.Gateway().Verdict(p.Token); code != "ok" {
			t.Error(code)
		}
	}
}

// The gateway's calls are for the gateway alone, and its token is for them alone.
func TestVerify_takesOnlyTheGatewaysToken(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	manage, _ := ada.WithKey("manage")
	question := apitest.Map{"key": "a"}
	strange := &apitest.Person{World: w, Token: "nemo_gateway_" + strings.Repeat("A", 43)}
	for range 2 { // before and after there is any token
		for _, p := range []*apitest.Person{ada, manage, w.Stranger(), strange} {
			p.Do("POST", "/v1/keys/verify", question).WantProblem(401, "unauthorized")
			p.Do("POST", "/v1/keys/verify/batch", apitest.Map{"questions": []apitest.Map{question}}).WantProblem(401, "unauthorized")
		}
		w.Gateway()
	}
	w.Gateway().Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
	w.Gateway().Do("POST", "/v1/keys", apitest.Map{"name": "x"}).WantProblem(401, "unauthorized")
}

// Whoever makes up a token makes us read no more than that it is none, also where the
// gateway has just been.
func TestGatewayTokens_strangersCostNothing(t *testing.T) {
	w := apitest.New(t)
	reports := make([]apitest.Map, 1000)
	for i := range reports {
		reports[i] = apitest.Map{"event_id": fmt.Sprint(i), "key_hash": fmt.Sprintf("%064x", i), "cost_usd": 1, "at": w.Clock.Now()}
	}
	strange := &apitest.Person{World: w, Token: "nemo_gateway_" + strings.Repeat("A", 43)}
	for range 2 {
		units := 0.0
		for _, call := range w.Wire.Record(func() { strange.Do("POST", "/v1/spend/events", reports).WantProblem(401, "unauthorized") }) {
			units += call.ReadUnits
		}
		if units > 1 {
			t.Errorf("a stranger made us read %g units", units)
		}
		w.Gateway().Do("POST", "/v1/spend/events", reports).Want(200)
	}
}

// Two tokens are good at a time: the third rotation kills the first.
func TestGatewayTokens(t *testing.T) {
	w := apitest.Alone(t)
	var tokens []string
	for range 4 {
		tokens = append(tokens, w.NewGatewayToken())
		for i, token := range tokens {
			want := http.StatusUnauthorized
			if i >= len(tokens)-2 {
				want = http.StatusOK
			}
			gw, question := apitest.Person{World: w, Token: token}, apitest.Map{"key": "a"}
			gw.Do("POST", "/v1/keys/verify", question).Want(want)
			gw.Do("POST", "/v1/keys/verify/batch", apitest.Map{"questions": []apitest.Map{question}}).Want(want)
			gw.Do("POST", "/v1/spend/events", []apitest.Map{{}}).Want(want)
		}
	}
	for _, row := range w.Rows() {
		if b, err := json.Marshal(row); err != nil || bytes.Contains(b, []byte("nemo_gateway_")) {
			t.Errorf("a token is stored: %s, %v", b, err)
		}
	}
}

// A rotation whose answer was lost hands out its token with the error: it is good, and
// another rotation would end the one in use.
func TestGatewayTokens_lostAnswer(t *testing.T) {
	w := apitest.Alone(t)
	mend := w.Wire.Break(apitest.On("TransactWriteItems", apitest.Lose))
	token, err := tokens.Rotator{Store: w.Store, Now: w.Clock.Now}.Rotate(t.Context())
	mend()
	if err == nil {
		t.Error("nobody heard of it, and it succeeded")
	}
	gw := apitest.Person{World: w, Token: token}
	gw.Do("POST", "/v1/keys/verify", apitest.Map{"key": "a"}).Want(200)
}

// One line for each code, in CloudWatch's embedded metric format; nothing in it tells keys.
func TestVerify_isCounted(t *testing.T) {
	var lines bytes.Buffer
	w := apitest.New(t, func(s *wiring.Settings) { s.Metrics = &lines })
	key, _ := w.SignUp("Acme").NewKey()
	var questions []apitest.Map
	for _, k := range []string{key, "a", key, "b", key} {
		questions = append(questions, apitest.Map{"key": k})
	}
	w.Gateway().Ask(key)
	w.Gateway().Do("POST", "/v1/keys/verify/batch", apitest.Map{"questions": questions}).Want(200)
	counted := map[string]int{}
	for line := range strings.Lines(lines.String()) {
		var m struct {
			AWS struct {
				Timestamp         int64
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct{ Name, Unit string }
				}
			} `json:"_aws"`
			Code             string `json:"code"`
			KeyVerifications int
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		counted[m.Code] += m.KeyVerifications
		c := m.AWS.CloudWatchMetrics
		if len(c) != 1 || c[0].Namespace != "nemo-team" || fmt.Sprint(c[0].Dimensions, c[0].Metrics) != "[[code]] [{KeyVerifications Count}]" || m.AWS.Timestamp == 0 {
			t.Errorf("%s", line)
		}
	}
	if counted["ok"] != 4 || counted["not_found"] != 2 || len(counted) != 2 {
		t.Errorf("counted %v in %s", counted, &lines)
	}
}

// No answer, log line or audit entry holds a key or a hash of one.
func TestKeys_nothingTellsSecrets(t *testing.T) {
	var logs bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)
	w := apitest.Alone(t, func(s *wiring.Settings) { s.Metrics = &logs })
	ada := w.SignUp("Acme")
	old, id := ada.NewKey(apitest.Map{"scopes": []string{"inference", "manage"}, "requests_per_minute": 1000})
	rotated := ada.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{"grace_seconds": 60}).Want(200).Get("key")
	hash := func(key string) string { sum := sha256.Sum256([]byte(key)); return hex.EncodeToString(sum[:]) }
	program := &apitest.Person{World: w, Token: rotated}
	g := w.Gateway()
	replies := []*apitest.Reply{
		ada.Do("GET", "/v1/keys", nil).Want(200), ada.Do("GET", "/v1/keys/"+id, nil).Want(200),
		ada.Do("PATCH", "/v1/keys/"+id, apitest.Map{"name": "b"}).Want(200), ada.Do("GET", "/v1/audit", nil).Want(200),
		program.Do("GET", "/v1/me", nil).Want(200), program.Do("GET", "/v1/nothing?x="+rotated, nil).Want(404),
		program.Do("POST", "/v1/keys", apitest.Map{"name": rotated, "scopes": []string{old}}).Want(422),
		g.Ask(old), g.Ask(rotated), g.Do("POST", "/v1/keys/verify", apitest.Map{"key_hash": hash(rotated)}).Want(200),
		g.Do("POST", "/v1/keys/verify", apitest.Map{"key": rotated, "key_hash": hash(rotated)}).Want(422),
		g.Do("POST", "/v1/keys/verify", apitest.Map{"key": []string{rotated}}).Want(422),
		ada.Do("GET", "/v1/keys/"+rotated, nil).Want(404), ada.Do("GET", "/v1/keys/"+hash(rotated), nil).Want(404),
	}
	mend := w.Wire.Break(apitest.Says("ValidationException"))
	replies = append(replies, g.Do("POST", "/v1/keys/verify", apitest.Map{"key": rotated}).Want(500), program.Do("GET", "/v1/me", nil).Want(500))
	mend()
	told := logs.String()
	for _, r := range replies {
		told += string(r.Body) + fmt.Sprint(r.Header)
	}
	for _, key := range []string{old, rotated} {
		body := strings.TrimPrefix(key, "sk-nemo-")
		for what, secret := range map[string]string{
			"the key": body, "its beginning": body[:6], "its end": body[len(body)-6:], "its hash": hash(key), "part of its hash": hash(key)[:16],
		} {
			if i := strings.Index(told, secret); i >= 0 {
				t.Errorf("%s was told: …%s…", what, told[max(0, i-200):min(len(told), i+20)])
			}
		}
	}
	for _, row := range w.Rows() {
		if b, err := json.Marshal(row); err != nil || slices.ContainsFunc([]string{old, rotated}, func(k string) bool { return bytes.Contains(b, []byte(k)) }) {
			t.Errorf("a key is stored: %s %v", b, err)
		}
	}
}

// Verifying takes two reads, all strongly consistent, and writes nothing.
func TestVerify_cost(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	plain, _ := ada.NewKey(apitest.Map{"models": []string{"gpt-*"}, "expires_at": w.Clock.Now().Add(time.Hour)})
	limited, _ := ada.NewKey(apitest.Map{"requests_per_minute": 100})
	for key, wantWrites := range map[string]float64{plain: 0, limited: 1} {
		w.Gateway()
		var reads, writes float64
		round := 0
		for _, c := range w.Wire.Record(func() { w.Gateway().Ask(key) }) {
			reads, writes = reads+c.ReadUnits, writes+c.WriteUnits
			if c.Operation == "BatchGetItem" {
				round++
			}
		}
		if round != 2 || reads > 4 || writes != wantWrites {
			t.Errorf("%d round trips, %v read and %v write units", round, reads, writes)
		}
	}
}

// The largest member and key that there may be take no more to verify than others.
func TestVerify_costOfTheLargest(t *testing.T) {
	w := apitest.New(t, func(s *wiring.Settings) { s.KeyPrefix = keys.Prefix("sk-" + strings.Repeat("a", 28) + "-") })
	org := w.Cast()
	name := strings.Repeat("𝕏", names.MaxLength) // of 4 bytes each, the most that a character takes
	label := strings.Repeat("d", 61)
	email := strings.Repeat("l", 28) + ident.New(w.Clock.Now()) + "@" + label + "." + label + "." + label + ".de" // 254 bytes
	org.Owner.Do("PATCH", "/v1/org", apitest.Map{"name": name, "slug": "s" + strings.Repeat("-s", 13) + "-" + org.Owner.OrgID[24:]}).Want(200)
	org.Owner.Invite(email, "member")
	bob := w.Join(email)
	bob.Do("PATCH", "/v1/me", apitest.Map{"name": name}).Want(200)
	_, id := org.Admin.NewKey(apitest.Map{
		"name": name, "user_id": bob.ID, "scopes": []string{"inference", "manage"}, "requests_per_minute": keys.MaxRequestsPerMinute,
		"expires_at": w.Clock.Now().Add(time.Hour),
	})
	bob.EditAtLength(id, 1)
	for range keys.MaxLive - 1 {
		bob.NewKey(apitest.Map{"name": name})
	}
	gateway := w.Gateway()
	for range 3 {
		key, reads := rotate(org.Admin, id, time.Minute), 0.0
		for _, c := range w.Wire.Record(func() { gateway.Ask(key) }) {
			reads += c.ReadUnits
		}
		if reads > 4 {
			t.Errorf("%v read units", reads)
		}
	}
}

// When the engine fails, nobody is told that a key is good.
func TestVerify_failsClosed(t *testing.T) {
	w := apitest.New(t)
	key, _ := w.SignUp("Acme").NewKey(apitest.Map{"requests_per_minute": 1000})
	g := w.Gateway()
	for _, operation := range []string{"BatchGetItem", "UpdateItem"} {
		for name, fault := range map[string]apitest.Hook{
			"refuse": apitest.Refuse, "cut off": apitest.CutOff, "throttled": apitest.Says("ThrottlingException"), "lost": apitest.Lose,
		} {
			mend := w.Wire.Break(apitest.On(operation, fault))
			r := g.Do("POST", "/v1/keys/verify", apitest.Map{"key": key})
			mend()
			if r.Status != http.StatusServiceUnavailable || r.Get("valid") != "" {
				t.Errorf("%s %s: %d %s", operation, name, r.Status, r.Body)
			}
		}
	}
	mend := w.Wire.Break(apitest.Piecemeal)
	defer mend()
	if code := g.Verdict(key); code != "ok" {
		t.Errorf("an answer in pieces makes the key %s", code)
	}
}
