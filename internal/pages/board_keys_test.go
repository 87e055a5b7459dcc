package pages_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

var secretShown = regexp.MustCompile(`sk-nemo-[0-9A-Za-z]{43}`)

func TestBoard_keys(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Member)
	says(t, b.open("/keys").Want(200), "No keys yet")
	says(t, b.open("/keys?do=create").Want(200), "It acts as you")
	form := []string{"do", "create", "name", "laptop", "scopes", "inference", "scopes", "manage", "models", "gpt-4o*\r\n\r\nclaude",
		"requests_per_minute", "60", "expires_at", "2999-12-31", "nonce", b.NoID()}
	r := b.send("/keys", form...).Want(200)
	secret := string(secretShown.Find(r.Body))
	key := *cast.Member
	key.Token = secret
	key.Do("GET", "/v1/me", nil).Want(200)
	says(t, b.send("/keys", form...).Want(409), "sent twice")

	r = b.open("/keys").Want(200)
	says(t, r, "laptop", "gpt-4o*, claude", "60 a minute", "until 31 Dec 2999", "Models, API")
	silent(t, r, secret)
	id := cast.Member.List("/v1/keys")[0]["id"].(string)

	says(t, b.open("/keys?do=edit&id="+id).Want(200), `value="laptop"`, `value="2999-12-31"`, "gpt-4o*\nclaude", `value="60"`)
	done(t, b, b.send("/keys", "do", "edit", "id", id, "name", "desk", "models", "", "requests_per_minute", "", "expires_at", "2999-12-31"), "key-edited")
	k := cast.Member.Do("GET", "/v1/keys/"+id, nil).Want(200)
	if k.Get("name") != "desk" || k.Get("models") != "[]" || k.Get("requests_per_minute") != "0" || k.Get("expires_at") != "2999-12-31T00:00:00Z" {
		t.Errorf("%s", k.Body)
	}
	says(t, b.send("/keys", "do", "edit", "id", id, "name", "desk", "expires_at", "2001-01-01").Want(422), "expires_at-error")
	says(t, b.send("/keys", "do", "edit", "id", id, "name", "desk", "requests_per_minute", "many").Want(422), "whole number")

	r = b.send("/keys", "do", "rotate", "id", id, "grace_seconds", "0").Want(200)
	key.Do("GET", "/v1/me", nil).Want(401)
	key.Token = string(secretShown.Find(r.Body))
	key.Do("GET", "/v1/me", nil).Want(200)

	done(t, b, b.send("/keys", "do", "revoke", "id", id), "key-revoked")
	key.Do("GET", "/v1/me", nil).Want(401)
	says(t, b.open("/keys?state=revoked").Want(200), "desk")
	b.open("/keys?do=edit&id=" + id).Want(404)
}

// What has ended, or ends sooner than a key may be given, can be renamed: the form holds an
// end that a browser takes, and the server too.
func TestBoard_keysThatEnded(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	day := func(days int) string { return b.Clock.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }
	ends := day(2)
	b.send("/keys", "do", "create", "name", "trial", "scopes", "inference", "expires_at", ends).Want(200)
	id := b.List("/v1/keys")[0]["id"].(string)
	says(t, b.open("/keys?do=edit&id="+id).Want(200), `value="`+ends+`"`, `min="`+day(1)+`"`)
	b.Clock.Advance(5 * 24 * time.Hour)
	says(t, b.open("/keys?do=edit&id="+id).Want(200), `value="`+ends+`"`, `min="`+ends+`"`)
	says(t, b.send("/keys", "do", "edit", "id", id, "name", "", "expires_at", ends).Want(422), "name-error", `min="`+ends+`"`)
	done(t, b, b.send("/keys", "do", "edit", "id", id, "name", "over", "expires_at", ends), "key-edited")
	says(t, b.send("/keys", "do", "edit", "id", id, "name", "over", "expires_at", day(-1)).Want(422), "expires_at-error")
	says(t, b.open("/keys?do=create").Want(200), `min="`+day(1)+`"`)
}

func TestBoard_keysAreRefusedInWords(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	says(t, b.send("/keys", "do", "create", "name", "x").Want(422), "Choose what the key is for")
	says(t, b.send("/keys", "do", "create", "name", "", "scopes", "inference").Want(422), "name-error", "A name is needed")
	says(t, b.send("/keys", "do", "create", "name", "x", "scopes", "inference", "models", "a*b").Want(422), "models-error", ">\na*b</textarea>")
	says(t, b.send("/keys", "do", "create", "name", "x", "scopes", "inference", "expires_at", "soon").Want(422), "expires_at-error")
}

func TestBoard_keysOfOthers(t *testing.T) {
	cast := apitest.New(t).Cast()
	admin := browse(cast.Admin)
	says(t, admin.open("/keys?do=create&user="+cast.Member.ID).Want(200), cast.Member.Email)
	admin.send("/keys", "do", "create", "name", "gift", "scopes", "inference", "user", cast.Member.ID).Want(200)
	says(t, browse(cast.Member).open("/keys").Want(200), "gift")
	says(t, admin.open("/keys?user="+cast.Member.ID).Want(200), "Only keys of", "gift")
	says(t, browse(cast.Viewer).open("/keys").Want(200), "gift", cast.Member.Email)
	silent(t, browse(cast.Viewer).open("/keys"), "do=rotate", "do=revoke", "do=edit", "do=budget")
	own := browse(cast.Member)
	cast.Owner.Do("POST", "/v1/keys", apitest.Map{"name": "secret-project"}).Want(201)
	silent(t, own.open("/keys").Want(200), "secret-project")
	own.open("/keys?user=" + cast.Owner.ID).Want(403)
	if n := len(cast.Owner.List("/v1/keys")); n != 2 {
		t.Errorf("%d keys", n)
	}
}
