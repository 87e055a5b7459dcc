package events_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/dev/setup"
)

func TestMain(m *testing.M) { apitest.Main(m) }

// request is what the module sees of one: of LiteLLM's proxy, or of a WebSocket that it
// presents as a GET.
type request struct {
	Authorization string            `json:"authorization"`
	Method        string            `json:"method"`
	Path          string            `json:"path"`
	PathParams    map[string]string `json:"path_params"`
	QueryParams   map[string]string `json:"query_params"`
	Headers       map[string]string `json:"headers"`
	Body          map[string]any    `json:"body"`
}

// chat is the plainest request.
func chat(key, model string) request {
	return request{Authorization: "Bearer " + key, Method: "POST", Path: "/v1/chat/completions", Body: map[string]any{"model": model}}
}

func (r request) at(path string, params map[string]string) request {
	r.Path, r.PathParams = path, params
	return r
}

// with adds a field to the body.
func (r request) with(field string, value any) request {
	r.Body = map[string]any{"model": r.Body["model"], field: value}
	return r
}

// result is what the module makes of a request: somebody, or a refusal.
type result struct {
	Status int
	Code   string
	Auth   struct {
		UserID   string            `json:"user_id"`
		TeamID   string            `json:"team_id"`
		OrgID    string            `json:"org_id"`
		UserRole string            `json:"user_role"`
		Models   []string          `json:"models"`
		Metadata map[string]string `json:"metadata"`
	}
}

// proxy is LiteLLM with the module: it asks nemo-team at url, as the holder of the token.
type proxy struct {
	testing.TB
	url, token string
	env        []string
}

// proxyOf asks the handlers of a world.
func proxyOf(w *apitest.World) proxy {
	server := httptest.NewServer(w.Handler())
	w.Cleanup(server.Close)
	return proxy{TB: w, url: server.URL, token: w.Gateway().Token}
}

var python = sync.OnceValues(func() (string, error) { return setup.Need(context.Background(), setup.Python, os.Stderr) })

// admit presents requests, one after the other.
func (p proxy) admit(requests ...request) []result {
	p.Helper()
	python, err := python()
	if err != nil {
		p.Fatal(err)
	}
	for _, file := range []string{"litellm_custom_auth.py", "testdata/proxy.py"} { // go test sees what depends on them
		if _, err := os.Stat(file); err != nil {
			p.Fatal(err)
		}
	}
	var lines bytes.Buffer
	for _, r := range requests {
		if err := json.NewEncoder(&lines).Encode(r.filled()); err != nil {
			p.Fatal(err)
		}
	}
	cmd := exec.CommandContext(p.Context(), python, "-B", "testdata/proxy.py")
	cmd.Env = append(os.Environ(), append(p.env, "PYTHONPATH=.", "NEMO_URL="+p.url, "NEMO_GATEWAY_TOKEN="+p.token)...)
	cmd.Stdin, cmd.Stderr = &lines, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		p.Fatal(err)
	}
	results, told := make([]result, len(requests)), json.NewDecoder(bytes.NewReader(out))
	for i := range results {
		if err := told.Decode(&results[i]); err != nil {
			p.Fatalf("%v in %s", err, out)
		}
	}
	return results
}

// filled has no null where Python wants a dict.
func (r request) filled() request {
	for _, m := range []*map[string]string{&r.PathParams, &r.QueryParams, &r.Headers} {
		if *m == nil {
			*m = map[string]string{}
		}
	}
	return r
}

// wanted is a request and what is to become of it: a status, and the code if it is refused.
type wanted struct {
	what string
	request
	status int
	code   string
}

func (p proxy) want(cases []wanted) {
	p.Helper()
	var requests []request
	for _, c := range cases {
		requests = append(requests, c.request)
	}
	for i, r := range p.admit(requests...) {
		if r.Status != cases[i].status || r.Code != cases[i].code {
			p.Errorf("%s: %d %s, want %d %s", cases[i].what, r.Status, r.Code, cases[i].status, cases[i].code)
		}
	}
}

func TestLiteLLMCustomAuth_tellsWhoHoldsTheKey(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	people := []*apitest.Person{org.Owner, org.Admin, org.Member}
	var ids []string
	var asking []request
	for _, p := range people {
		key, id := p.NewKey(apitest.Map{"models": []string{"gpt-*"}})
		ids, asking = append(ids, id), append(asking, chat(key, "gpt-5"))
	}
	for i, r := range proxyOf(w).admit(asking...) {
		p, id, a := people[i], ids[i], r.Auth
		me := p.Do("GET", "/v1/me", nil).Want(200)
		if r.Status != 200 || a.UserID != p.ID || a.TeamID != p.TeamID || a.OrgID != p.OrgID || len(a.Models) != 1 || a.Models[0] != "gpt-*" {
			t.Errorf("%+v", r)
		}
		if a.UserRole != "internal_user" { // whoever runs the org does not run the proxy
			t.Errorf("the %s is %s to LiteLLM", me.Get("role"), a.UserRole)
		}
		if m := a.Metadata; m["nemo_key_id"] != id || m["nemo_role"] != me.Get("role") || m["nemo_litellm_role"] != me.Get("litellm_role") || m["nemo_reservation_id"] != "" {
			t.Errorf("%v", m)
		}
	}
}

