package apitest_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

var nextLink = regexp.MustCompile(`^<http://team\.test(/v1/audit\?\S+)>; rel="next"$`)

// parts follows the links of a file to its end and returns its parts.
func parts(t *testing.T, p *apitest.Person, path, accept string) (all []*apitest.Reply) {
	t.Helper()
	for range 1000 {
		r := p.Do("GET", path, nil, "Accept", accept).Want(200)
		all = append(all, r)
		link := r.Header.Get("Link")
		if link == "" {
			return all
		}
		next := nextLink.FindStringSubmatch(link)
		if next == nil {
			t.Fatalf("the link is %q", link)
		}
		path = next[1]
	}
	t.Fatalf("%s does not end", path)
	return nil
}

// lines are the entries of parts in JSON Lines.
func lines(t *testing.T, parts []*apitest.Reply) (entries []apitest.Map) {
	t.Helper()
	for _, r := range parts {
		for line := range bytes.Lines(r.Body) {
			var e apitest.Map
			if err := json.Unmarshal(line, &e); err != nil || !bytes.HasSuffix(line, []byte("\n")) {
				t.Fatalf("%v: %q", err, line)
			}
			entries = append(entries, e)
		}
	}
	return entries
}

// cells are the rows of parts in CSV, each part with its head.
func cells(t *testing.T, parts []*apitest.Reply) (rows []apitest.Map) {
	t.Helper()
	for _, r := range parts {
		records, err := csv.NewReader(bytes.NewReader(r.Body)).ReadAll()
		if err != nil || len(records) == 0 {
			t.Fatalf("%v: %s", err, r.Body)
		}
		for _, cells := range records[1:] {
			row := apitest.Map{}
			for i, cell := range cells {
				row[records[0][i]] = cell
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// The files hold what the list holds, in its order, however they are cut and narrowed.
func TestAuditExport_isTheList(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	admin := owner.Hire("admin")
	team := owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	for i := range 11 {
		admin.Do("PATCH", "/v1/teams/"+team, apitest.Map{"name": fmt.Sprint("Team ", i)}).Want(200)
	}
	from := "from=" + w.Clock.Now().Add(-time.Hour).Format(time.RFC3339Nano)
	for _, filter := range []string{"", "actor=" + admin.ID, "action=team.updated", "target=" + team, "action=team.updated&actor=" + admin.ID, from, "action=no.such"} {
		want := owner.List("/v1/audit?limit=100&" + filter)
		for _, limit := range []string{"", "&limit=1", "&limit=3", "&limit=1000"} {
			asLines := parts(t, owner, "/v1/audit?"+filter+limit, "application/jsonl")
			if got := lines(t, asLines); !slices.Equal(apitest.Column(got, "id"), apitest.Column(want, "id")) || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s%s: JSON Lines hold %v, want %v", filter, limit, got, want)
			}
			asCSV := parts(t, owner, "/v1/audit?"+filter+limit, "text/csv")
			if got := cells(t, asCSV); !slices.Equal(apitest.Column(got, "id"), apitest.Column(want, "id")) {
				t.Errorf("%s%s: CSV holds %v, want %v", filter, limit, got, want)
			}
			if limit == "" && len(asCSV)+len(asLines) != 2 {
				t.Errorf("%s: %d and %d parts", filter, len(asCSV), len(asLines))
			}
		}
	}
}

// A line of CSV has all of an entry, and no cell that a spreadsheet would run.
func TestAuditExport_csv(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	team := owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	owner.Do("PATCH", "/v1/teams/"+team, apitest.Map{"name": `=1+1, "x"`}, "User-Agent", "@SUM(A1)").Want(200)
	r := owner.Do("GET", "/v1/audit?action=team.updated", nil, "Accept", "text/csv").Want(200)
	if got, want := r.Header.Get("Content-Type"), "text/csv; charset=utf-8; header=present"; got != want {
		t.Errorf("it came as %q", got)
	}
	day := w.Clock.Now().Format(time.DateOnly)
	if got := r.Header.Get("Content-Disposition"); got != `attachment; filename="audit-`+day+`-to-`+day+`.csv"` {
		t.Errorf("it is called %q", got)
	}
	rows := cells(t, []*apitest.Reply{r})
	if len(rows) != 1 {
		t.Fatalf("got %s", r.Body)
	}
	for name, want := range map[string]string{
		"actor_user_id": owner.ID, "actor_email": owner.Email, "actor_role": "owner", "actor_via": "session",
		"action": "team.updated", "target_type": "team", "target_id": team, "target_name": `'=1+1, "x"`,
		"before": `{"name":"Research"}`, "after": `{"name":"=1+1, \"x\""}`, "ip": "192.0.2.1", "user_agent": "'@SUM(A1)",
	} {
		if rows[0][name] != want {
			t.Errorf("%s is %q, want %q", name, rows[0][name], want)
		}
	}
	if rows[0]["request_id"] == "" || rows[0]["at"] == "" {
		t.Errorf("got %v", rows[0])
	}
}

// What is asked for by another name comes under it; JSON stays what it was.
func TestAuditExport_forms(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	for accept, want := range map[string]string{
		"":                                   "application/json",
		"*/*":                                "application/json",
		"application/json, text/csv":         "application/json",
		"text/html, text/csv;q=0.9, */*":     "text/csv; charset=utf-8; header=present",
		"application/x-ndjson":               "application/x-ndjson",
		"APPLICATION/JSONL":                  "application/jsonl",
		"application/problem+json, text/xml": "application/json",
	} {
		if got := owner.Do("GET", "/v1/audit", nil, "Accept", accept).Want(200).Header.Get("Content-Type"); got != want {
			t.Errorf("%q is answered as %q, want %q", accept, got, want)
		}
	}
	wantInvalid(t, owner.Do("GET", "/v1/audit?limit=101", nil), "query.limit")
	wantInvalid(t, owner.Do("GET", "/v1/audit?limit=1001", nil, "Accept", "text/csv"), "query.limit")
	wantInvalid(t, owner.Do("GET", "/v1/audit?cursor=x", nil, "Accept", "text/csv"), "query.cursor")
	viewer, member := owner.Hire("viewer"), owner.Hire("member")
	viewer.Do("GET", "/v1/audit", nil, "Accept", "application/jsonl").Want(200)
	member.Do("GET", "/v1/audit", nil, "Accept", "application/jsonl").WantProblem(403, "forbidden")
}

// Nobody makes the record so large that it cannot be taken out: each part fits into what a
// function may answer, with the body as a string of JSON, and none is missing; and so does
// a page of the list.
func TestAuditExport_hostileEntriesFit(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	_, id := owner.WithKey("inference")
	owner.EditAtLength(id, 500)
	page := owner.Do("GET", "/v1/audit?limit=100", nil).Want(200)
	if answer, err := json.Marshal(string(page.Body)); err != nil || len(answer) > 5<<20+10 {
		t.Errorf("a page takes %d bytes of an answer", len(answer))
	}
	want := apitest.Column(owner.List("/v1/audit?limit=10"), "id")
	for _, accept := range []string{"text/csv", "application/jsonl"} {
		var all []*apitest.Reply
		calls := w.Wire.Record(func() { all = parts(t, owner, "/v1/audit", accept) })
		for i, r := range all {
			if answer, err := json.Marshal(string(r.Body)); err != nil || len(answer) > 5<<20+10 {
				t.Errorf("part %d of %s takes %d bytes of an answer", i, accept, len(answer))
			}
		}
		if len(all) < 2 || len(calls) > 5*len(all) {
			t.Errorf("%d parts of %s took %d round trips", len(all), accept, len(calls))
		}
		rows := cells
		if accept != "text/csv" {
			rows = lines
		}
		if got := apitest.Column(rows(t, all), "id"); !slices.Equal(got, want) {
			t.Errorf("%s holds %d entries, want %d", accept, len(got), len(want))
		}
	}
}

// The document names the media types, and where the next part is.
func TestAuditExport_isDocumented(t *testing.T) {
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct{ Content, Headers map[string]any }
		}
	}
	apitest.New(t).Stranger().Do("GET", "/openapi.json", nil).Want(200).Decode(&doc)
	ok := doc.Paths["/v1/audit"]["get"].Responses["200"]
	for _, media := range []string{"application/json", "text/csv", "application/jsonl", "application/x-ndjson"} {
		if ok.Content[media] == nil {
			t.Errorf("%s is not documented: %v", media, ok.Content)
		}
	}
	if ok.Headers["Link"] == nil {
		t.Error("the link to the next part is not documented")
	}
}
