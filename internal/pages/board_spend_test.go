package pages_test

import (
	"fmt"
	"html"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// One look says what was spent, by whom and on what.
func TestBoard_spend(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Viewer)
	says(t, b.open("/spend").Want(200), "Nothing spent in this time", "POST /v1/spend/events", "No budget")
	spends(cast.Member, "gpt-4o", "12.34")
	spends(cast.Admin, "tiny", "0.00039")
	r := b.open("/spend").Want(200)
	says(t, r, `id="spent">$12.34<`, cast.Member.Email, cast.Admin.Email, "spender", "Default", "gpt-4o", "$0.00039", "<1%", "Days, weeks and months are UTC")
	silent(t, r, "Nothing spent")
	says(t, b.open("/spend?by=model").Want(200), "Spend by Model")
	says(t, b.open("/spend?range=90d").Want(200), `id="spent">$12.34<`)
	silent(t, b.open("/spend?range=last-month").Want(200), "$12.34")
}

// A click on a bar narrows all of the page to it.
func TestBoard_spendIsNarrowed(t *testing.T) {
	w := apitest.New(t)
	w.Clock.ToMidMonth() // seven days until the 7th are a whole month until now
	cast := w.Cast()
	b := browse(cast.Owner)
	key := spends(cast.Member, "gpt-4o", "3")
	spends(cast.Admin, "tiny", "4")
	r := b.open("/spend?member=" + cast.Member.ID).Want(200)
	says(t, r, `id="spent">$3.00<`, "gpt-4o", "Member’s budget", "key="+key)
	silent(t, r, "tiny", cast.Admin.Email, "$4.00")
	says(t, b.open("/spend?key="+key).Want(200), `id="spent">$3.00<`, "<strong>spender</strong>", "Key’s budget")
	says(t, b.open("/spend?team="+cast.Owner.TeamID).Want(200), `id="spent">$7.00<`, "<strong>Default</strong>", "Team’s budget")
	r = b.open("/spend?model=tiny").Want(200)
	says(t, r, `id="spent">$4.00<`, cast.Admin.Email)
	silent(t, r, cast.Member.Email)
	says(t, b.open("/spend?model=tiny&member="+cast.Admin.ID).Want(200), `id="spent">$4.00<`)
	says(t, b.open("/spend?range=7d&model=tiny").Want(200), `id="spent">$4.00<`, "kept by the month")
	says(t, b.open("/spend?range=7d&model=tiny&member="+cast.Admin.ID).Want(200), `id="spent">–<`, "kept by the month")
	says(t, b.open("/spend?member="+cast.Owner.NoID()).Want(200), `id="spent">$0.00<`, "Take a longer time")
}

// What is gone has its name.
func TestBoard_spendOfWhatIsGone(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	team := owner.Do("POST", "/v1/teams", apitest.Map{"name": "Shortlived"}).Want(201).Get("id")
	email := apitest.Address("leaver")
	owner.Do("POST", "/v1/invitations", apitest.Map{"email": email, "role": "member", "team_id": team}).Want(201)
	leaver := w.Join(email)
	spends(leaver, "gpt-4o", "2")
	owner.Do("DELETE", "/v1/members/"+leaver.ID, nil).Want(204)
	owner.Do("DELETE", "/v1/teams/"+team, nil).Want(204)
	b := browse(owner)
	says(t, b.open("/spend").Want(200), "Shortlived", email, "spender")
	for query, want := range map[string]string{"team=" + team: "<strong>Shortlived</strong>", "member=" + leaver.ID: email} {
		r := b.open("/spend?" + query).Want(200)
		says(t, r, want, "No budget")
		silent(t, r, "Set a budget")
	}
}

func TestBoard_spendDays(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	now := b.Clock.Now()
	before := now.AddDate(0, 0, -20)
	spendsAt(b.Person, "gpt-4o", "2", before)
	spends(b.Person, "gpt-4o", "5")
	on := before.Format(time.DateOnly)
	says(t, b.open("/spend?from="+on+"&to="+on).Want(200), `id="spent">$2.00<`, `value="`+on+`"`)
	says(t, b.open("/spend?from="+on+"&to="+now.Format(time.DateOnly)).Want(200), `id="spent">$7.00<`)
	says(t, b.open("/spend?from="+on).Want(200), `id="spent">$7.00<`)
	says(t, b.open("/spend?range=7d").Want(200), `id="spent">$5.00<`)
	says(t, b.open("/spend?range=30d&by=day").Want(200), before.Format("2 Jan 2006"), now.Format("2 Jan 2006"))
	says(t, b.open("/spend?by=month").Want(200), now.Format("January 2006"))
	for _, bad := range []string{"?from=yesterday", "?to=2026-13-01", "?from=2026-02-01&to=2026-01-01", "?from=2001-01-01&to=2026-01-01"} {
		b.open("/spend" + bad).Want(422)
	}
	b.open("/spend?range=ever").Want(404)
}

func TestBoard_spendCSV(t *testing.T) {
	cast := apitest.New(t).Cast()
	key := spends(cast.Member, "=cmd()", "0.5")
	r := browse(cast.Viewer).open("/spend?file=csv&by=key").Want(200)
	if ct := r.Header.Get("Content-Type"); ct != "text/csv; charset=utf-8" {
		t.Error(ct)
	}
	want := "key_id,key_name,user_id,email,spend_usd,requests,prompt_tokens,completion_tokens\n" +
		strings.Join([]string{key, "spender", cast.Member.ID, cast.Member.Email, "0.5", "1", "1200", "30"}, ",") + "\n"
	if string(r.Body) != want {
		t.Errorf("got\n%s\nwant\n%s", r.Body, want)
	}
	says(t, browse(cast.Viewer).open("/spend?file=csv&by=model"), "'=cmd()")
}

// Long rankings are cut, and say so; the table is paged.
func TestBoard_spendOfMany(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	for i := range 30 {
		spends(b.Person, fmt.Sprintf("model-%02d", i), fmt.Sprint(i+1))
	}
	r := b.open("/spend?by=model").Want(200)
	says(t, r, "and 24 others", "25 others", "model-29", "Next page")
	silent(t, r, ">model-04<")
	says(t, b.open("/spend?by=model&page=2").Want(200), ">model-04<", "First page")
	b.open("/spend?by=model&page=99").Want(200)
}

// People go by their names, and their addresses tell two of one name apart. Those who left
// keep both.
func TestBoard_spendNamesPeople(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Owner)
	const name = "Grace O’Hopper <3"
	cast.Member.Do("PATCH", "/v1/me", apitest.Map{"name": name}).Want(200)
	spends(cast.Member, "gpt-4o", "3")
	spends(cast.Admin, "gpt-4o", "2")
	named := name + ` <span class="called-more">` + cast.Member.Email + "</span>"
	for range 2 {
		r := b.open("/spend").Want(200) // the ranking and the table
		if n := strings.Count(html.UnescapeString(string(r.Body)), named) + strings.Count(html.UnescapeString(string(r.Body)), name+`</a> <span class="called-more">`+cast.Member.Email); n != 2 {
			t.Errorf("named %d times:\n%s", n, r.Body)
		}
		says(t, r, cast.Admin.Email+"</span>", `spender <span class="called-more">`+name)
		says(t, b.open("/spend?by=key").Want(200), `spender</a> <span class="called-more">`+name)
		says(t, b.open("/spend?member="+cast.Member.ID).Want(200), "<strong>"+name+`</strong> <span class="called-more">`+cast.Member.Email)
		cast.Owner.Do("DELETE", "/v1/members/"+cast.Member.ID, nil)
	}
}
