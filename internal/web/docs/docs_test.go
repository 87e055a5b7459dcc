package docs_test

import (
	"html"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/catalog"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/web"
)

const origin = "https://team.acme.example"

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	handler := web.Handler(web.Config{PublicURL: origin}, web.Docs{Parts: catalog.Parts()})
	handler.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
	return rec
}

// page is the docs page as it is read, with entities resolved.
func page(t *testing.T) string { return html.UnescapeString(get(t, "/docs").Body.String()) }

func wantText(t *testing.T, in string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(in, text) {
			t.Errorf("there is no %q", text)
		}
	}
}

// wholeAPI is all that the deployment mounts.
func wholeAPI() *huma.OpenAPI {
	api := web.NewAPI(web.Config{})
	for _, p := range append(catalog.Parts(), web.Docs{}) {
		p.Mount(api)
	}
	return api.OpenAPI()
}

func TestPage_hasEveryOperation(t *testing.T) {
	body := page(t)
	for path, item := range wholeAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			article := articleOf(body, op.OperationID)
			wantText(t, article, op.Summary, op.Method, path)
			if permission, needs := op.Extensions["x-permission"].(authz.Permission); needs {
				wantText(t, article, `href="#`+anchor(permission)+`"`)
			}
			for _, p := range op.Parameters {
				wantText(t, article, ">"+p.Name+"<", p.Description)
			}
		}
	}
}

func anchor(p authz.Permission) string {
	return "permission-" + strings.ReplaceAll(string(p), ":", "-")
}

// articleOf cuts an operation out of the page.
func articleOf(body, id string) string {
	_, rest, _ := strings.Cut(body, `aria-labelledby="`+id+`"`)
	article, _, _ := strings.Cut(rest, "</article>")
	return article
}

func TestPage_showsAnOperationWhole(t *testing.T) {
	wantText(t, articleOf(page(t), "create-invitation"),
		"Invite somebody", "POST", "/v1/invitations", "Mails a link that is good for 7 days.",
		"Idempotency-Key", "in the header", ">email<", ">team_id<", "Yours unless given.", "required",
		`<span class="parents">invited_by.</span>name`, "One of admin, member, viewer", "201", "owner, admin.",
		`curl `+origin+`/v1/invitations \`, `-H "Authorization: Bearer sk-nemo-..."`,
		`-d '{ "email": "alice@acme.com", "role": "admin" }'`)
	wantText(t, articleOf(page(t), "change-role"), "curl -X PATCH "+origin+"/v1/members/$ID")
}

// The curl that people are told to type is the one of the contract, host aside.
func TestPage_showsTheDocumentedCurl(t *testing.T) {
	wantText(t, page(t), "curl "+origin+"/api/supabase/invitations \\\n"+
		`  -H "Authorization: Bearer sk-nemo-..." \`+"\n"+
		`  -d '{ "email": "alice@acme.com", "role": "admin" }'`)
}

func TestPage_hasTheTableOfRoles(t *testing.T) {
	body := page(t)
	for _, g := range authz.Table {
		_, row, _ := strings.Cut(body, `<tr id="`+anchor(g.Permission)+`">`)
		row, _, _ = strings.Cut(row, "</tr>")
		if got := strings.Count(row, ">yes<"); got != len(g.Roles) {
			t.Errorf("%s: %d roles, want %d", g.Permission, got, len(g.Roles))
		}
	}
	for _, r := range authz.Roles() {
		wantText(t, body, r.Description(), r.LiteLLM())
	}
}

// Problem documents link to /docs#code.
func TestPage_explainsEveryCode(t *testing.T) {
	body := page(t)
	want := []string{"method_not_allowed", "payload_too_large", "unsupported_media_type", "malformed", "validation_failed", "cross_origin"}
	for _, f := range fault.All() {
		want = append(want, f.Code)
		wantText(t, body, "<p>"+f.Detail+"</p>")
	}
	for _, code := range want {
		wantText(t, body, `<div id="`+code+`">`)
	}
	wantText(t, body, `<code>invitation_expired</code></a> <span class="status"><span class="status-code">410</span> Gone`)
}

// A code is one thing to whoever branches on it, wherever it was declared.
func TestCodes_haveOneStatus(t *testing.T) {
	kinds := map[string]fault.Kind{}
	for _, f := range fault.All() {
		if kind, seen := kinds[f.Code]; seen && kind != f.Kind {
			t.Errorf("%s has several statuses", f.Code)
		}
		kinds[f.Code] = f.Kind
	}
}

func matches(pattern, in string) (found []string) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(in, -1) {
		found = append(found, m[1])
	}
	return found
}

func TestPage_anchorsAreUniqueAndLinksLead(t *testing.T) {
	body := page(t)
	ids := matches(` id="([^"]*)"`, body)
	if unique := slices.Compact(slices.Sorted(slices.Values(ids))); len(unique) != len(ids) {
		t.Errorf("%d anchors for %d things", len(unique), len(ids))
	}
	for _, to := range append(matches(` href="#([^"]*)"`, body), matches(` aria-labelledby="([^"]*)"`, body)...) {
		if !slices.Contains(ids, to) {
			t.Errorf("nothing is at #%s", to)
		}
	}
}

func TestPage_headers(t *testing.T) {
	rec := get(t, "/docs")
	for header, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Cache-Control": "public, max-age=300",
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
	} {
		if got := rec.Header().Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	policy := rec.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") {
		t.Errorf("policy %q", policy)
	}
}

func TestPage_obeysItsPolicy(t *testing.T) {
	body := get(t, "/docs").Body.String()
	if found := regexp.MustCompile(`<style|<script| style=| on[a-z]+=|javascript:|(?:src|href)="(?:https?:)?//`).FindString(body); found != "" {
		t.Errorf("the page has %q", found)
	}
}