// What nemo-team says of a key becomes a status that clients understand.
func TestLiteLLMCustomAuth_codes(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	key := func(fields apitest.Map) string { k, _ := org.Member.NewKey(fields); return k }
	good, limited := key(nil), key(apitest.Map{"requests_per_minute": 1})
	expired := key(apitest.Map{"expires_at": w.Clock.Now().Add(time.Minute)})
	w.Clock.Stop(w.Clock.Now().Add(2 * time.Minute))
	revoked, id := org.Member.NewKey()
	org.Member.Do("DELETE", "/v1/keys/"+id, nil).Want(204)
	spent, id := org.Member.NewKey()
	org.Owner.Do("PUT", "/v1/budgets/key/"+id, apitest.Map{"limit_usd": "0", "period": "month"}).Want(200)
	viewers, _ := org.Admin.NewKey(apitest.Map{"user_id": org.Viewer.ID, "scopes": []string{"manage"}})
	named := chat(good, "gpt-5")
	named.Headers = map[string]string{"x-litellm-call-id": "mine"}
	proxyOf(w).want([]wanted{
		{"a good key", chat(good, "gpt-5"), 200, ""},
		{"a good key, for any model", request{Authorization: good, Method: "GET", Path: "/v1/files"}, 200, ""},
		{"no key", chat("", "gpt-5"), 401, "unauthorized"},
		{"a call named by its client", named, 400, "call_id_forbidden"},
		{"an unknown key", chat("sk-nemo-"+strings.Repeat("a", 43), "gpt-5"), 401, "not_found"},
		{"a revoked key", chat(revoked, "gpt-5"), 401, "revoked"},
		{"an expired key", chat(expired, "gpt-5"), 401, "expired"},
		{"a viewer's", chat(viewers, "gpt-5"), 403, "role_forbids"},
		{"a key to manage", chat(key(apitest.Map{"scopes": []string{"manage"}}), "gpt-5"), 403, "scope_missing"},
		{"another model", chat(key(apitest.Map{"models": []string{"gpt-5"}}), "o3"), 403, "model_not_allowed"},
		{"a spent budget", chat(spent, "gpt-5"), 403, "budget_exceeded"},
		{"the first in a minute", chat(limited, "gpt-5"), 200, ""},
		{"the second", chat(limited, "gpt-5"), 429, "rate_limited"},
	})
}

// A key for some models lists models and asks those, in no way another: what LiteLLM takes a
// model from, and what makes it take another, is refused wherever it was not asked about.
func TestLiteLLMCustomAuth_limitedKey(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	key, _ := ada.NewKey(apitest.Map{"models": []string{"cheap"}})
	whole, _ := ada.NewKey()
	const no = "model_not_allowed"
	plain, fallbacks := chat(key, "cheap"), []map[string][]string{{"cheap": {"dear"}}}
	query, get := plain, plain
	query.QueryParams = map[string]string{"model": "dear"}
	get.Method, get.Body = "GET", nil
	deployment := func(model string) request {
		return plain.at("/openai/deployments/"+model+"/chat/completions", map[string]string{"model": model})
	}
	cases := []wanted{
		{"plainly", plain, 200, ""},
		{"another", chat(key, "dear"), 403, no},
		{"none", chat(key, ""), 403, no},
		{"two", chat(key, "cheap,dear"), 403, no},
		{"its tools", plain.with("tools", []apitest.Map{{"type": "function", "function": apitest.Map{"name": "model"}}}), 200, ""},
		{"a tool that asks another", plain.with("tools", []apitest.Map{{"type": "advisor", "model": "dear"}}), 403, no},
		{"in the query", query, 403, no},
		{"in an engine's path", plain.at("/engines/cheap/completions", map[string]string{"model": "cheap"}), 200, ""},
		{"in a deployment's path", deployment("cheap"), 200, ""},
		{"another, in a deployment's path", deployment("dear"), 403, no},
		{"by a provider's own route that looks like it", plain.at("/openai/deployments/dear/responses", map[string]string{"endpoint": "deployments/dear/responses"}), 403, no},
		{"in Google's path", plain.at("/v1beta/models/dear:generateContent", map[string]string{"model_name": "dear"}), 403, no},
		{"in Google's path, the same", plain.at("/v1beta/models/cheap:generateContent", map[string]string{"model_name": "cheap"}), 403, no},
		{"by a provider's own route", plain.at("/gemini/v1beta/models/dear:generateContent", map[string]string{"endpoint": "v1beta/models/dear:generateContent"}), 403, no},
		{"by an unknown route", plain.at("/v1/more/chat/completions", nil), 403, no},
		{"the listing", get.at("/v1/models", nil), 200, ""},
		{"files", get.at("/v1/files", nil), 403, no},
		{"by WebSocket", get.at("/v1/realtime", nil), 403, no},
		{"by WebSocket, with a model", request{Authorization: key, Method: "GET", Path: "/v1/responses", Body: plain.Body}, 403, no},
		{"another method", request{Authorization: key, Method: "DELETE", Path: "/v1/responses", Body: plain.Body}, 403, no},
	}
	for _, path := range []string{
		"/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses", "/v1/messages", "/v1/messages/count_tokens",
		"/v1/images/generations", "/v1/images/edits", "/v1/audio/speech", "/v1/audio/transcriptions", "/v1/moderations", "/v1/rerank",
	} {
		cases = append(cases, wanted{path, plain.at(path, nil), 200, ""}, wanted{path + " of another", chat(key, "dear").at(path, nil), 403, no})
	}
	for field, value := range map[string]any{
		"fallbacks": fallbacks, "context_window_fallbacks": fallbacks, "content_policy_fallbacks": fallbacks, "fallbacks[]": "dear",
		"mock_testing_fallbacks": true, "router_settings_override": apitest.Map{"fallbacks": fallbacks}, "user_config": apitest.Map{},
		"extra_body": apitest.Map{"model": "dear"}, "deployment_id": "dear", "specific_deployment": true, "prompt_id": "dear",
		"model[]": "dear", "models": []string{"dear"}, "model_id": "dear", "model_list": []string{"dear"}, "base_model": "dear",
	} {
		whole := chat(whole, "cheap").with(field, value)
		cases = append(cases, wanted{"with " + field, plain.with(field, value), 403, no}, wanted{"with " + field + ", for any model", whole, 200, ""})
	}
	proxyOf(w).want(cases)
}

