package faults_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/prove"
)

// Every route that only reads is cut at every one of its calls. It says that it could not,
// never that there is nothing, or that nobody is signed in; and then it answers as before.
func TestCut_everyRead(t *testing.T) {
	w := newWorld(t)
	ada := w.SignUp("Acme")
	_, key := ada.WithKey("inference")
	ada.Do("PUT", "/v1/budgets/team/"+ada.TeamID, m{"limit_usd": 1}).Want(200)
	thing := strings.NewReplacer(
		"/teams/{id}", "/teams/"+ada.TeamID, "/members/{id}", "/members/"+ada.ID, "/keys/{id}", "/keys/"+key,
		"/invitations/{id}", "/invitations/"+ada.Invite(w.anew("bob"), "member"), "{scope}/{id}", "team/"+ada.TeamID,
	)
	asks := map[string]try{
		"POST /v1/invitations/preview": ask(w.Stranger(), "POST", "/v1/invitations/preview", m{"token": w.Mail.Token(w.last)}),
	}
	var doc struct {
		Paths map[string]map[string]any
	}
	ada.Do("GET", "/openapi.json", nil).Want(200).Decode(&doc)
	for path, methods := range doc.Paths {
		if methods["get"] != nil {
			asks["GET "+path] = ask(ada, "GET", thing.Replace(path), nil)
		}
	}
	cuts := 0
	for call, do := range asks {
		list := &cut{}
		mend := w.cut(list.hook)
		good := do(w.Context())
		mend()
		if good.Status != 200 {
			t.Errorf("%s answers %d without any fault: %s", call, good.Status, good.Body)
		}
		for _, at := range list.boundaries() {
			cuts++
			t.Run(fmt.Sprint(call, " ", at), func(t *testing.T) {
				w := w.in(t)
				r := w.disturbed(do, &cut{at: at, way: way{name: "refused"}}, deadline)
				if r.Status != http.StatusServiceUnavailable || r.Header.Get("Content-Type") != "application/problem+json" || r.Code() == "" {
					t.Errorf("got %d: %s", r.Status, r.Body)
				}
				if again := do(w.Context()); again.Status != 200 || string(again.Body) != string(good.Body) {
					t.Errorf("afterwards it answers %d\n%s\nand before\n%s", again.Status, again.Body, good.Body)
				}
			})
		}
	}
	if len(asks) < 20 || cuts < 2*len(asks) {
		t.Errorf("%d reads were cut %d times", len(asks), cuts)
	}
	prove.Count(t, cuts, "call boundaries cut")
}
