package apitest_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// The story: keys of two people spend, and every report adds up to the same.
func TestSpend_reportsAddUp(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	gw := billerOf(w)
	ada, max := pay(org.Admin), pay(org.Member)
	in := gw.report(
		gw.event(ada, "1"), gw.event(ada, "2", apitest.Map{"model": "gpt-5", "cost_usd": 0.5}),
		gw.event(max, "3"), gw.event(max, "4", apitest.Map{"key_hash": nil, "key_id": max.id}),
	)
	in.want(t, 4, 0, 0, 0)
	for _, query := range []string{
		"group_by=key", "group_by=member", "group_by=team", "group_by=model", "group_by=day", "group_by=month", "",
		"group_by=key,model", "group_by=member,model", "group_by=team,member", "group_by=key,day", "group_by=model,day", "group_by=model,month",
	} {
		wantSpent(t, org.Viewer, query, "$0.503 in 4, 400+40 tokens")
	}
	wantSpent(t, org.Member, "group_by=model&key_id="+max.id, "$0.002 in 2, 200+20 tokens")
	wantSpent(t, org.Member, "group_by=day&member_id="+org.Admin.ID, "$0.501 in 2, 200+20 tokens")
	wantSpent(t, org.Member, "group_by=day&model=gpt-5", "$0.5 in 1, 100+10 tokens")
	wantSpent(t, org.Member, "group_by=member&team_id="+org.Member.TeamID, "$0.503 in 4, 400+40 tokens")

	rows := org.Owner.List("/v1/spend?group_by=member,model")
	if len(rows) != 3 || rows[0]["email"] != org.Admin.Email || rows[0]["model"] != "gpt-5" || rows[0]["spend_usd"] != "0.5" {
		t.Errorf("rows %v", rows)
	}
	if rows := org.Owner.List("/v1/spend?group_by=team"); len(rows) != 1 || rows[0]["team_name"] != "Default" {
		t.Errorf("teams %v", rows)
	}
}

// Names outlive their things, and a key that is gone still pays.
func TestSpend_goneThingsPayAndKeepTheirNames(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	gw := billerOf(w)
	team := org.Owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	address := apitest.Address("ann")
	org.Owner.Do("POST", "/v1/invitations", apitest.Map{"email": address, "role": "member", "team_id": team}).Want(201)
	ann := w.Join(address)
	key := pay(ann)
	gw.report(gw.event(key, "before")).want(t, 1, 0, 0, 0)
	ann.Do("DELETE", "/v1/keys/"+key.id, nil).Want(204)
	gw.report(gw.event(key, "revoked")).want(t, 1, 0, 0, 0)
	org.Owner.Do("DELETE", "/v1/members/"+ann.ID, nil).Want(204)
	org.Owner.Do("DELETE", "/v1/teams/"+team, nil).Want(204)
	gw.report(gw.event(key, "gone")).want(t, 1, 0, 0, 0)
	rows := org.Viewer.List("/v1/spend?group_by=team,member")
	if len(rows) != 1 || rows[0]["email"] != address || rows[0]["team_name"] != "Research" || rows[0]["requests"] != 3.0 {
		t.Errorf("rows %v", rows)
	}
	if rows := org.Viewer.List("/v1/spend?group_by=key"); len(rows) != 1 || rows[0]["key_name"] != "pays" {
		t.Errorf("rows %v", rows)
	}
}

