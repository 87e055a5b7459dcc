package apitest_test

import (
	"bytes"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// wantNothingWritten fails unless f leaves the table as it was, to the last item.
func wantNothingWritten(t *testing.T, w *apitest.World, f func()) {
	t.Helper()
	before := w.Items()
	f()
	if after := w.Items(); !maps.Equal(before, after) {
		for key, item := range after {
			if before[key] != item {
				t.Errorf("written: %s %s", key, item)
			}
		}
	}
}

// nasty are addresses that must not get in, by what is wrong with them.
var nasty = map[string]string{
	"empty":                      "",
	"spaces only":                "   ",
	"no at":                      "alice.example.com",
	"nothing before the at":      "@example.com",
	"nothing after the at":       "alice@",
	"two ats":                    "alice@evil@example.com",
	"one label":                  "alice@localhost",
	"trailing dot":               "alice@example.com.",
	"leading dot":                ".alice@example.com",
	"dot before the at":          "alice.@example.com",
	"two dots":                   "al..ice@example.com",
	"two dots in the domain":     "alice@example..com",
	"domain begins with hyphen":  "alice@-example.com",
	"underscore in the domain":   "alice@exa_mple.com",
	"IPv4":                       "alice@192.0.2.1",
	"IPv4 literal":               "alice@[192.0.2.1]",
	"IPv6 literal":               "alice@[IPv6:2001:db8::1]",
	"space inside":               "al ice@example.com",
	"space in the domain":        "alice@exam ple.com",
	"tab":                        "al\tice@example.com",
	"CRLF and a header":          "alice@example.com\r\nBcc: eve@example.com",
	"LF in the local part":       "alice\n@example.com",
	"NUL":                        "alice\x00@example.com",
	"DEL":                        "alice\x7f@example.com",
	"quotes":                     `"alice"@example.com`,
	"quoted space":               `"al ice"@example.com`,
	"backslash":                  `al\ice@example.com`,
	"display name":               "Alice <alice@example.com>",
	"comment":                    "alice(x)@example.com",
	"comma":                      "alice@example.com,eve@example.com",
	"semicolon":                  "alice@example.com;eve@example.com",
	"mailto":                     "mailto:alice@example.com",
	"URL":                        "https://example.com/alice@example.com",
	"Cyrillic а":                 "\u0430lice@example.com",
	"Greek ο":                    "b\u03bfb@example.com",
	"kelvin sign for k":          "\u212Aate@example.com",
	"dotted capital İ for i":     "adm\u0130n@example.com",
	"dotless ı":                  "adm\u0131n@example.com",
	"long s ſ":                   "\u017Falice@example.com",
	"full-width letters":         "\uff41lice@example.com",
	"full-width at":              "alice\uff20example.com",
	"accent":                     "al\u00edce@example.com",
	"accent, apart":              "ali\u0301ce@example.com",
	"zero-width space":           "ali\u200bce@example.com",
	"right-to-left override":     "ali\u202ece@example.com",
	"byte order mark":            "ali\ufeffce@example.com",
	"local part of 65":           strings.Repeat("a", 65) + "@example.com",
	"label of 64":                "alice@" + strings.Repeat("a", 64) + ".com",
	"255 in all":                 "alice@" + strings.Repeat(strings.Repeat("a", 61)+".", 4) + "a.com",
	"longer than any":            strings.Repeat("a", 2000) + "@example.com",
	"IDNA: forbidden character":  "alice@exa\u2260mple.com\u0000",
	"IDNA: broken punycode":      "alice@xn--a.com",
	"percent-encoded line break": "alice%0d%0a@exa%0ample.com",
}

// Bad addresses are refused wherever one is taken, at the field, and nothing is written.
func TestInput_badAddresses(t *testing.T) {
	w := apitest.Alone(t)
	owner := w.SignUp("Acme")
	wantNothingWritten(t, w, func() {
		for name, address := range nasty {
			t.Run(name, func(t *testing.T) {
				owner, nobody := owner.In(t), w.In(t).Stranger()
				invitation := apitest.Map{"email": address, "role": "member"}
				wantInvalid(t, owner.Do("POST", "/v1/invitations", invitation), "body.email")
				wantInvalid(t, nobody.Do("POST", "/v1/sessions", apitest.Map{"email": address}), "body.email")
				wantInvalid(t, nobody.Do("POST", "/v1/signup", apitest.Map{"email": address, "org_name": "x"}), "body.email")
				bulk := owner.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": []any{invitation}})
				if bulk.Status == 200 {
					bulk = bulk.Row(0)
				}
				wantInvalid(t, bulk, "body.invitations[0].email")
			})
		}
	})
}

// One mailbox has one form: all its spellings are the same pending invitation, and mail
// goes to the form that is stored.
func TestInput_spellingsOfOneMailbox(t *testing.T) {
	for form, spellings := range map[string][]string{
		"ALICE@Example.COM": {"alice@example.com", "Alice@EXAMPLE.com", "  alice@example.com  ", "alice@example.com\r\n"},
		"a+tag@example.com": {"A+TAG@example.com"},
		"ida@bücher.example": {
			"ida@xn--bcher-kva.example", "IDA@BÜCHER.example", "ida@bu\u0308cher.example", "ida@XN--BCHER-KVA.EXAMPLE",
		},
		"eve@example.org": {"eve@ＥＸＡＭＰＬＥ.org", "eve@example。org", "eve@exam\u00adple.org"},
	} {
		w := apitest.New(t)
		owner := w.SignUp("Acme")
		stored := owner.Do("POST", "/v1/invitations", apitest.Map{"email": form, "role": "member"}).Want(201).Get("email")
		if stored != strings.ToLower(stored) || strings.Trim(stored, "abcdefghijklmnopqrstuvwxyz0123456789.-+@") != "" {
			t.Errorf("%q is stored as %q", form, stored)
		}
		if len(w.Mail.To(stored)) != 1 {
			t.Errorf("the mail did not go to %q", stored)
		}
		for _, spelling := range spellings {
			owner.Do("POST", "/v1/invitations", apitest.Map{"email": spelling, "role": "viewer"}).WantProblem(409, "invitation_exists")
		}
		owner.Do("DELETE", "/v1/invitations/"+owner.List("/v1/invitations")[0]["id"].(string), nil).Want(204)
	}
}

// Spellings of a member's address are the member's.
func TestInput_spellingsOfAMember(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	bob := owner.Hire("member")
	owner.Do("POST", "/v1/invitations", apitest.Map{"email": strings.ToUpper(bob.Email), "role": "admin"}).
		WantProblem(409, "already_member")
	w.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": " " + strings.ToUpper(bob.Email)}, "X-Remote-Addr", apitest.Source()).Want(202)
	if sent := w.Mail.To(bob.Email); sent[len(sent)-1].Kind != "sign-in" {
		t.Errorf("%s got %v", bob.Email, sent)
	}
}

// badNames are names that must not reach a mail to strangers.
var badNames = map[string]string{
	"empty": "", "spaces": "  ", "joiners only": "\u200d\u200c", "too long": strings.Repeat("x", 65), "far too long": strings.Repeat("x", 300),
	"NUL": "a\x00b", "CRLF": "Acme\r\nBcc: eve@example.com", "tab": "a\tb", "escape": "a\x1b[31m",
	"line separator": "a\u2028b", "right-to-left override": "a\u202eb", "zero-width space": "a\u200bb", "byte order mark": "\ufeffa",
	"no text": "caf\xff", "URL": "Win at https://evil.example", "scheme": "x://y", "www": "www.evil", "domain": "Go to evil.example now",
	"address": "eve@evil.example", "domain in capitals": "EVIL.COM", "full-width dot": "evil．com", "ideographic dot": "evil。com",
}

// Wherever a name is taken, bad ones are refused at their field, and nothing is written.
func TestInput_badNames(t *testing.T) {
	w := apitest.Alone(t)
	owner := w.SignUp("Acme")
	team := owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	guest := email("guest")
	owner.Invite(guest, "member")
	link := w.Mail.Token(guest)
	wantNothingWritten(t, w, func() {
		for what, name := range badNames {
			t.Run(what, func(t *testing.T) {
				owner, nobody := owner.In(t), w.In(t).Stranger()
				wantInvalid(t, owner.Do("PATCH", "/v1/org", raw("name", name)), "body.name")
				wantInvalid(t, owner.Do("PATCH", "/v1/me", raw("name", name)), "body.name")
				wantInvalid(t, owner.Do("POST", "/v1/teams", raw("name", name)), "body.name")
				wantInvalid(t, owner.Do("PATCH", "/v1/teams/"+team, raw("name", name)), "body.name")
				wantInvalid(t, owner.Do("POST", "/v1/keys", raw("name", name)), "body.name")
				wantInvalid(t, nobody.Do("POST", "/v1/signup", raw("org_name", name, "email", "ada@example.com")), "body.org_name")
				if name != "" { // an invitee need not give one
					wantInvalid(t, nobody.Do("POST", "/v1/invitations/accept", raw("name", name, "token", link)), "body.name")
				}
			})
		}
	})
}

// raw is a JSON object of strings whose bytes are sent as they are, valid or not.
func raw(pairs ...string) string {
	escape := strings.NewReplacer("\x00", `\u0000`, "\r", `\r`, "\n", `\n`, "\t", `\t`, "\x1b", `\u001b`, `"`, `\"`)
	var fields []string
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, `"`+pairs[i]+`":"`+escape.Replace(pairs[i+1])+`"`)
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// Good names in many scripts are kept, in one form.
func TestInput_goodNames(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	for name, want := range map[string]string{
		"Acme & Söhne GmbH":              "Acme & Söhne GmbH",
		"  two \u00a0 spaces  ":          "two spaces",
		"Cafe\u0301":                     "Café",
		"株式会社ネモ":                         "株式会社ネモ",
		"می\u200cخواهم":                  "می\u200cخواهم",
		"👩\u200d🔬 lab":                   "👩\u200d🔬 lab",
		`<b>"bold"</b> 'n' {{.}}`:        `<b>"bold"</b> 'n' {{.}}`,
		"A. Lovelace, v2.0, 3.5%":        "A. Lovelace, v2.0, 3.5%",
		strings.Repeat("\U0001f600", 64): strings.Repeat("\U0001f600", 64),
	} {
		if got := owner.Do("POST", "/v1/teams", apitest.Map{"name": name}).Want(201).Get("name"); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}

// What is not the JSON that a route asks for is refused, at its place, and nothing is written.
func TestInput_badBodies(t *testing.T) {
	w := apitest.Alone(t)
	owner := w.SignUp("Acme")
	bob := owner.Hire("member")
	team := func(b string) *apitest.Reply { return owner.Do("POST", "/v1/teams", b) }
	invite := func(b apitest.Map) *apitest.Reply { return owner.Do("POST", "/v1/invitations", b) }
	refused := map[string]struct {
		reply  func() *apitest.Reply
		status int
		at     string
	}{
		"cut off":           {func() *apitest.Reply { return team(`{"name":`) }, 400, ""},
		"nothing":           {func() *apitest.Reply { return team("") }, 400, ""},
		"two values":        {func() *apitest.Reply { return team(`{"name":"a"}{"name":"b"}`) }, 400, ""},
		"form":              {func() *apitest.Reply { return team(`name=a`) }, 400, ""},
		"null":              {func() *apitest.Reply { return team(`null`) }, 422, "body"},
		"array":             {func() *apitest.Reply { return team(`[]`) }, 422, "body"},
		"missing field":     {func() *apitest.Reply { return team(`{}`) }, 422, "body.name"},
		"field in capitals": {func() *apitest.Reply { return team(`{"Name":"a"}`) }, 422, "body.Name"},
		"null field":        {func() *apitest.Reply { return team(`{"name":null}`) }, 422, "body.name"},
		"number for text":   {func() *apitest.Reply { return team(`{"name":1}`) }, 422, "body.name"},
		"unknown field":     {func() *apitest.Reply { return team(`{"name":"a","id":"b"}`) }, 422, "body.id"},
		"too large":         {func() *apitest.Reply { return team(`{"name":"` + strings.Repeat("x", 64<<10) + `"}`) }, 413, ""},
		"unknown role":      {func() *apitest.Reply { return invite(apitest.Map{"email": "a@example.com", "role": "boss"}) }, 422, "body.role"},
		"role in capitals":  {func() *apitest.Reply { return invite(apitest.Map{"email": "a@example.com", "role": "Admin"}) }, 422, "body.role"},
		"role with a space": {func() *apitest.Reply { return invite(apitest.Map{"email": "a@example.com", "role": "admin "}) }, 422, "body.role"},
		"role as a list":    {func() *apitest.Reply { return invite(apitest.Map{"email": "a@example.com", "role": []string{"admin"}}) }, 422, "body.role"},
		"no role":           {func() *apitest.Reply { return invite(apitest.Map{"email": "a@example.com", "role": ""}) }, 422, "body.role"},
		"org_id in the body": {func() *apitest.Reply {
			return invite(apitest.Map{"email": "a@example.com", "role": "admin", "org_id": "x"})
		}, 422, "body.org_id"},
		"team that is no id": {func() *apitest.Reply {
			return invite(apitest.Map{"email": "a@example.com", "role": "admin", "team_id": "x"})
		}, 422, "body.team_id"},
		"team that is unknown": {func() *apitest.Reply {
			return invite(apitest.Map{"email": "a@example.com", "role": "admin", "team_id": w.NoID()})
		}, 422, "body.team_id"},
		"unknown role, changed": {func() *apitest.Reply { return owner.Do("PATCH", "/v1/members/"+bob.ID, apitest.Map{"role": "god"}) }, 422, "body.role"},
		"no rows": {func() *apitest.Reply {
			return owner.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": []any{}})
		}, 422, "body.invitations"},
		"101 rows": {func() *apitest.Reply {
			return owner.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": manyRows(101)})
		}, 422, "body.invitations"},
		"bulk too large": {func() *apitest.Reply {
			return owner.Do("POST", "/v1/invitations/bulk", `{"invitations":[`+strings.Repeat(" ", 256<<10)+`]}`)
		}, 413, ""},
		"slug too short":     {func() *apitest.Reply { return owner.Do("PATCH", "/v1/org", apitest.Map{"slug": "ab"}) }, 422, "body.slug"},
		"wrong confirmation": {func() *apitest.Reply { return owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": "acme!"}) }, 422, "body.confirm"},
		"idempotency key too long": {func() *apitest.Reply {
			return owner.Do("POST", "/v1/teams", apitest.Map{"name": "a"}, "Idempotency-Key", strings.Repeat("k", 256))
		}, 422, "header.Idempotency-Key"},
		"idempotency key that is no text": {func() *apitest.Reply {
			return owner.Do("POST", "/v1/teams", apitest.Map{"name": "a"}, "Idempotency-Key", "k\xe9")
		}, 422, "header.Idempotency-Key"},
	}
	wantNothingWritten(t, w, func() {
		for name, c := range refused {
			switch r := c.reply(); {
			case r.Status != c.status:
				t.Errorf("%s: got %d, want %d: %s", name, r.Status, c.status, r.Body)
			case c.at != "":
				wantInvalid(t, r, c.at)
			}
		}
	})
}

func manyRows(n int) (rows []any) {
	for range n {
		rows = append(rows, apitest.Map{"email": email("guest"), "role": "member"})
	}
	return rows
}

// Parameters of lists are checked, and unknown ones refused: a filter that is misspelt
// must not show everything.
func TestInput_badParameters(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	for path, at := range map[string]string{
		"/v1/members?limit=0":               "query.limit",
		"/v1/members?limit=101":             "query.limit",
		"/v1/members?limit=-1":              "query.limit",
		"/v1/members?limit=ten":             "query.limit",
		"/v1/members?role=boss":             "query.role",
		"/v1/members?team=x":                "query.team",
		"/v1/members?cursor=!":              "query.cursor",
		"/v1/invitations?status=open":       "query.status",
		"/v1/keys?state=dead":               "query.state",
		"/v1/audit?from=yesterday":          "query.from",
		"/v1/audit?to=2026-13-01T00:00:00Z": "query.to",
		"/v1/me?org_id=x":                   "query.org_id",
	} {
		wantInvalid(t, owner.Do("GET", path, nil), at)
	}
}

// Ids that cannot be ids are unknown ones, however long or strange.
func TestInput_strangeIDs(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	for _, id := range []string{
		"x", "0", "%00", "%23", "..%2f..", "me", "null", strings.ToUpper(owner.TeamID), "%7B" + owner.TeamID + "%7D",
		strings.Repeat("x", 1025), strings.Repeat("x", 5000), "%F0%9F%98%80", "%ff",
	} {
		for _, noun := range []string{"teams", "members", "invitations", "keys"} {
			owner.Do("GET", "/v1/"+noun+"/"+id, nil).WantProblem(404, "not_found")
			owner.Do("DELETE", "/v1/"+noun+"/"+id, nil).WantProblem(404, "not_found")
		}
	}
}

// Whatever a list is narrowed to, however long it gets, nothing is there.
func TestInput_longFilters(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	for _, path := range []string{
		"/v1/members?q=" + strings.Repeat("%F0%9D%85%A0", 254), // each becomes three in its one form
		"/v1/members?role=member&q=" + strings.Repeat("%CD%84", 254),
	} {
		if rows := owner.Do("GET", path, nil).Want(200).Rows(); len(rows) != 0 {
			t.Errorf("%s: %v", path, rows)
		}
	}
	slug := owner.Do("GET", "/v1/org", nil).Get("slug")
	for _, filter := range []string{"team?q=", "team?team=", "team?to=", "keys?user=", "audit?actor=", "audit?target=", "audit?action="} {
		owner.Browse("GET", "/"+slug+"/"+filter+strings.Repeat("x", 3000), "").Want(200)
	}
	owner.Browse("GET", "/"+slug+"/audit?actor=a@"+strings.Repeat("x", 3000), "").Want(422)
}

// Unknown paths and wrong methods are told before anybody asks who is calling.
func TestInput_pathsAndMethods(t *testing.T) {
	nobody := apitest.New(t).Stranger()
	for _, path := range []string{
		"/v1", "/v1/", "/v1/nothing", "/v1/me/", "/v2/me", "/api/supabase/keys", "//v1//nothing", "/v1/../nothing", "/v1/teams/a/b",
	} {
		nobody.Do("GET", path, nil).WantProblem(404, "not_found")
		nobody.Do("POST", path, apitest.Map{}).WantProblem(404, "not_found")
	}
	for call, allow := range map[string]string{
		"PUT /v1/me":                "GET, HEAD, PATCH",
		"OPTIONS /v1/teams":         "GET, HEAD, POST",
		"POST /v1/roles":            "GET, HEAD",
		"HEAD /v1/sessions/confirm": "POST",
		"GET /v1/signup":            "POST",
	} {
		method, path, _ := strings.Cut(call, " ")
		r := nobody.Do(method, path, nil).WantProblem(405, "method_not_allowed")
		if got := r.Header.Get("Allow"); got != allow {
			t.Errorf("%s allows %q, want %q", call, got, allow)
		}
	}
}

// JSON is understood under what plain curl -d says of it, and under no other type.
func TestInput_contentTypes(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	post := func(contentType string) *apitest.Reply {
		r := httptest.NewRequest("POST", "/v1/teams", bytes.NewReader([]byte(`{"name":"Research"}`)))
		r.Header.Set("Authorization", "Bearer "+owner.Token)
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		return owner.Send(r)
	}
	for _, good := range []string{
		"", "application/json", "application/json; charset=utf-8", "application/x-www-form-urlencoded",
		"application/x-www-form-urlencoded; charset=UTF-8",
	} {
		post(good).Want(201)
	}
	for _, bad := range []string{"text/plain", "text/html", "application/xml", "multipart/form-data; boundary=x", "application/cbor"} {
		post(bad).WantProblem(415, "unsupported_media_type")
	}
}

// The curl of the README, as curl sends it.
func TestInput_documentedCurl(t *testing.T) {
	w := apitest.New(t)
	key, _ := w.SignUp("Acme").WithKey("manage")
	alice := email("alice")
	r := httptest.NewRequest("POST", "/api/supabase/invitations", strings.NewReader(`{ "email": "`+alice+`", "role": "admin" }`))
	r.Header.Set("Authorization", "Bearer "+key.Token)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", "curl/8.5.0")
	r.Header.Set("Accept", "*/*")
	created := w.Send(r).Want(201)
	if created.Get("email") != alice || created.Get("role") != "admin" || created.Get("status") != "pending" || created.Get("delivery") != "sent" {
		t.Errorf("created %s", created.Body)
	}
	if ids := apitest.Column(key.List("/api/supabase/invitations?status=pending"), "id"); !slices.Contains(ids, created.Get("id")) {
		t.Errorf("the alias lists %q", ids)
	}
	if got := w.Join(alice).Do("GET", "/v1/me", nil).Want(200).Get("role"); got != "admin" {
		t.Errorf("alice is %s", got)
	}
}
