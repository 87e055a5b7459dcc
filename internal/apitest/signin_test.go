package apitest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/smithy-go"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/mail"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// ask asks for a sign-in link from somewhere.
func ask(w *apitest.World, address, from string) *apitest.Reply {
	return w.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": address}, "X-Remote-Addr", from)
}

// askToFound asks for an organization from somewhere.
func askToFound(w *apitest.World, address, from string) *apitest.Reply {
	return w.Stranger().Do("POST", "/v1/signup", apitest.Map{"email": address, "org_name": "Acme"}, "X-Remote-Addr", from)
}

func confirm(w *apitest.World, token string) *apitest.Reply {
	return w.Stranger().Do("POST", "/v1/sessions/confirm", apitest.Map{"token": token})
}

// engineWork is what f asks of the engine, without what it is about.
func engineWork(w *apitest.World, f func()) (names []string) {
	for _, c := range w.Wire.Record(f) {
		names = append(names, fmt.Sprint(c.Operation, " of ", c.Actions))
	}
	return names
}

// Nothing tells whether an address has an account: the same answer, the same work in the
// engine, one mail either way. Only the mail's reader learns it.
func TestSignIn_knownAndUnknownAddressesLookTheSame(t *testing.T) {
	w := apitest.New(t)
	member := w.SignUp("Acme").Hire("member")
	former := w.SignUp("Elsewhere").Hire("member")
	former.Do("POST", "/v1/members/me/leave", nil).Want(204)
	freed := w.SignUp("Deleted")
	slug := freed.Do("GET", "/v1/org", nil).Want(200).Get("slug")
	freed.Do("DELETE", "/v1/org", apitest.Map{"confirm": slug}).Want(204) // not purged yet
	for name, c := range map[string]struct {
		ask   func(w *apitest.World, address, from string) *apitest.Reply
		mails map[string]string
	}{
		"sign-in": {ask, map[string]string{member.Email: "sign-in", former.Email: "no-account", freed.Email: "no-account", email("x"): "no-account"}},
		"sign-up": {askToFound, map[string]string{member.Email: "has-account", former.Email: "sign-up", freed.Email: "sign-up", email("x"): "sign-up"}},
	} {
		var answers, work []string
		for address, kind := range c.mails {
			before := len(w.Mail.To(address))
			var r *apitest.Reply
			calls := engineWork(w, func() { r = c.ask(w, address, apitest.Source()).Want(202) })
			answers, work = append(answers, faceless(r)), append(work, strings.Join(calls, ", "))
			sent := w.Mail.To(address)
			if len(sent) != before+1 || sent[len(sent)-1].Kind != kind {
				t.Errorf("%s of %s: mailed %v, want %s", name, address, sent[before:], kind)
			}
		}
		if different(answers) != 1 {
			t.Errorf("%s: the answers differ: %q", name, answers)
		}
		if different(work) != 1 {
			t.Errorf("%s: the work differs: %q", name, work)
		}
	}
}

// Who deleted their org founds another at once, although the purge has not reached them.
func TestSignUp_afterTheOrgWasDeleted(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	slug := owner.Do("GET", "/v1/org", nil).Want(200).Get("slug")
	owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": slug}).Want(204)
	askToFound(w, owner.Email, apitest.Source()).Want(202)
	r := w.Stranger().Do("POST", "/v1/signup/confirm", apitest.Map{"token": w.Mail.Token(owner.Email)}).Want(201)
	if r.Get("user.id") != owner.ID || r.Get("org.id") == owner.OrgID {
		t.Errorf("founded %s", r.Body)
	}
}

func different(s []string) int { return len(slices.Compact(sorted(s))) }

// outage is an SES that fails.
type outage struct{ err error }

func (o outage) SendEmail(context.Context, *ses.SendEmailInput, ...func(*ses.Options)) (*ses.SendEmailOutput, error) {
	return nil, o.err
}

