package mail

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"github.com/nemorouter/nemo-team/internal/outbox"
)

func TestParts_linkOnce(t *testing.T) {
	each(t, sunny, func(t *testing.T, k kind, in *ses.SendEmailInput) {
		href := regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(htmlOf(in), -1)
		inText := regexp.MustCompile(`https?://\S+`).FindAllString(textOf(in), -1)
		if k.path == "" {
			if len(href)+len(inText) > 0 {
				t.Fatalf("links %v %v in a mail that needs none", href, inText)
			}
			return
		}
		want := "https://team.nemo.example" + k.path
		if len(href) != 1 || href[0][1] != want {
			t.Errorf("HTML links %v, want %s once", href, want)
		}
		if len(inText) != 1 || inText[0] != want {
			t.Errorf("text links %v, want %s once", inText, want)
		}
		if !strings.Contains(htmlOf(in), ">"+want+"</p>") {
			t.Error("the link does not stand below the button as text")
		}
	})
}

func TestParts_htmlInNamesIsText(t *testing.T) {
	w := sunny
	w.org = `<img src=x onerror=alert(1)>&"Acme"`
	w.alice.Name = `<a href="https://evil.example">Click</a>`
	w.bob.Name = `<script>alert(1)</script>`
	each(t, w, func(t *testing.T, _ kind, in *ses.SendEmailInput) {
		for _, bad := range []string{"<img", "<script", "evil.example\"", "<a href=\"https://evil"} {
			if strings.Contains(htmlOf(in), bad) {
				t.Errorf("%q is markup in the HTML part", bad)
			}
		}
	})
}

// Whoever can start a line in the text part can speak in our voice there.
func TestParts_namesStayOnTheirLine(t *testing.T) {
	w := sunny
	w.org = "Acme\r\n\r\nForged: pay here\u2028Forged again"
	w.alice.Name = "Grace\nForged by Grace"
	w.bob.Name = "Bob\x85Forged by Bob"
	each(t, w, func(t *testing.T, _ kind, in *ses.SendEmailInput) {
		for _, l := range regexp.MustCompile(`[\n\r\x{85}\x{2028}\x{2029}]`).Split(textOf(in), -1) {
			if strings.HasPrefix(strings.TrimSpace(l), "Forged") {
				t.Errorf("a name began the line %q", l)
			}
		}
	})
}

func TestInvitation_saysWhoWhatAndWhen(t *testing.T) {
	in := mustSend(t, kinds[0], sunny)[0]
	for _, want := range []string{
		"Grace Hopper", "grace.hopper@acme.com", "Acme Robotics", "Admin",
		sunny.role.Description(), "Monday, 30 November 2026, 14:05 UTC", "ignore it",
	} {
		if !strings.Contains(textOf(in), want) {
			t.Errorf("the text part does not say %q", want)
		}
		if !strings.Contains(htmlOf(in), want) {
			t.Errorf("the HTML part does not say %q", want)
		}
	}
}

func TestInvitation_nameless(t *testing.T) {
	w := sunny
	w.alice.Name = ""
	if text := textOf(mustSend(t, kinds[0], w)[0]); !strings.Contains(text, "\ngrace.hopper@acme.com invites you") {
		t.Errorf("without a name the inviter's address should stand alone:\n%s", text)
	}
}

func TestRoleChanged_saysWhenKeysEnd(t *testing.T) {
	const words = "Your virtual keys were revoked"
	m, o := newMailer()
	for before, after := range map[string]string{"member": "viewer", "viewer": "member"} {
		w := sunny
		w.role = role(t, before)
		if err := m.SendNews(t.Context(), "bob@acme.com", w.news(outbox.RoleChanged, role(t, after))); err != nil {
			t.Fatal(err)
		}
		in := o.sent[len(o.sent)-1]
		for _, part := range []string{textOf(in), htmlOf(in)} {
			if got, want := strings.Contains(part, words), after == "viewer"; got != want {
				t.Errorf("%s to %s: keys said to end: %t, want %t", before, after, got, want)
			}
		}
	}
}

// Run with -artifacts to keep every mail as a file and look at it.
func TestParts_lookAtThem(t *testing.T) {
	dir := t.ArtifactDir()
	for _, k := range kinds {
		for _, in := range mustSend(t, k, sunny) {
			name := filepath.Join(dir, strings.ReplaceAll(aws.ToString(in.Message.Subject.Data), " ", "_"))
			for ext, part := range map[string]string{".html": htmlOf(in), ".txt": textOf(in)} {
				if err := os.WriteFile(name+ext, []byte(part), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
