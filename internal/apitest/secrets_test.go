package apitest_test

import (
	"bytes"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httputil"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// spoken is one thing that the program said, and to whom.
type spoken struct {
	where string // answer, mail, log or table
	to    string // of a mail; of an answer, what was asked
	text  string
	asked string // of an answer: the request
	good  bool   // of an answer: it is no refusal
}

// ear hears all that a world says.
type ear struct {
	outbox *apitest.Outbox
	logs   bytes.Buffer

	mu      sync.Mutex
	answers []spoken
}

func (e *ear) hear(r *http.Request, reply *apitest.Reply) {
	head, err := httputil.DumpRequest(r, false)
	if err != nil {
		panic(err)
	}
	var answer bytes.Buffer
	if err := reply.Header.Write(&answer); err != nil {
		panic(err)
	}
	answer.Write(reply.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answers = append(e.answers, spoken{"answer", r.Method + " " + r.URL.Path, answer.String(), string(head), reply.Status < 300})
}

// everything is all that was said, and what lies in the table.
func (e *ear) everything(t *testing.T, w *apitest.World) []spoken {
	t.Helper()
	all := append(e.answers, spoken{where: "log", text: e.logs.String()})
	for _, l := range e.outbox.Letters() {
		all = append(all, spoken{where: "mail", to: l.Destination.ToAddresses[0], text: string(asJSON(t, l))})
	}
	for _, row := range w.Rows() {
		all = append(all, spoken{where: "table", to: row.Text("pk"), text: string(asJSON(t, row))})
	}
	return all
}

// listen returns a world, and what hears all that it says: answers, mails, logs, metrics.
func listen(t *testing.T, options ...apitest.Option) (*apitest.World, *ear) {
	t.Helper()
	e := &ear{outbox: &apitest.Outbox{}}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&e.logs, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	metrics := func(s *wiring.Settings) { s.Metrics = &e.logs }
	w := apitest.Alone(t, append(options, e.outbox.Writing(), metrics)...)
	w.Heard = e.hear
	return w, e
}

// kinds are how each kind of secret looks, and where it may be said in plain: in how many
// answers, and whether in a mail.
var kinds = map[string]struct {
	form    *regexp.Regexp
	answers int
	mailed  bool
}{
	"invitation": {regexp.MustCompile(`nemo_invite_[0-9A-Za-z_-]{86}`), 0, true},
	"link":       {regexp.MustCompile(`nemo_link_[0-9A-Za-z_-]{43}`), 0, true},
	"session":    {regexp.MustCompile(`nemo_session_[0-9A-Za-z_-]{107}`), 1, false},
	"key":        {regexp.MustCompile(`sk-nemo-[0-9A-Za-z]{43}`), 1, false},
	"gateway":    {regexp.MustCompile(`nemo_gateway_[0-9A-Za-z_-]{43}`), 0, false},
}

// After everything that anybody can do, each secret that was ever made is where it may be
// and nowhere else, whole or hashed, in whatever letters it may be written: tokens in the
// one mail to the one address, sessions and keys in the one answer, hashes in the table.
func TestSecrets_afterAFullStory(t *testing.T) {
	w, e := listen(t, prepaid)
	tellStory(t, w)
	tellOfFailures(t, w)
	tellInBrowsers(t, w)
	tellOfEveryRoute(t, w)
	all := e.everything(t, w)
	wantAllHeard(t, w, all)
	made := map[string]int{}
	for kind, k := range kinds {
		for _, s := range distinctSecrets(k.form, all) {
			made[kind]++
			wantKept(t, kind, s, all)
		}
	}
	for kind, least := range map[string]int{"invitation": 9, "link": 4, "session": 7, "key": 4, "gateway": 1} {
		if made[kind] < least {
			t.Errorf("the story made %d secrets of the kind %s, so it proves little", made[kind], kind)
		}
	}
	if !strings.Contains(e.logs.String(), `"level":"ERROR"`) || !strings.Contains(e.logs.String(), "KeyVerifications") {
		t.Errorf("nothing was logged: %s", e.logs.String())
	}
}

// distinctSecrets are all of one form that anybody said or sent.
func distinctSecrets(form *regexp.Regexp, all []spoken) (found []string) {
	seen := map[string]bool{}
	for _, s := range all {
		for _, secret := range form.FindAllString(s.text+s.asked, -1) {
			if !seen[secret] {
				seen[secret] = true
				found = append(found, secret)
			}
		}
	}
	return found
}

// wantKept fails the test where the secret is said and may not be.
func wantKept(t *testing.T, kind, secret string, all []spoken) {
	t.Helper()
	plain, hashed := writings(secret), writingsOfHash(secret)
	recipient, answers, stored := "", 0, 0
	for _, s := range all {
		shown, hash := holdsAny(s.text, plain), holdsAny(s.text, hashed)
		switch {
		case hash && s.where != "table":
			t.Errorf("the hash of a secret (%s) is in the %s: %s", kind, s.where, s.to)
		case hash:
			stored++
		case !shown:
		case s.where == "answer" && kinds[kind].mailed && strings.HasPrefix(s.to, "GET /") && strings.Contains(s.asked, secret):
			// the page behind a link, for whoever holds it
		case s.where == "answer":
			answers++
		case s.where == "mail" && kinds[kind].mailed && (recipient == "" || recipient == s.to):
			recipient = s.to
		default:
			t.Errorf("a secret (%s) is in the %s: %s", kind, s.where, s.to)
		}
	}
	if answers > kinds[kind].answers {
		t.Errorf("a secret (%s) is in %d answers", kind, answers)
	}
	if kinds[kind].mailed && recipient == "" {
		t.Errorf("a secret (%s) was never mailed", kind)
	}
}

// tellOfEveryRoute has every route answer whom it is for; in the long form every role as well.
func tellOfEveryRoute(t *testing.T, w *apitest.World) {
	t.Helper()
	shared := scene{w.Cast()}
	for _, d := range decisions {
		for _, role := range append(slices.Clone(roles[:prove.Times(0, len(roles))]), "") {
			s := shared
			if d.endsTheScene() {
				s = scene{w.Cast()}
			}
			if role != "" {
				d.do(s.As(role), d.send(s, s.As(role)))
				continue
			}
			d.do(d.caller(s), d.rightly(s, d.caller(s)))
		}
	}
}

// wantAllHeard fails the test unless every route of the document, and every page of an org,
// was heard to answer well.
func wantAllHeard(t *testing.T, w *apitest.World, all []spoken) {
	t.Helper()
	heard := map[string]bool{}
	for _, s := range all {
		if s.where == "answer" && s.good {
			heard[s.to] = true
		}
	}
	calls := slices.Collect(maps.Keys(documented(w)))
	for _, page := range []string{"team", "keys", "spend", "teams", "billing", "audit", "settings"} {
		calls = append(calls, "GET /{org}/"+page)
	}
	for _, call := range calls {
		form := regexp.MustCompile("^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(call), "[^/]+") + "$")
		if !slices.ContainsFunc(slices.Collect(maps.Keys(heard)), form.MatchString) {
			t.Errorf("%s was never heard to answer, so nothing is known of what it says", call)
		}
	}
}

// tellOfFailures has the program log: of mail that fails, and of a table that does.
func tellOfFailures(t *testing.T, w *apitest.World) {
	t.Helper()
	owner := w.SignUp("Unlucky")
	w.Mail.Fail(true)
	owner.Invite(email("late"), "member")
	w.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": owner.Email}, "X-Remote-Addr", apitest.Source()).Want(503)
	w.Mail.Fail(false)
	owner.Invite(email("guest"), "member")
	link := apitest.Map{"token": w.Mail.Token(owner.List("/v1/invitations")[0]["email"].(string))}
	for _, operation := range []string{"TransactWriteItems", "GetItem", "BatchGetItem"} {
		mend := w.Wire.Break(apitest.On(operation, apitest.Says("ValidationException")))
		key := owner.Do("POST", "/v1/keys", apitest.Map{"name": "k"})
		owner.Do("POST", "/v1/sessions/confirm", link)
		w.Stranger().Do("POST", "/v1/invitations/accept", link)
		w.Stranger().Do("POST", "/v1/invitations/preview", link)
		owner.Do("GET", "/v1/me", nil)
		mend()
		if key.Status < 500 && operation != "GetItem" {
			t.Errorf("%s failed and a key was made: %s", operation, key.Body)
		}
	}
}

// tellInBrowsers opens every page, and does with forms what hands out secrets.
func tellInBrowsers(t *testing.T, w *apitest.World) {
	t.Helper()
	owner, guest := w.SignUp("Browsing"), email("guest")
	slug := owner.Do("GET", "/v1/org", nil).Want(200).Get("slug")
	owner.Invite(guest, "admin")
	owner.NewKey()
	for _, page := range []string{"/", "/signin", "/signup", "/invite/" + w.Mail.Token(guest)} {
		w.Stranger().Browse("GET", page, "")
	}
	for _, page := range []string{"team", "keys", "spend", "teams", "billing", "audit", "settings"} {
		owner.Browse("GET", "/"+slug+"/"+page, "").Want(200)
	}
	for _, list := range []string{"audit", "spend"} {
		owner.Do("GET", "/v1/"+list, nil, "Accept", "text/csv").Want(200)
	}
	made := owner.Browse("POST", "/"+slug+"/keys", "do=create&name=laptop&scopes=inference", "Content-Type", "application/x-www-form-urlencoded")
	if !kinds["key"].form.Match(made.Want(200).Body) {
		t.Errorf("the page shows no key: %s", made.Body)
	}
	rotated := owner.Browse("POST", "/"+slug+"/keys", "do=rotate&grace_seconds=60&id="+owner.List("/v1/keys")[0]["id"].(string),
		"Content-Type", "application/x-www-form-urlencoded")
	if !kinds["key"].form.Match(rotated.Want(200).Body) {
		t.Errorf("the page shows no key: %s", rotated.Body)
	}
}