// LiteLLM's payload comes as it is, and a failure costs nothing but counts.
func TestSpend_liteLLM(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	payload := func(call string, fields ...apitest.Map) apitest.Map {
		p := apitest.Map{
			"id": "chatcmpl-1", "litellm_call_id": call, "status": "success", "response_cost": 0.00039, "model": "gpt-4o-mini",
			"prompt_tokens": 1200, "completion_tokens": 350, "endTime": float64(w.Clock.Now().UnixMilli()) / 1000,
			"metadata": apitest.Map{"user_api_key_hash": key.hash, "more": []int{1}}, "messages": apitest.Map{"deep": []any{"]", "}"}},
		}
		for _, more := range fields {
			for name, value := range more {
				p[name] = value
			}
		}
		return p
	}
	same := payload("one")
	in := gw.report(
		same, same, payload("two", apitest.Map{"status": "failure", "response_cost": nil}), payload("three", apitest.Map{"response_cost": nil}),
		payload("", apitest.Map{"id": "provider"}), payload("four", apitest.Map{"metadata": apitest.Map{"user_api_key_hash": nil}}),
		payload("", apitest.Map{"id": ""}), payload("one", apitest.Map{"response_cost": 1}),
	)
	in.want(t, 4, 1, 1, 2)
	wantSpent(t, owner, "", "$0.00078 in 4, 4800+1400 tokens")
	// A call that failed twice before it succeeded has one id, and is paid for; what failed twice
	// at one time is one attempt.
	attempt := func(began float64, status string, cost any) apitest.Map {
		return payload("retried", apitest.Map{"status": status, "startTime": began, "response_cost": cost})
	}
	gw.report(
		attempt(1790000000.25, "failure", nil), attempt(1790000001.5, "failure", nil), attempt(1790000002, "success", 0.001),
		attempt(1790000001.5, "failure", nil), attempt(1790000002, "success", 0.001),
	).want(t, 3, 2, 0, 0)
	wantSpent(t, owner, "", "$0.00178 in 7, 8400+2450 tokens")
	sample, err := os.ReadFile("testdata/standard-logging-payload.json")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(sample), "a38480b1221ea6965bde671311ac9139a5ab15de13969456637b5e7ed20b64d5", key.hash)
	w.Clock.Advance(time.Unix(1790000060, 0).Sub(w.Clock.Now()))
	var got ingested
	gw.Do("POST", "/v1/spend/events", text).Want(200).Decode(&got)
	got.want(t, 1, 0, 0, 0)
	wantSpent(t, owner, "from=2026-09-21&to=2026-09-22", "$0.00039 in 1, 1200+350 tokens")
}

// Each bad event is rejected with its reason, and its neighbours count.
func TestSpend_rejects(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key, now := pay(owner), w.Clock.Now()
	bad := []struct {
		reason string
		fields apitest.Map
	}{
		{"event_id_missing", apitest.Map{"event_id": ""}},
		{"event_id_missing", apitest.Map{"event_id": nil}},
		{"event_id_too_long", apitest.Map{"event_id": strings.Repeat("x", 257)}},
		{"event_id_invalid", apitest.Map{"event_id": 7}},
		{"key_missing", apitest.Map{"key_hash": nil}},
		{"key_missing", apitest.Map{"key_id": key.id}},
		{"key_missing", apitest.Map{"key_hash": []int{1}}},
		{"key_unknown", apitest.Map{"key_hash": strings.Repeat("0", 64)}},
		{"key_unknown", apitest.Map{"key_hash": nil, "key_id": w.NoID()}},
		{"model_invalid", apitest.Map{"model": strings.Repeat("m", 257)}},
		{"model_invalid", apitest.Map{"model": apitest.Map{}}},
		{"cost_missing", apitest.Map{"cost_usd": nil}},
		{"cost_invalid", apitest.Map{"cost_usd": "NaN"}},
		{"cost_invalid", apitest.Map{"cost_usd": true}},
		{"cost_negative", apitest.Map{"cost_usd": -0.01}},
		{"cost_negative", apitest.Map{"cost_usd": "-1e400"}},
		{"cost_too_large", apitest.Map{"cost_usd": "10000.000000001"}},
		{"cost_too_large", apitest.Map{"cost_usd": "1e300"}},
		{"tokens_invalid", apitest.Map{"prompt_tokens": -1}},
		{"tokens_invalid", apitest.Map{"completion_tokens": 1.5}},
		{"tokens_invalid", apitest.Map{"completion_tokens": "many"}},
		{"time_missing", apitest.Map{"at": nil}},
		{"time_invalid", apitest.Map{"at": "yesterday"}},
		{"too_old", apitest.Map{"at": now.Add(-35*24*time.Hour - time.Minute)}},
		{"in_the_future", apitest.Map{"at": now.Add(6 * time.Minute)}},
		{"reservation_id_invalid", apitest.Map{"reservation_id": "r1"}},
	}
	var batch []apitest.Map
	for i, b := range bad {
		batch = append(batch, gw.event(key, fmt.Sprint("bad", i), b.fields), gw.event(key, fmt.Sprint("good", i)))
	}
	in := gw.report(batch...).want(t, len(bad), 0, 0, len(bad))
	for i, b := range bad {
		if r := in.Results[2*i]; r.Reason != b.reason || r.Detail == "" {
			t.Errorf("%v: %+v, want %s", b.fields, r, b.reason)
		}
	}
	wantSpent(t, owner, "", fmt.Sprintf("$0.0%d in %d, %d+%d tokens", len(bad), len(bad), 100*len(bad), 10*len(bad)))
}