// While mail is away, whoever asks for a link hears that, and when to ask again, whether or
// not anybody has the address, or complained about our mails.
func TestSignIn_mailDown(t *testing.T) {
	w := apitest.New(t)
	owner, unwanted := w.SignUp("Acme"), email("unwanted")
	if err := w.Store.Suppress(t.Context(), unwanted, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	var later time.Duration // one address may ask five times in an hour
	for name, err := range map[string]error{
		"no connection": apitest.ErrWire,
		"no answer":     context.DeadlineExceeded,
		"too many":      &smithy.GenericAPIError{Code: "Throttling", Message: "Maximum sending rate exceeded."},
		"not verified":  &types.MailFromDomainNotVerifiedException{},
	} {
		down := apitest.New(t, func(s *wiring.Settings) {
			s.Mailer = mail.Mailer{SES: outage{err}, From: "team@nemo.example", PublicURL: s.PublicURL}
		})
		down.Clock.Advance(later)
		later += time.Hour
		for call, ask := range map[string]func(w *apitest.World, address, from string) *apitest.Reply{"sign-in": ask, "sign-up": askToFound} {
			var answers []string
			for _, address := range []string{owner.Email, email("x"), unwanted} {
				r := ask(down, address, apitest.Source()).WantProblem(503, "unavailable")
				answers = append(answers, faceless(r)+"\n"+r.Header.Get("Retry-After"))
			}
			if different(answers) != 1 || !strings.HasSuffix(answers[0], "\n60") {
				t.Errorf("%s, %s: %q", name, call, answers)
			}
		}
	}
}

// A link works once, for a quarter of an hour, for what it was mailed for.
func TestSignIn_links(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	fresh := func() string {
		ask(w, owner.Email, apitest.Source()).Want(202)
		return w.Mail.Token(owner.Email)
	}
	first, second := fresh(), fresh()
	confirm(w, second).Want(200)
	confirm(w, second).WantProblem(410, "link_invalid") // used
	confirm(w, first).Want(200)                         // asked for earlier, still good

	founder := email("founder")
	askToFound(w, founder, apitest.Source()).Want(202)
	founding := w.Mail.Token(founder)
	confirm(w, founding).WantProblem(410, "link_invalid") // for another purpose
	w.Stranger().Do("POST", "/v1/signup/confirm", apitest.Map{"token": fresh()}).WantProblem(410, "link_invalid")

	late := fresh()
	w.Clock.Advance(sessions.LinkLifetime)
	confirm(w, late).WantProblem(410, "link_invalid")
	w.Stranger().Do("POST", "/v1/signup/confirm", apitest.Map{"token": founding}).WantProblem(410, "link_invalid")

	w.Clock.Advance(time.Hour) // five mails an hour is the limit
	good := fresh()
	for _, token := range []string{"", "x", good[:len(good)-1], good + "A", strings.ToUpper(good), owner.Token} {
		confirm(w, token).WantProblem(410, "link_invalid")
	}
	owner.Do("GET", "/v1/sessions/confirm?token="+good, nil).WantProblem(405, "method_not_allowed")
	confirm(w, good).Want(200)
}

// A link outlives neither the membership nor the org that it was asked for in.
func TestSignIn_linkOfAFormerMember(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	bob := owner.Hire("member")
	ask(w, bob.Email, apitest.Source()).Want(202)
	owner.Do("DELETE", "/v1/members/"+bob.ID, nil).Want(204)
	confirm(w, w.Mail.Token(bob.Email)).WantProblem(410, "link_invalid")
}

// One address gets five mails an hour, whatever its letters and whoever asks; one source
// asks thirty times, and all of a /64 is one source.
func TestSignIn_limits(t *testing.T) {
	spelt := func(w *apitest.World, i int, address string) string {
		return []string{address, strings.ToUpper(address), "  " + address}[i%3]
	}
	v4 := func(int) string { return "198.51.100.7:4711" }
	for name, c := range map[string]struct {
		asker   func(w *apitest.World, address, from string) *apitest.Reply
		address func(w *apitest.World, i int, one string) string
		from    func(i int) string
		allowed int
	}{
		"one address, many sources, sign-in": {ask, spelt, func(int) string { return apitest.Source() }, sessions.MailsPerAddress},
		"one address, many sources, sign-up": {askToFound, spelt, func(int) string { return apitest.Source() }, sessions.MailsPerAddress},
		"one IPv4 source":                    {ask, another, v4, sessions.MailsPerSource},
		"one IPv4 source, sign-up":           {askToFound, another, func(int) string { return "198.51.100.8:1" }, sessions.MailsPerSource},
		"one IPv4 source, written as IPv6": {ask, another, func(i int) string {
			return []string{"198.51.100.9:1", "[::ffff:198.51.100.9]:1"}[i%2]
		}, sessions.MailsPerSource},
		"one /64": {ask, another, func(i int) string { return fmt.Sprintf("[2001:db8:0:1::%x:%x]:1", i*7919%0x10000, i) }, sessions.MailsPerSource},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.Alone(t)
			now := w.Clock.Now()
			w.Clock.Advance(now.Truncate(time.Hour).Add(61 * time.Minute).Sub(now)) // one whole hour for all
			one := email("one")
			for i := range c.allowed {
				if r := c.asker(w, c.address(w, i, one), c.from(i)); r.Status != 202 {
					t.Fatalf("request %d of %d: %s", i+1, c.allowed, r.Body)
				}
			}
			wantLimited(t, c.asker(w, c.address(w, c.allowed, one), c.from(c.allowed)))
			ask(w, email("other"), "[2001:db8:0:2::1]:1").Want(202) // others are not in it
			w.Clock.Advance(time.Hour)
			c.asker(w, c.address(w, 0, one), c.from(0)).Want(202)
		})
	}
}

