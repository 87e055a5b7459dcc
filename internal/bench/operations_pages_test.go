package bench_test

import (
	"net/http"
	"net/url"
	"regexp"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

var pageOperations = []operation{
	seen("GET /{$}", 303, "GET /"),
	visited("GET /signin", "GET /signin"),
	sent("POST /signin", func(s *stage) *request {
		return browse(s.Stranger(), 200, "POST /signin", "email", s.hire("member").Email)
	}),
	sent("GET /signin/{token}", func(s *stage) *request { return browse(s.Stranger(), 200, "GET /signin/"+s.signInToken()) }),
	sent("POST /signin/{token}", func(s *stage) *request { return browse(s.Stranger(), 303, "POST /signin/"+s.signInToken()) }),
	visited("GET /signup", "GET /signup"),
	sent("POST /signup", func(s *stage) *request {
		return browse(s.Stranger(), 200, "POST /signup", "email", s.address(), "org_name", s.orgName())
	}),
	sent("GET /signup/{token}", func(s *stage) *request { return browse(s.Stranger(), 200, "GET /signup/"+s.signUpToken()) }),
	sent("POST /signup/{token}", func(s *stage) *request { return browse(s.Stranger(), 303, "POST /signup/"+s.signUpToken()) }),
	sent("GET /invite/{token}", func(s *stage) *request { return browse(s.Stranger(), 200, "GET /invite/"+s.inviteToken()) }),
	sent("POST /invite/{token}", func(s *stage) *request {
		return browse(s.Stranger(), 303, "POST /invite/"+s.inviteToken(), "name", "Bob")
	}),
	sent("POST /invite/{token}/decline", func(s *stage) *request {
		return browse(s.Stranger(), 200, "POST /invite/"+s.inviteToken()+"/decline")
	}),
	asset("GET /assets/{file}", "/signin", `/assets/[^"]+`),
	asset("GET /docs/{file}", "/docs", `/docs/[^"#]+\.css`),

	full("GET /{org}/team", "team", func(s *stage) { s.hire("member") }),
	full("GET /{org}/team (search)", "team?q=nobody", func(s *stage) { s.hire("member") }),
	full("GET /{org}/team (invitations)", "team?view=invitations", func(s *stage) { s.invited() }),
	sent("POST /{org}/team (invite)", func(s *stage) *request {
		return browse(s.Owner, 303, s.page("POST", "team"), "do", "invite", "people", s.address(), "role", "member")
	}),
	sent("POST /{org}/team (role)", func(s *stage) *request {
		return browse(s.Owner, 303, s.page("POST", "team"), "do", "role", "id", s.hire("member").ID, "role", "admin")
	}),
	full("GET /{org}/keys", "keys", func(s *stage) {
		if s.holder == nil || s.held == 30 {
			s.holder, s.held = s.hire("member"), 0
		}
		s.held++
		s.holder.NewKey()
	}),
	sent("POST /{org}/keys", func(s *stage) *request {
		bob := s.hire("member")
		return browse(bob, 200, s.page("POST", "keys"), "do", "create", "name", "laptop", "scopes", "inference")
	}),
	full("GET /{org}/teams", "teams", func(s *stage) { s.team() }),
	sent("POST /{org}/teams", func(s *stage) *request {
		return browse(s.Owner, 303, s.page("POST", "teams"), "do", "create", "name", "Research")
	}),
	full("GET /{org}/audit", "audit", func(s *stage) { s.team() }),
	seenAgain("GET /{org}/audit (by two addresses)", func(s *stage) *request {
		query := url.Values{"actor": {s.Owner.Email}, "target": {s.hire("member").Email}}
		return browse(s.Owner, 200, s.page("GET", "audit?"+query.Encode()))
	}),
	spendPage("GET /{org}/spend", "spend"),
	sent("POST /{org}/spend", func(s *stage) *request {
		other, path := s.another("spend")
		return browse(other, 303, path, "do", "budget", "id", other.OrgID, "limit_usd", s.next(), "period", "month")
	}),
	spendPage("GET /{org}/billing", "billing"),
	sent("GET /{org}/settings", func(s *stage) *request { return browse(s.Owner, 200, s.page("GET", "settings")) }),
	sent("POST /{org}/settings", func(s *stage) *request {
		return browse(s.hire("member"), 303, s.page("POST", "settings"), "do", "name", "name", "Ada "+s.next())
	}),
}

// visited is a page that anybody sees.
func visited(name, route string) operation { return seen(name, 200, route) }

func seen(name string, status int, route string) operation {
	return seenAgain(name, func(s *stage) *request { return browse(s.Stranger(), status, route) })
}

// full is a page of a list that has more behind it.
func full(name, page string, add func(s *stage)) operation {
	return seenAgain(name, func(s *stage) *request {
		s.once("list", func(s *stage) string {
			for range 60 { // more than a page shows
				add(s)
			}
			return "filled"
		})
		return browse(s.Owner, 200, s.page(http.MethodGet, page))
	})
}

// spendPage is a page about what 20 keys have spent on 5 models.
func spendPage(name, page string) operation {
	return seenAgain(name, func(s *stage) *request {
		s.spend(20)
		return browse(s.Owner, 200, s.page(http.MethodGet, page))
	})
}

// asset is a file that a page names.
func asset(name, page, pattern string) operation {
	return sent(name, func(s *stage) *request {
		content := s.Stranger().Do("GET", page, nil).Want(200).Body
		return browse(s.Stranger(), 200, "GET "+regexp.MustCompile(pattern).FindString(string(content)))
	})
}

func (s *stage) signInToken() string {
	email := s.hire("member").Email
	as(s.Stranger(), 202, "POST /v1/sessions", apitest.Map{"email": email}).must(s)
	return s.Mail.Token(email)
}

func (s *stage) signUpToken() string {
	email := s.address()
	as(s.Stranger(), 202, "POST /v1/signup", apitest.Map{"email": email, "org_name": s.orgName()}).must(s)
	return s.Mail.Token(email)
}

func (s *stage) inviteToken() string {
	email, _ := s.invited()
	return s.Mail.Token(email)
}
