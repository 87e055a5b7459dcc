package pages

import (
	"net/http"
	"strconv"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	lists "github.com/nemorouter/nemo-team/internal/page"
	"github.com/nemorouter/nemo-team/internal/web"
)

// exportForms are the forms of files, by what the query's "file" says.
var exportForms = map[string]struct{ media, label string }{
	"csv":   {web.CSV, "CSV"},
	"jsonl": {web.JSONLines, "JSON Lines"},
}

// maxExport is how many entries a file holds at most.
const maxExport = 5000

// exportData is a part of the record that is too long for one file.
type exportData struct {
	frame
	Form           string
	Part           int
	Entries        int
	Newest, Oldest moment
	File           string // where the part is
	Next           string // the page of the next part; empty with the last
	Back           action
}

var exportPage = newBoardPage[exportData]("audit_export.html")

// exportAudit hands out what the filter leaves as a file. What is too long for one answer
// comes in parts: a page says which entries are in this one and leads to the next, so that
// nobody takes a part for the whole.
func (d Dashboard) exportAudit(v visit, filter audit.Filter) error {
	form, known := exportForms[v.query("file")]
	if !known {
		return errForm
	}
	until, err := v.until()
	if err != nil {
		return err
	}
	if filter.To.IsZero() || until.Before(filter.To) {
		filter.To = until
	}
	file, err := d.Reports.AuditFile(v.r.Context(), v.actor(), form.media, filter, lists.Request{Limit: maxExport, Cursor: v.query("cursor")})
	if err != nil {
		return err
	}
	part := max(1, number(v.query("part")))
	switch {
	case v.query("get") != "":
		v.download(file, "-part-"+strconv.Itoa(part))
		return nil
	case file.Next == "" && v.query("cursor") == "":
		v.download(file, "")
		return nil
	}
	data := exportData{
		frame: v.frame("audit", "Export of the audit trail"), Form: form.label, Part: part,
		Entries: file.Entries, Newest: minute(file.Newest), Oldest: minute(file.Oldest),
		Back: action{"Back to audit", v.here("file", "", "part", "", "cursor", "", "until", "")},
	}
	pinned := until.Format(time.RFC3339Nano)
	data.File = v.here("part", strconv.Itoa(part), "get", "1", "until", pinned)
	if file.Next != "" {
		data.Next = v.here("part", strconv.Itoa(part+1), "cursor", file.Next, "until", pinned)
	}
	exportPage.render(v.w, v.r, http.StatusOK, data)
	return nil
}

// until is where the export ends: now, or when its first part was shown. What is written
// after that would push as many entries out of that part, and into none.
func (v visit) until() (time.Time, error) {
	if v.query("until") == "" {
		return v.now.Add(time.Microsecond), nil // an entry of this moment belongs to it
	}
	at, err := time.Parse(time.RFC3339Nano, v.query("until"))
	if err != nil {
		return at, errForm.Because(err)
	}
	return at, nil
}

// download answers with a file. Its name tells the org, the days of its entries, and the
// part if it is one.
func (v visit) download(file web.AuditFile, part string) {
	h, body := v.w.Header(), file.Body
	h.Set("Content-Type", file.ContentType)
	h.Set("Content-Disposition", `attachment; filename="`+file.Name(v.caller.Org.Slug+"-audit", part)+`"`)
	h.Set("Vary", "Accept-Encoding")
	if small, is := zipped(v.r, body); is {
		h.Set("Content-Encoding", "gzip")
		body = small
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = v.w.Write(body) // fails only when the reader went away
}

// number is what a query says, or 0.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
