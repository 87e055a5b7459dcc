package apitest_test

import (
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

func TestMain(m *testing.M) { apitest.Main(m) }

// The story of the README: sign up, invite, accept, look, promote, remove, invite again.
func TestStory(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	bob := ada.Hire("member")
	if got := ada.Do("GET", "/v1/members/"+bob.ID, nil).Want(200).Get("role"); got != "member" {
		t.Fatal(got)
	}
	ada.Do("PATCH", "/v1/members/"+bob.ID, apitest.Map{"role": "admin"}).Want(200)
	if got := bob.Do("GET", "/v1/me", nil).Want(200).Get("litellm_role"); got != "org_admin" {
		t.Fatal(got)
	}
	ada.Do("DELETE", "/v1/members/"+bob.ID, nil).Want(204)
	bob.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
	ada.Invite(bob.Email, "viewer")
	again := w.Join(bob.Email)
	if again.ID != bob.ID {
		t.Fatal("the same person came back as another user")
	}
	bob.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
}
