package pages_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

func TestBoard_settings(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	done(t, b, b.send("/settings", "do", "name", "name", "Ada Lovelace"), "named")
	says(t, b.open("/settings").Want(200), "Ada Lovelace", "This browser")
	says(t, b.send("/settings", "do", "name", "name", "").Want(422), "own-name-error")
	says(t, b.send("/settings", "do", "org", "name", "Acme", "slug", "v1").Want(422), "slug-error", `value="v1"`)

	other := browse(b.SignUp("Other"))
	says(t, b.send("/settings", "do", "org", "name", "Acme", "slug", other.base[1:]).Want(409), "slug-error", "Another organization")

	slug := "new-" + b.NoID()[24:]
	r := b.send("/settings", "do", "org", "name", "Acme Two", "slug", slug).Want(303)
	if to := r.Header.Get("Location"); to != "/"+slug+"/settings?done=org" {
		t.Errorf("sent to %s", to)
	}
	b.open("/settings").Want(404)
	b.base = "/" + slug
	says(t, b.open("/settings").Want(200), "Acme Two")
}

func TestBoard_signOut(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	second := browser{b.SignIn(), b.base}
	if r := b.send("/settings", "do", "sign-out").Want(303); r.Header.Get("Location") != "/signin?why=out" {
		t.Error(r.Header.Get("Location"))
	}
	b.open("/team").Want(303)
	third := browser{second.SignIn(), b.base}
	says(t, second.open("/settings?do=sign-out-everywhere").Want(200), "Your keys go on working")
	second.send("/settings", "do", "sign-out-everywhere").Want(303)
	second.open("/team").Want(303)
	third.open("/team").Want(303)
}

func TestBoard_deleteOrg(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Owner)
	says(t, b.open("/settings?do=delete").Want(200), "Type “"+b.base[1:]+"” to confirm")
	says(t, b.send("/settings", "do", "delete", "confirm", "Acme").Want(422), "confirm-error", "repeat its slug")
	if r := b.send("/settings", "do", "delete", "confirm", b.base[1:]).Want(303); r.Header.Get("Location") != "/signin?why=deleted" {
		t.Error(r.Header.Get("Location"))
	}
	b.open("/team").Want(303)
	browse2 := browser{cast.Member, b.base}
	browse2.open("/team").Want(303)
}

func TestBoard_audit(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Viewer)
	cast.Owner.Do("PATCH", "/v1/members/"+cast.Member.ID, apitest.Map{"role": "admin"}).Want(200)
	says(t, b.open("/audit").Want(200), "Role changed", "<del>member</del>", "<ins>admin</ins>", cast.Owner.Email)
	r := b.open("/audit?action=member.role_changed&actor=" + strings.ToUpper(cast.Owner.Email)).Want(200)
	says(t, r, "Role changed</a>")
	silent(t, r, "Invitation sent</a>")
	r = b.open("/audit?target=" + cast.Member.Email).Want(200)
	says(t, r, "Role changed</a>")
	silent(t, r, "Organization created</a>")
	wide := strings.Replace(cast.Owner.Email, "example.com", "ＥＸＡＭＰＬＥ.com", 1)
	says(t, b.open("/audit?action=member.role_changed&actor="+url.QueryEscape(wide)).Want(200), "Role changed</a>")
	for _, nobody := range []string{"actor=nobody@example.com", "target=nobody@example.com", "actor=@"} {
		says(t, b.open("/audit?"+nobody).Want(422), "No member has this address. Former members are found by their id.")
	}
	today := b.Clock.Now().Format("2006-01-02")
	says(t, b.open("/audit?from="+today+"&to="+today).Want(200), "Organization created</a>")
	says(t, b.open("/audit?to=2001-01-01").Want(200), "Nothing found")
	says(t, b.open("/audit"), "Days are those of UTC.")
	b.open("/audit?from=yesterday").Want(422)
	says(t, b.open("/audit?action=odd.thing").Want(200), "odd.thing")
}
