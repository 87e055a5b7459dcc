package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/page"
)

const auditPath = "/v1/audit"

func (f Reports) mountAudit(a *API) {
	secured(a, route{
		method: http.MethodGet, path: auditPath, tag: "Audit", id: "list-audit-entries", needs: authz.AuditRead,
		summary: "Who changed what",
		detail: "Newest first. Each entry was written in the same transaction as its change; a new one may be missing for a second where the list is filtered. " +
			"With `Accept: text/csv` as CSV, with `Accept: application/jsonl` one entry of JSON a line. Such a file ends with a whole entry; where more follow, the header `Link` has the address of the next part, with `rel=\"next\"`.",
	}, func(ctx context.Context, c authn.Caller, in *auditInput) (*huma.StreamResponse, error) {
		return f.audit(ctx, a, c, in)
	})
	alsoAs[listBody[AuditEntry]](a, auditPath, auditForms...)
	a.note(func(doc *huma.OpenAPI) {
		doc.Paths[auditPath].Get.Responses["200"].Headers = map[string]*huma.Param{
			"Link": {Description: "Of a file: where the next part is. Missing with the last.", Schema: &huma.Schema{Type: huma.TypeString}},
		}
	})
}

type auditInput struct {
	Limit  int          `query:"limit" minimum:"1" maximum:"1000" doc:"How many rows at most: of JSON 1 to 100, 50 unless given; of CSV and JSON Lines 1 to 1000, 1000 unless given."`
	Cursor string       `query:"cursor" maxLength:"4096" doc:"next_cursor of the page before."`
	Actor  string       `query:"actor" maxLength:"64" doc:"Only what this user did: an id."`
	Action audit.Action `query:"action" maxLength:"64" doc:"Only this action." example:"invitation.accepted"`
	Target string       `query:"target" maxLength:"64" doc:"Only what was done to the thing with this id."`
	From   time.Time    `query:"from" doc:"Not before."`
	To     time.Time    `query:"to" doc:"Before."`
	Accept string       `header:"Accept" hidden:"true"`
}

func (in *auditInput) filter() audit.Filter {
	return audit.Filter{ActorID: in.Actor, Action: in.Action, TargetID: in.Target, From: in.From, To: in.To}
}

var errAuditLimit = fault.BadField("query.limit", "At most 100 rows of JSON. CSV and JSON Lines take up to 1000.")

func (f Reports) audit(ctx context.Context, a *API, c authn.Caller, in *auditInput) (*huma.StreamResponse, error) {
	if form := preferred(in.Accept, auditForms); form != "" {
		return f.auditFile(ctx, a, c, in, form)
	}
	if in.Limit > page.MaxLimit {
		return nil, errAuditLimit
	}
	p := page.Request{Limit: in.Limit, Cursor: in.Cursor}
	if p.Limit == 0 {
		p.Limit = page.DefaultLimit
	}
	found, err := f.Audit.List(ctx, c.Actor, in.filter(), p)
	if err != nil {
		return nil, err
	}
	return jsonAnswer(jsonLine(listed(found, auditShape).Body)), nil
}

// maxAuditRows is how many entries the API puts into one file at most.
const maxAuditRows = 1000

func (f Reports) auditFile(ctx context.Context, a *API, c authn.Caller, in *auditInput, form string) (*huma.StreamResponse, error) {
	rows := in.Limit
	if rows == 0 {
		rows = maxAuditRows
	}
	file, err := f.AuditFile(ctx, c.Actor, form, in.filter(), page.Request{Limit: rows, Cursor: in.Cursor})
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(out huma.Context) {
		out.SetHeader("Content-Type", file.ContentType)
		out.SetHeader("Content-Disposition", `attachment; filename="`+file.Name("audit", "")+`"`)
		if file.Next != "" {
			out.SetHeader("Link", "<"+a.origin+auditPath+"?"+in.next(file.Next)+`>; rel="next"`)
		}
		out.BodyWriter().Write(file.Body) // whoever asked may be gone
	}}, nil
}

// next is the query of the part that begins at the cursor.
func (in *auditInput) next(cursor string) string {
	query := url.Values{"cursor": {cursor}}
	if in.Limit > 0 {
		query.Set("limit", strconv.Itoa(in.Limit))
	}
	for name, value := range map[string]string{
		"actor": in.Actor, "action": string(in.Action), "target": in.Target, "from": timeOrNone(in.From), "to": timeOrNone(in.To),
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query.Encode()
}

func timeOrNone(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