// Bodies of every form, whole and broken off.
func TestSpend_bodies(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	n := 0
	next := func() string { n++; return string(asJSON(t, gw.event(key, fmt.Sprint(n)))) }
	for _, c := range []struct {
		name, body        string
		counted, rejected int
	}{
		{"object", next(), 1, 0},
		{"array", "[" + next() + "," + next() + "]", 2, 0},
		{"lines", next() + "\n" + next() + "\r\n\n" + next() + "\n", 3, 0},
		{"byte order mark", "\xef\xbb\xbf" + next(), 1, 0},
		{"pretty", strings.ReplaceAll(next(), ",", ",\n  "), 1, 0},
		{"no commas", next() + next(), 2, 0},
		{"truncated array", "[" + next() + "," + next()[:40], 1, 1},
		{"first line cut at its start", next()[30:] + "\n" + next() + "\n" + next() + "\n" + next(), 3, 1},
		{"a stray quote in lines", next() + "\noops\"\n" + next() + "\n" + next(), 3, 1},
		{"a stray bracket in lines", next() + "\n]\n" + next() + "\n" + next(), 3, 1},
		{"pretty ones behind each other", strings.ReplaceAll(next()+"\n"+next(), ",", ",\n  \"more\": [\n    {}\n  ],\n  "), 2, 0},
		{"truncated line", next() + "\n" + next()[:40] + "\n" + next(), 2, 1},
		{"NaN as Python writes it", "[" + strings.Replace(next(), `"0.001"`, "NaN", 1) + "," + next() + "]", 1, 1},
		{"not objects", `[1,"x",null,[],` + next() + `]`, 1, 4},
		{"unquoted", "[{cost}," + next() + "]", 1, 1},
	} {
		var in ingested
		gw.Do("POST", "/v1/spend/events", c.body).Want(200).Decode(&in)
		t.Run(c.name, func(t *testing.T) { in.want(t, c.counted, 0, 0, c.rejected) })
	}
	gw.Do("POST", "/v1/spend/events", "[]").WantProblem(422, "validation_failed")
	gw.Do("POST", "/v1/spend/events", "").WantProblem(400, "malformed")
	gw.Do("POST", "/v1/spend/events", "["+strings.Repeat("{},", 1001)+"]").WantProblem(422, "validation_failed")
	last := next()
	gw.Do("POST", "/v1/spend/events", strings.Repeat(" ", 5<<20-len(last))+last).Want(200)
	gw.Do("POST", "/v1/spend/events", strings.Repeat(" ", 5<<20+1)).WantProblem(413, "payload_too_large")
	owner.Do("POST", "/v1/spend/events", next()).WantProblem(401, "unauthorized")
	stranger := apitest.Person{World: w, Token: "nemo_gateway_" + strings.Repeat("A", 43)}
	stranger.Do("POST", "/v1/spend/events", next()).WantProblem(401, "unauthorized")
}

// A replay changes nothing, however late; the same id in another org is another event.
func TestSpend_replays(t *testing.T) {
	w := apitest.New(t)
	acme, globex, gw := w.SignUp("Acme"), w.SignUp("Globex"), billerOf(w)
	key, other := pay(acme), pay(globex)
	acme, _ = acme.WithKey("manage") // sessions end before the last replay
	globex, _ = globex.WithKey("manage")
	batch := []apitest.Map{gw.event(key, "a"), gw.event(other, "a"), gw.event(key, "b"), gw.event(key, "c")}
	gw.report(batch...).want(t, 4, 0, 0, 0)
	batch[3]["cost_usd"] = 5
	for _, later := range []time.Duration{0, 11 * time.Minute, 25 * time.Hour, 34*24*time.Hour - 26*time.Hour} {
		w.Clock.Advance(later)
		gw.report(batch...).want(t, 0, 3, 1, 0)
	}
	from := "from=" + w.Clock.Now().AddDate(0, -2, 0).Format("2006-01") + "-01"
	wantSpent(t, acme, from, "$0.003 in 3, 300+30 tokens")
	wantSpent(t, globex, from, "$0.001 in 1, 100+10 tokens")
	w.Clock.Advance(2 * 24 * time.Hour)
	if in := gw.report(batch...).want(t, 0, 0, 0, 4); in.Results[0].Reason != "too_old" {
		t.Errorf("%+v", in.Results)
	}
}

