package sesmail

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
	"strings"
)

// contentPolicy also holds inside of the mail, because a srcdoc frame inherits
// it: mails style themselves inline, may show pictures that they carry, run no
// scripts and load nothing from outside.
const contentPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

//go:embed inbox.html
var inboxSource string

var inboxPage = template.Must(template.New("inbox").Parse(inboxSource))

// Handler shows the mailbox: a page to a browser, a list to whoever accepts
// application/json. "?to=" narrows both to one recipient, "?id=" opens a mail.
func (b *Mailbox) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "the mailbox is for reading", http.StatusMethodNotAllowed)
			return
		}
		to := r.FormValue("to")
		mails := b.List(to)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Accept")
		if strings.Contains(r.Header.Get("Accept"), "application/json") {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(mails)
			return
		}
		showInbox(w, newInbox(mails, to, r.FormValue("id")))
	})
}

// inbox is what the page shows.
type inbox struct {
	To    string
	Mails []Mail
	Open  *Mail // nil when there is none to show
	Lost  bool  // a mail was asked for that is not there
}

func newInbox(mails []Mail, to, id string) inbox {
	page := inbox{To: to, Mails: mails, Lost: id != ""}
	for i, m := range mails {
		if id == "" || m.ID == id {
			page.Open, page.Lost = &mails[i], false
			break
		}
	}
	return page
}

func showInbox(w http.ResponseWriter, page inbox) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	if page.Lost {
		w.WriteHeader(http.StatusNotFound)
	}
	_ = inboxPage.Execute(w, page)
}

// Document returns the mail's HTML as the frame shows it: links open in a tab
// of their own. It is trusted no further than the frame's sandbox goes.
func (m Mail) Document() string {
	return `<base target="_blank">` + m.HTML
}

// A piece of text is either plain or a link.
type piece struct {
	Text string
	Link bool
}

var link = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]]`)

// Pieces returns the text part cut up into links and what lies between them.
func (m Mail) Pieces() []piece {
	var pieces []piece
	end := 0
	for _, at := range link.FindAllStringIndex(m.Text, -1) {
		pieces = append(pieces, piece{Text: m.Text[end:at[0]]}, piece{Text: m.Text[at[0]:at[1]], Link: true})
		end = at[1]
	}
	return append(pieces, piece{Text: m.Text[end:]})
}
