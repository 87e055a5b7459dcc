package pages

import "testing"

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
