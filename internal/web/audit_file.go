package web

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/page"
)

// The media types of files of the record.
const (
	CSV       = "text/csv"
	JSONLines = "application/jsonl"
	ndjson    = "application/x-ndjson" // JSON Lines by its other name
)

var auditForms = []string{CSV, JSONLines, ndjson}

// AuditFile is a part of the record as a file: whole entries, newest first.
type AuditFile struct {
	ContentType string
	Body        []byte
	Entries     int
	Oldest      time.Time // when the last of the entries was made; zero if there is none
	Newest      time.Time
	Next        string // the cursor of the next part; empty if this is the last

	ext string
}

// Name is what to call the file: what it is of, the days of its entries, and which part it is.
func (f AuditFile) Name(of, part string) string {
	if f.Entries > 0 {
		of += "-" + f.Oldest.Format(time.DateOnly) + "-to-" + f.Newest.Format(time.DateOnly)
	}
	return of + part + f.ext
}

// fileReads is how many round trips to the table a file takes at most. Each brings up to
// 1 MB, so it also bounds the memory.
const fileReads = 4

// maxFile bounds a file by what it takes in a function's answer, in bytes. Lambda takes
// 6 MB, with the body as a string of JSON.
const maxFile = 5 << 20

// AuditFile returns a part of the actor's org's record in a form: CSV or JSONLines. It needs
// audit:read. The part ends with a whole entry, where the rows of p or the room end.
func (f Reports) AuditFile(ctx context.Context, actor authz.Actor, form string, filter audit.Filter, p page.Request) (AuditFile, error) {
	p.Reads = fileReads
	found, err := f.Audit.List(ctx, actor, filter, p)
	if err != nil {
		return AuditFile{}, err
	}
	out, line := AuditFile{ContentType: form, Next: found.Next, ext: ".jsonl"}, jsonLine[AuditEntry]
	if form == CSV {
		out.ContentType, out.ext, line = CSV+"; charset=utf-8; header=present", ".csv", csvLine
		out.Body = csvFile([][]string{auditColumns})
	}
	room := maxFile - inAnswer(out.Body)
	for i, e := range found.Data {
		next := line(auditShape(e))
		if room -= inAnswer(next); room < 0 && i > 0 { // one entry always fits
			out.Next = f.Audit.After(actor, filter, found.Data[i-1])
			break
		}
		if i == 0 {
			out.Newest = e.At
		}
		out.Body, out.Oldest, out.Entries = append(out.Body, next...), e.At, i+1
	}
	return out, nil
}

var auditColumns = []string{
	"id", "at", "actor_user_id", "actor_email", "actor_role", "actor_via", "action", "target_type", "target_id", "target_name",
	"before", "after", "request_id", "ip", "user_agent",
}

func csvLine(e AuditEntry) []byte {
	return csvFile([][]string{{
		e.ID, e.At.Format(time.RFC3339Nano), e.Actor.UserID, e.Actor.Email, string(e.Actor.Role), string(e.Actor.Via), string(e.Action),
		string(e.Target.Type), e.Target.ID, e.Target.Name, valuesCell(e.Before), valuesCell(e.After), e.RequestID, e.IP, e.UserAgent,
	}})
}

// valuesCell writes values as JSON; none are an empty cell.
func valuesCell(values map[string]any) string {
	if len(values) == 0 {
		return ""
	}
	return string(bytes.TrimSuffix(jsonLine(values), []byte("\n")))
}

func jsonLine[T any](v T) []byte {
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	_ = w.Encode(v) // it came from the table, so it has a form
	return b.Bytes()
}
