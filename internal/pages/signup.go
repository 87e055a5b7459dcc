package pages

import (
	"net/http"

	"github.com/nemorouter/nemo-team/internal/signup"
	"github.com/nemorouter/nemo-team/internal/web"
)

// signUpData is the form that asks for a new organization.
type signUpData struct {
	Email   field
	OrgName field
	Credit  string // in dollars
	Notice  string
}

var signUpPage = newPage[signUpData]("signup.html")

func newSignUpData(email, orgName string) signUpData {
	return signUpData{
		Email: emailField(email, "We mail you a link to confirm it. You become the owner."),
		OrgName: field{Name: "org_name", Label: "Organization", Type: "text", Autocomplete: "organization",
			Value: orgName, Hint: "Your company or project. You can rename it later.", Required: true},
		Credit: signup.Grant.String(),
	}
}

func (p Public) getSignUp(w http.ResponseWriter, r *http.Request) {
	data := newSignUpData("", "")
	data.OrgName.Autofocus = true
	signUpPage.render(w, r, http.StatusOK, data)
}

func (p Public) postSignUp(w http.ResponseWriter, r *http.Request) {
	values, err := posted(r, "email", "org_name")
	if err != nil {
		fail(w, r, err, action{"Back", "/signup"})
		return
	}
	email, orgName := values[0], values[1]
	if err := p.SignUp.Request(r.Context(), email, orgName, web.Origin(r)); err != nil {
		refuseSignUp(w, r, email, orgName, err)
		return
	}
	sentPage.render(w, r, http.StatusOK, sentData{
		Email: email, Minutes: linkMinutes, Action: "/signup",
		Fields: map[string]string{"email": email, "org_name": orgName},
	})
}

func refuseSignUp(w http.ResponseWriter, r *http.Request, email, orgName string, err error) {
	flt, ok := mendable(err)
	if !ok {
		fail(w, r, err, action{"Back", "/signup"})
		return
	}
	data := newSignUpData(email, orgName)
	data.Notice = notice(flt, &data.OrgName, &data.Email)
	answer(w, r, flt, err)
	signUpPage.render(w, r, web.Status(flt.Kind), data)
}

func (p Public) getSignUpLink(w http.ResponseWriter, r *http.Request) {
	confirmPage.render(w, r, http.StatusOK, confirmData{
		Title: "Create your organization", Button: "Create and sign in",
		Lead: "One more click creates the organization that you asked for, with you as its owner.",
	})
}

func (p Public) postSignUpLink(w http.ResponseWriter, r *http.Request) {
	founded, err := p.ConfirmSignUp.Confirm(r.Context(), r.PathValue("token"), web.Origin(r))
	if err != nil {
		p.notIn(w, r, err, action{"Get a new link", "/signup"})
		return
	}
	web.SetSession(w, founded.Session)
	toTeam(w, r, founded.Org.Slug)
}