func another(*apitest.World, int, string) string { return email("any") }

// Strangers who found orgs in a member's name, as often as they may, keep them neither from
// signing in nor, by asking for that, from founding. Of a source, both count together.
func TestSignIn_limitsOfPurposes(t *testing.T) {
	w := apitest.New(t)
	noon(w)
	asks := []func(*apitest.World, string, string) *apitest.Reply{ask, askToFound}
	for i, often := range asks {
		address := email("one")
		for range sessions.MailsPerAddress {
			often(w, address, apitest.Source()).Want(202)
		}
		wantLimited(t, often(w, address, apitest.Source()))
		asks[1-i](w, address, apitest.Source()).Want(202)
	}
	source := apitest.Source()
	for i := range sessions.MailsPerSource {
		asks[i%2](w, email("any"), source).Want(202)
	}
	wantLimited(t, ask(w, email("any"), source))
	wantLimited(t, askToFound(w, email("any"), source))
}

// A session is the same as cookie and as bearer token, and lasts thirty days.
func TestSessions_cookieAndBearer(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	ask(w, owner.Email, apitest.Source()).Want(202)
	r := confirm(w, w.Mail.Token(owner.Email)).Want(200)
	token := r.Get("session.token")
	if got := cookieOf(t, r); got != token {
		t.Errorf("the cookie is %q, the token %q", got, token)
	}
	p := impostor(w, token)
	p.Do("GET", "/v1/me", nil).Want(200)
	p.Browse("GET", "/v1/me", "").Want(200)
	p.Do("GET", "/v1/me", nil, "Authorization", "bearer "+token).Want(200)
	p.Browse("GET", "/v1/me", "", "Authorization", "Bearer sk-nemo-x").WantProblem(401, "unauthorized") // what is named counts
	p.Do("GET", "/v1/me", nil, "Authorization", "Basic "+token).WantProblem(401, "unauthorized")
	p.Do("GET", "/v1/me?token="+token, nil, "Authorization", "").WantProblem(401, "unauthorized")

	w.Clock.Advance(sessions.Lifetime - time.Minute)
	p.Do("GET", "/v1/me", nil).Want(200)
	w.Clock.Advance(2 * time.Minute)
	p.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
	p.Browse("GET", "/v1/me", "").WantProblem(401, "unauthorized")
}

