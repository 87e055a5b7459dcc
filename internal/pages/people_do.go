package pages

import (
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/web"
)

func (d Dashboard) changeRole(v visit) error {
	role, err := authz.ParseRole(v.value("role"))
	if err != nil {
		return err
	}
	if _, err := d.Members.Change.Change(v.r.Context(), v.actor(), v.value("id"), role); err != nil {
		return err
	}
	return v.done("team", "role")
}

func (d Dashboard) remove(v visit) error {
	if err := d.Members.Remove.Remove(v.r.Context(), v.actor(), v.value("id")); err != nil {
		return err
	}
	if v.value("id") == v.actor().UserID {
		return v.goodbye("left")
	}
	return v.done("team", "removed")
}

func (d Dashboard) leave(v visit) error {
	if err := d.Members.Remove.Leave(v.r.Context(), v.actor()); err != nil {
		return err
	}
	return v.goodbye("left")
}

func (d Dashboard) transfer(v visit) error {
	if _, err := d.Orgs.Transfer.Transfer(v.r.Context(), v.actor(), v.value("id")); err != nil {
		return err
	}
	return v.done("team", "transferred")
}

// goodbye ends a visit for good: the browser's session no longer works.
func (v visit) goodbye(why string) error {
	http.SetCookie(v.w, web.ForgottenCookie())
	toSignInWith(v.w, v.r, why)
	return nil
}
