package browsertest

import "testing"

// The story of the product, as two people see it: sign up, invite, read the mail, accept in
// another profile, and be out at once when removed.
func TestStory(t *testing.T) {
	t.Parallel()
	ada := newPerson(t, "ada@story.example")
	ada.opens("/signup")
	ada.fills("Organization", "Story Robotics")
	ada.fills("Email address", ada.email)
	ada.clicks("Continue")
	ada.sees("Check your mail", ada.email)
	ada.followsMail("Confirm")
	ada.clicks("Create and sign in")
	ada.isAt("/story-robotics/team")
	ada.sees("You are the first one here")

	ada.clicks("Invite people")
	ada.fills("Email addresses", "bob@story.example")
	ada.chooses("Role", "Member")
	ada.clicks("Send invitations")
	ada.sees("The invitation is on its way.")

	bob := newPerson(t, "bob@story.example")
	bob.followsMail("invite")
	bob.sees("Join Story Robotics", ada.email, "Member")
	bob.fills("Your name", "Bob Builder")
	bob.clicks("Accept and join")
	bob.isAt("/story-robotics/team")
	bob.misses("Invite people")

	ada.opens("/story-robotics/team")
	ada.clicks("Actions for Bob Builder")
	ada.clicks("Remove")
	ada.sees("They are signed out everywhere")
	ada.clicks("Remove Bob Builder")
	ada.sees("The member was removed.")

	bob.clicks("Keys")
	bob.isAt("/signin")
	bob.sees("Your session has ended")
}
