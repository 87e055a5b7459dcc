package browsertest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
)

// mails returns what was sent to an address, newest first.
func (s *server) mails(t *testing.T, to string) (mails []sesmail.Mail) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/_dev/mail?to="+url.QueryEscape(to), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&mails); err != nil {
		t.Fatal(err)
	}
	return mails
}

// mail waits for a mail to an address whose subject has a word in it.
func (s *server) mail(t *testing.T, to, word string) sesmail.Mail {
	t.Helper()
	var subjects []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(pause) {
		subjects = nil
		for _, m := range s.mails(t, to) {
			if strings.Contains(m.Subject, word) {
				return m
			}
			subjects = append(subjects, m.Subject)
		}
	}
	t.Fatalf("%s got no mail about %q, only %q", to, word, subjects)
	return sesmail.Mail{}
}

var webLink = regexp.MustCompile(`https?://\S+`)

// linkIn is the first link of a mail.
func linkIn(t *testing.T, m sesmail.Mail) string {
	t.Helper()
	link := webLink.FindString(m.Text)
	if link == "" {
		t.Fatalf("no link in %q:\n%s", m.Subject, m.Text)
	}
	return link
}
