package pages

import (
	"html/template"
	"testing"
)

// No label or path ends its attribute or its element.
func TestMenu_escapes(t *testing.T) {
	got := menu{{`<b>Tom & "Ann"</b>`, `/acme/team?id=1&q="><script>`}}.HTML()
	want := `<div class="menu-list"><a href="/acme/team?id=1&amp;q=&#34;&gt;&lt;script&gt;">&lt;b&gt;Tom &amp; &#34;Ann&#34;&lt;/b&gt;</a></div>`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Addresses that people choose stay in the value of their name.
func TestLink_escapes(t *testing.T) {
	v := visit{}
	v.caller.Org.Slug = "acme"
	if got, want := v.link("team", "q", "a&b=c #ü", "role", "", "to", "x"), "/acme/team?q=a%26b%3Dc+%23%C3%BC&to=x"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := v.link("team", "q", ""); got != "/acme/team" {
		t.Errorf("got %s", got)
	}
}

// What people are called and what they ask for is shown, and nothing more.
func TestMarkup_escapes(t *testing.T) {
	nasty, safe := `<b>&"'`, `&lt;b&gt;&amp;&#34;&#39;`
	for _, c := range []struct {
		got  template.HTML
		want string
	}{
		{anchor{nasty, "/acme/audit?q=" + nasty}.HTML(), `<a class="quiet" href="/acme/audit?q=` + safe + `">` + safe + `</a>`},
		{anchor{Label: nasty}.HTML(), `<span>` + safe + `</span>`},
		{badge{nasty, "warn"}.HTML(), `<span class="badge badge-warn">` + safe + `</span>`},
		{badge{}.HTML(), ""},
		{person{Display: nasty, Email: nasty, Initial: "<", You: true}.HTML(), `<span class="person"><span class="avatar" aria-hidden="true">&lt;</span>` +
			`<span class="person-text"><span class="person-name">` + safe + ` <span class="badge badge-plain">You</span></span>` +
			`<span class="person-mail">` + safe + `</span></span></span>`},
	} {
		if string(c.got) != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}
