package sesmail

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMailbox_survivesARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	box := open(t, dir)
	deliver(t, box, Mail{To: "ada@example.com", Subject: "first"})
	deliver(t, box, Mail{To: "bob@example.com", Subject: "second"})
	// What a crash in the middle of a write leaves behind.
	if err := os.WriteFile(filepath.Join(dir, "1.partial"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	box = open(t, dir)
	deliver(t, box, Mail{To: "ada@example.com", Subject: "third"})
	if got := subjects(box.List("")); got != "third second first" {
		t.Errorf("all mails: %q", got)
	}
	if got := subjects(box.List("ADA@example.com")); got != "third first" {
		t.Errorf("Ada's mails: %q", got)
	}
}

func TestHandler_json(t *testing.T) {
	box := open(t, "")
	if got := get(box, "/_dev/mail", "application/json").Body.String(); got != "[]\n" {
		t.Errorf("an empty mailbox: %q", got)
	}
	deliver(t, box, Mail{To: "ada@example.com, bob@example.com", Subject: "first", Text: "t", HTML: "<p>h"})
	deliver(t, box, Mail{To: "bob@example.com", Subject: "second"})
	var mails []map[string]any
	if err := json.Unmarshal(get(box, "/_dev/mail?to=ada@example.com", "application/json").Body.Bytes(), &mails); err != nil {
		t.Fatal(err)
	}
	if len(mails) != 1 || mails[0]["to"] != "ada@example.com, bob@example.com" || mails[0]["html"] != "<p>h" || mails[0]["text"] != "t" {
		t.Errorf("Ada's mails: %v", mails)
	}
	if _, err := time.Parse(time.RFC3339, mails[0]["at"].(string)); err != nil || !strings.HasSuffix(mails[0]["at"].(string), "Z") {
		t.Errorf("at = %v, want RFC 3339 in UTC", mails[0]["at"])
	}
}

func TestHandler_page(t *testing.T) {
	box := open(t, "")
	wantIn(t, get(box, "/_dev/mail", "text/html"), http.StatusOK, "No mail yet")
	deliver(t, box, Mail{
		To: "ada@example.com", Subject: "<script>1</script>",
		Text: "Go to https://nemo.example/a?t=1&u=2.", HTML: `<a href="https://nemo.example/">go</a>`,
	})
	first := box.List("")[0].ID
	deliver(t, box, Mail{To: "bob@example.com", Subject: "newest", Text: "hello"})
	wantIn(t, get(box, "/_dev/mail", "text/html"), http.StatusOK, "<h2>newest</h2>")
	wantIn(t, get(box, "/_dev/mail?id=none", "text/html"), http.StatusNotFound, "not here")
	opened := get(box, "/_dev/mail?id="+first, "text/html")
	wantIn(t, opened, http.StatusOK, "<h2>&lt;script&gt;1&lt;/script&gt;</h2>")
	wantIn(t, opened, http.StatusOK, `srcdoc="&lt;base target=&#34;_blank&#34;&gt;&lt;a href=&#34;https://nemo.example/&#34;&gt;go&lt;/a&gt;"`)
	wantIn(t, opened, http.StatusOK, `<a href="https://nemo.example/a?t=1&amp;u=2" target="_blank" rel="noopener noreferrer">`)
}

func TestHandler_isForReading(t *testing.T) {
	w := httptest.NewRecorder()
	open(t, "").Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/_dev/mail", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST = %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func open(t *testing.T, dir string) *Mailbox {
	t.Helper()
	box, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func deliver(t *testing.T, box *Mailbox, m Mail) {
	t.Helper()
	if err := box.keep(box.stamp(m)); err != nil {
		t.Fatal(err)
	}
}

func subjects(mails []Mail) string {
	var all []string
	for _, m := range mails {
		all = append(all, m.Subject)
	}
	return strings.Join(all, " ")
}

func get(box *Mailbox, target, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	box.Handler().ServeHTTP(w, r)
	return w
}

func wantIn(t *testing.T, w *httptest.ResponseRecorder, status int, text string) {
	t.Helper()
	if w.Code != status || !strings.Contains(w.Body.String(), text) {
		t.Errorf("answer %d does not contain %s:\n%s", w.Code, text, w.Body)
	}
}
