package browsertest

import "testing"

// Everything works without JavaScript: signing up and in, inviting, accepting, removing.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	ada := newPerson(t, "ada@plain.example").withoutScripts()
	ada.opens("/signup")
	ada.fills("Organization", "Plain Pages")
	ada.fills("Email address", ada.email)
	ada.clicks("Continue")
	ada.followsMail("Confirm")
	ada.clicks("Create and sign in")
	ada.isAt("/plain-pages/team")
	ada.clicks("Invite people")
	ada.fills("Email addresses", "bob@plain.example")
	ada.clicks("Send invitations")
	ada.sees("The invitation is on its way.")

	bob := newPerson(t, "bob@plain.example").withoutScripts()
	bob.followsMail("invited")
	bob.fills("Your name", "Bob")
	bob.clicks("Accept and join")
	bob.isAt("/plain-pages/team")
	bob.clicks("Settings")
	bob.clicks("Sign out here")
	bob.isAt("/signin")
	bob.fills("Email address", bob.email)
	bob.clicks("Mail me a sign-in link")
	bob.followsMail("sign-in link")
	bob.clicks("Sign in")
	bob.isAt("/plain-pages/team")

	ada.clicks("Members 2")
	ada.clicks("Actions for Bob")
	ada.clicks("Remove")
	ada.clicks("Remove Bob")
	ada.sees("The member was removed.")
	bob.clicks("Teams")
	bob.isAt("/signin")
}

// The switch works: with it, our script has not run.
func TestWithoutScripts_noneRuns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    *person
		want string
	}{
		{newPerson(t, "with@scripts.example"), "/signin"},
		{newPerson(t, "without@scripts.example").withoutScripts(), "/signin?why=session"},
	} {
		c.p.opens("/signin?why=session") // a script takes the reason out of the address
		if at := ask[string](c.p, "location.pathname + location.search"); at != c.want {
			t.Errorf("%s is at %s, want %s", c.p.email, at, c.want)
		}
	}
}