// No other site makes a browser change anything with its cookie; the same calls from our
// own pages, and from programs, go through.
func TestSessions_otherSitesCannotUseTheCookie(t *testing.T) {
	w := apitest.Alone(t)
	owner := w.SignUp("Acme")
	bob := owner.Hire("member")
	foreign := [][]string{
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"}, // a neighbour under the same domain
		{"Origin", "https://evil.example"},
		{"Origin", "null"},
		{"Sec-Fetch-Site", "cross-site", "Origin", "http://team.test.evil.example"},
		{"Sec-Fetch-Site", "cross-site", "Authorization", "Basic eDp5"}, // browsers send this one by themselves
	}
	wantNothingWritten(t, w, func() {
		for _, headers := range foreign {
			for _, call := range []string{
				"POST /v1/teams", "PATCH /v1/org", "DELETE /v1/members/" + bob.ID, "DELETE /v1/sessions", "POST /v1/keys",
				"POST /v1/invitations", "POST /api/supabase/invitations", "POST /v1/sessions/confirm", "POST /v1/invitations/accept",
			} {
				method, path, _ := strings.Cut(call, " ")
				owner.Browse(method, path, `{"name":"Pwned"}`, headers...).WantProblem(403, "cross_origin")
			}
		}
	})
	owner.Browse("GET", "/v1/me", "", "Sec-Fetch-Site", "cross-site").Want(200) // reading it is for CORS to stop
	if h := owner.Browse("GET", "/v1/me", "", "Origin", "https://evil.example").Header.Get("Access-Control-Allow-Origin"); h != "" {
		t.Errorf("other sites may read: %q", h)
	}
	for _, headers := range [][]string{
		{}, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}, {"Origin", "http://team.test"},
		{"Sec-Fetch-Site", "cross-site", "Origin", "http://team.test"},
	} {
		owner.Browse("POST", "/v1/teams", `{"name":"Ours"}`, headers...).Want(201)
	}
}

// Signing out here ends this session; signing out everywhere ends all, and no key.
func TestSessions_signingOut(t *testing.T) {
	w := apitest.New(t)
	here := w.SignUp("Acme")
	there, elsewhere := here.SignIn(), here.SignIn()
	key, _ := here.WithKey("manage")

	r := there.Browse("DELETE", "/v1/sessions/current", "").Want(204)
	if c := r.Header.Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-nemo_session=;") || !strings.Contains(c, "Max-Age=0") {
		t.Errorf("the browser keeps its cookie: %q", c)
	}
	there.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
	there.Do("DELETE", "/v1/sessions/current", nil).WantProblem(401, "unauthorized")
	elsewhere.Do("GET", "/v1/me", nil).Want(200)

	key.Do("DELETE", "/v1/sessions/current", nil).WantProblem(409, "no_session")
	here.Do("DELETE", "/v1/sessions", nil).Want(204)
	for _, p := range []*apitest.Person{here, elsewhere} {
		p.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
	}
	key.Do("GET", "/v1/me", nil).Want(200)
	back := here.SignIn()
	if n := len(back.List("/v1/sessions")); n != 1 {
		t.Errorf("%d sessions after signing out everywhere and in once", n)
	}
}

// The list shows one's own sessions that work, which one is in use, and no secrets.
func TestSessions_list(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	owner.Hire("admin").SignIn()
	w.Clock.Advance(20 * 24 * time.Hour)
	second := owner.SignIn()
	ended := owner.SignIn()
	ended.Do("DELETE", "/v1/sessions/current", nil).Want(204)

	wantOf := func(p *apitest.Person, want int) {
		t.Helper()
		rows, current := p.List("/v1/sessions"), 0
		for _, row := range rows {
			if row["current"] == true {
				current++
			}
		}
		if len(rows) != want || current != 1 {
			t.Errorf("%d sessions, %d in use; want %d and 1", len(rows), current, want)
		}
	}
	wantOf(owner, 2)
	wantOf(second, 2)
	if page := string(second.Do("GET", "/v1/sessions", nil).Body); strings.Contains(page, second.Token) || strings.Contains(page, "hash") {
		t.Errorf("the list tells secrets: %s", page)
	}
	w.Clock.Advance(15 * 24 * time.Hour) // the first is over
	wantOf(second, 1)
}

// What ends a membership ends its sessions with the next request, for good.
func TestSessions_endWithTheMembership(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	for name, end := range map[string]func(p *apitest.Person){
		"removed": func(p *apitest.Person) { owner.Do("DELETE", "/v1/members/"+p.ID, nil).Want(204) },
		"left":    func(p *apitest.Person) { p.Do("POST", "/v1/members/me/leave", nil).Want(204) },
	} {
		bob := owner.Hire("admin")
		other := bob.SignIn()
		end(bob)
		owner.Invite(bob.Email, "admin")
		w.Join(bob.Email)
		for _, p := range []*apitest.Person{bob, other} {
			if r := p.Do("GET", "/v1/me", nil); r.Status != 401 {
				t.Errorf("%s, and back again: an old session got %d", name, r.Status)
			}
		}
	}
}