// A deleted org is charged no more, and its keys are not told from others'.
func TestSpend_deletedOrg(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	gw.report(gw.event(key, "1")).want(t, 1, 0, 0, 0)
	owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": owner.Do("GET", "/v1/org", nil).Get("slug")}).Want(204)
	if in := gw.report(gw.event(key, "2")).want(t, 0, 0, 0, 1); in.Results[0].Reason != "org_deleted" {
		t.Errorf("%+v", in.Results)
	}
}

// Any number of models is kept in rows of bounded size, and all of them add up.
func TestSpend_manyModels(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	const models = 500
	for from := 0; from < models; from += 100 {
		var batch []apitest.Map
		for i := from; i < from+100; i++ {
			batch = append(batch, gw.event(key, fmt.Sprint(i), apitest.Map{"model": fmt.Sprintf("model-%d", i)}))
		}
		gw.report(batch...).want(t, 100, 0, 0, 0)
	}
	wantSpent(t, owner, "group_by=key,model", "$0.5 in 500, 50000+5000 tokens")
	wantSpent(t, owner, "group_by=model,day", "$0.5 in 500, 50000+5000 tokens")
	wantSpent(t, owner, "group_by=key", "$0.5 in 500, 50000+5000 tokens")
	wantReconciled(t, w, owner)
	if rows := owner.List("/v1/spend?group_by=key,model"); len(rows) < 200 || !slices.Contains(apitest.Column(rows, "model"), "(other models)") {
		t.Errorf("%d models", len(rows))
	}
}

// A key that is renamed has one name in reports: that of its last batch, also where large
// batches before have left the other in rows that small ones do not touch.
func TestSpend_renamedKey(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	owner, _ = owner.WithKey("manage") // sessions end before the next month does
	var batch []apitest.Map
	for i := range 150 {
		batch = append(batch, gw.event(key, fmt.Sprint(i), apitest.Map{"model": fmt.Sprint("model-", i%2)}))
	}
	gw.report(batch...).want(t, 150, 0, 0, 0)
	first := w.Clock.Now()
	rename := func(name string) {
		owner.Do("PATCH", "/v1/keys/"+key.id, apitest.Map{"name": name}).Want(200)
		gw.report(gw.event(key, name, apitest.Map{"model": "model-0"})).want(t, 1, 0, 0, 0)
		for _, group := range []string{"key", "key,model", "key,day"} {
			rows := owner.List("/v1/spend?from=" + first.Format("2006-01") + "-01&group_by=" + group)
			for _, row := range rows {
				if row["key_name"] != name {
					t.Errorf("%s: a row has the name %v, and should have %s", group, row["key_name"], name)
				}
			}
			if len(rows) == 0 {
				t.Errorf("%s: no rows", group)
			}
		}
	}
	rename("renamed")
	w.Clock.Advance(32 * 24 * time.Hour)
	rename("renamed again")
}

// Cells that a spreadsheet would run are text.
func TestSpend_csv(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	owner.Do("PATCH", "/v1/keys/"+key.id, apitest.Map{"name": `=HYPERLINK("x"),1`}).Want(200)
	gw.report(gw.event(key, "1", apitest.Map{"model": "+1"}), gw.event(key, "2", apitest.Map{"model": "@x", "cost_usd": 0})).want(t, 2, 0, 0, 0)
	r := owner.Do("GET", "/v1/spend?group_by=key,model", nil, "Accept", "text/csv").Want(200)
	want := "key_id,key_name,model,spend_usd,requests,prompt_tokens,completion_tokens\n" +
		key.id + `,"'=HYPERLINK(""x""),1",'+1,0.001,1,100,10` + "\n" +
		key.id + `,"'=HYPERLINK(""x""),1",'@x,0,1,100,10` + "\n"
	if string(r.Body) != want || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("got %s %s", r.Header.Get("Content-Type"), r.Body)
	}
}

// What no kept sums answer is refused, with the reason.
func TestSpend_queries(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	for _, query := range []string{
		"group_by=key,model,day", "group_by=key,key", "group_by=colour", "group_by=key,model&from=2026-10-02", "group_by=member,day&model=x",
		"from=2026-10-02&to=2026-10-02", "from=2020-01-01", "from=soon", "from=2026-10-01T12:00:00Z",
	} {
		owner.Do("GET", "/v1/spend?"+query, nil).WantProblem(422, "validation_failed")
	}
	for _, query := range []string{"group_by=key,model&from=2026-10-01&to=2026-11-01", "to=2026-10-02", "group_by=model,day&from=2026-10-02&to=2026-10-05", "group_by=key,day&from=2026-10-02&to=2026-11-20"} {
		owner.Do("GET", "/v1/spend?"+query, nil).Want(200)
	}
}