// When nemo-team cannot be asked, or does not answer as it should, nobody is let in.
func TestLiteLLMCustomAuth_failsClosed(t *testing.T) {
	w := apitest.New(t)
	key, _ := w.SignUp("Acme").NewKey()
	good := proxyOf(w)
	answering := func(status int, body string) string {
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			rw.WriteHeader(status)
			io.WriteString(rw, body) // whoever asked may be gone
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	down := httptest.NewServer(nil)
	down.Close()
	for what, p := range map[string]proxy{
		"down":                   {url: down.URL},
		"failing":                {url: answering(500, `{"valid":true,"code":"ok","models":[]}`)},
		"not understood":         {url: answering(200, "<html>")},
		"neither valid nor not":  {url: answering(200, `{"valid":"true","code":"ok"}`)},
		"refusing the proxy":     {url: good.url, token: "nemo_gateway_" + strings.Repeat("A", 43)},
		"answering with nothing": {url: answering(200, "{}")},
	} {
		p.TB = t
		p.want([]wanted{{what, chat(key, "gpt-5"), 503, "unavailable"}})
	}
	good.want([]wanted{{"well", chat(key, "gpt-5"), 200, ""}})
}

// What a request may cost is held of its budgets, and LiteLLM is told under which id; what
// asks no model holds nothing. It is held for as long as the proxy waits for a model.
func TestLiteLLMCustomAuth_reserves(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	key, id := ada.NewKey()
	ada.Do("PUT", "/v1/budgets/key/"+id, apitest.Map{"limit_usd": "0.12", "period": "month"}).Want(200)
	p := proxyOf(w)
	p.env = []string{"NEMO_RESERVE_USD=0.05"}
	listing := request{Authorization: key, Method: "GET", Path: "/v1/models"}
	results := p.admit(listing, chat(key, "gpt-5"), chat(key, "gpt-5"), chat(key, "gpt-5"))
	if got := results[0]; got.Status != 200 || got.Auth.Metadata["nemo_reservation_id"] != "" {
		t.Errorf("listing: %+v", got)
	}
	first, second := results[1].Auth.Metadata["nemo_reservation_id"], results[2].Auth.Metadata["nemo_reservation_id"]
	if first == "" || second == "" || first == second {
		t.Errorf("%+v", results[1:3])
	}
	if got := results[3]; got.Status != 403 || got.Code != "budget_exceeded" {
		t.Errorf("beyond the budget: %+v", got)
	}
	for _, later := range []struct {
		by   time.Duration
		held string
	}{{0, "0.1"}, {9 * time.Minute, "0.1"}, {2 * time.Minute, "0"}} {
		w.Clock.Advance(later.by)
		if held := ada.Do("GET", "/v1/budgets/key/"+id, nil).Get("reserved_usd"); held != later.held {
			t.Errorf("%v later: $%s held, want $%s", later.by, held, later.held)
		}
	}
}