// Founding makes all of it: user, org, slug, team, ownership, session and its record.
func TestSignUp_makesAllOfIt(t *testing.T) {
	w := apitest.New(t)
	founder := email("founder")
	const name = "Zoë & Söhne"
	w.Stranger().Do("POST", "/v1/signup", apitest.Map{"email": strings.ToUpper(founder), "org_name": name}, "X-Remote-Addr", apitest.Source()).Want(202)
	r := w.Stranger().Do("POST", "/v1/signup/confirm", apitest.Map{"token": w.Mail.Token(founder)}).Want(201)
	p := impostor(w, r.Get("session.token"))
	if cookieOf(t, r) != p.Token {
		t.Error("cookie and session differ")
	}
	for path, want := range map[string]string{
		"user.email": founder, "org.name": name, "org.owner_id": r.Get("user.id"), "org.default_team_id": r.Get("team.id"),
		"team.name": "Default", "team.default": "true", "team.members": "1",
	} {
		if got := r.Get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if slug := r.Get("org.slug"); !strings.HasPrefix(slug, "zoe-sohne") {
		t.Errorf("the slug is %q", slug)
	}
	me := p.Do("GET", "/v1/me", nil).Want(200)
	if me.Get("role") != "owner" || me.Get("litellm_role") != "proxy_admin" || me.Get("team_id") != r.Get("team.id") {
		t.Errorf("the founder is %s", me.Body)
	}
	entries := p.List("/v1/audit")
	if len(entries) != 1 || entries[0]["action"] != "org.created" || entries[0]["after"].(apitest.Map)["credit_usd"] != "5" {
		t.Errorf("recorded %v", entries)
	}
}

// Two orgs of one name get two slugs, and a person founds one org at a time.
func TestSignUp_again(t *testing.T) {
	w := apitest.New(t)
	one, two := w.SignUp("Same Name"), w.SignUp("Same Name")
	a, b := one.Do("GET", "/v1/org", nil).Get("slug"), two.Do("GET", "/v1/org", nil).Get("slug")
	if a == b || !strings.HasPrefix(a, "same-name") || !strings.HasPrefix(b, "same-name-") {
		t.Errorf("slugs %q and %q", a, b)
	}

	founder := email("founder")
	askToFound(w, founder, apitest.Source()).Want(202)
	first := w.Mail.Token(founder)
	askToFound(w, founder, apitest.Source()).Want(202)
	second := w.Mail.Token(founder)
	r := w.Stranger().Do("POST", "/v1/signup/confirm", apitest.Map{"token": first}).Want(201)
	w.Stranger().Do("POST", "/v1/signup/confirm", apitest.Map{"token": second}).WantProblem(409, "already_in_organization")
	if got := impostor(w, r.Get("session.token")).Do("GET", "/v1/me", nil).Want(200).Get("org.id"); got != r.Get("org.id") {
		t.Errorf("the founder is in %s", got)
	}
}

// Whoever leaves while they sign in is not let in, and their link is no good after that;
// whoever signs out everywhere is let in, as they asked for both.
func TestSignIn_overtaken(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	for name, c := range map[string]struct {
		meanwhile func(bob *apitest.Person)
		want      int
	}{
		"by leaving":                {func(bob *apitest.Person) { bob.Do("POST", "/v1/members/me/leave", nil).Want(204) }, 410},
		"by removal":                {func(bob *apitest.Person) { ada.Do("DELETE", "/v1/members/"+bob.ID, nil).Want(204) }, 410},
		"by signing out everywhere": {func(bob *apitest.Person) { bob.Do("DELETE", "/v1/sessions", nil).Want(204) }, 200},
	} {
		for _, before := range []string{"BatchGetItem", "TransactWriteItems"} { // it reads the member, and writes
			t.Run(name+" before "+before, func(t *testing.T) {
				bob := ada.In(t).Hire("member")
				w.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": bob.Email}, "X-Remote-Addr", apitest.Source()).Want(202)
				mend := w.Wire.Break(apitest.Meanwhile(before, func() { c.meanwhile(bob) }))
				r := confirm(w, w.Mail.Token(bob.Email)).Want(c.want)
				mend()
				if c.want == 200 {
					bob.Token = r.Get("session.token")
					bob.Do("GET", "/v1/me", nil).Want(200)
				}
			})
		}
	}
	w.CheckInvariants() // the session is younger than what ended the others
}
