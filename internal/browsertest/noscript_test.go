package browsertest

import "testing"

// Everything works without JavaScript: signing up and in, inviting, accepting, removing.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	ada := newPerson(t, "ada@plain.example")
	ada.withScripts(false)
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

	bob := newPerson(t, "bob@plain.example")
	bob.withScripts(false)
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

	ada.clicks("Members")
	ada.clicks("Actions for Bob")
	ada.clicks("Remove")
	ada.clicks("Remove Bob")
	ada.sees("The member was removed.")
	bob.clicks("Teams")
	bob.isAt("/signin")

	ada.ranScripts(false)
	ada.withScripts(true)
	ada.opens("/plain-pages/team")
	ada.ranScripts(true)
}

// ranScripts fails the test unless our script has run on the page, or has not: it gives times
// a tooltip.
func (p *person) ranScripts(want bool) {
	p.Helper()
	if ran := ask[bool](p, `document.querySelector("time[title]") !== null`); ran != want {
		p.Fatalf("%s: scripts ran: %t, want %t", p.at(), ran, want)
	}
}
