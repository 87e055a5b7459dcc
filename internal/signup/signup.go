// Package signup makes organizations: a mailed link, and behind it one transaction that
// creates user, org, slug, Default team, owner and the first credit.
package signup

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/address"
	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/names"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/teams"
	"github.com/nemorouter/nemo-team/internal/users"
)

// Grant is the credit that every org starts with.
const Grant = 5 * money.Dollar

// Mailer sends the mails of signing up. An error means that nothing was sent: it is
// fault.ErrUnavailable when there is no mail now.
type Mailer interface {
	SendSignUp(ctx context.Context, to, orgName, token string) error
	// SendHasAccount tells the address that it has an account, and how to sign in.
	SendHasAccount(ctx context.Context, to string) error
	// SendToNobody does what the others do, and reaches nobody.
	SendToNobody(ctx context.Context) error
}

// Requester mails sign-up links.
type Requester struct {
	Store sessions.LinkStore
	Mail  Mailer
	Now   func() time.Time
}

// Request mails a link that creates the org, or word that the address is in one already.
// Both ways do the same work and answer the same.
func (r Requester) Request(ctx context.Context, email, orgName string, req authz.Request) error {
	email, err := address.Normalise(email)
	if err != nil {
		return err
	}
	if orgName, err = names.Clean("body.org_name", orgName); err != nil {
		return err
	}
	user, unwanted, err := r.Store.Recipient(ctx, email)
	if err != nil {
		return err
	}
	now := r.Now()
	placed, err := members.Placed(ctx, r.Store, user, now)
	if err != nil {
		return err
	}
	link, token := sessions.NewLink(now, sessions.SignUp, email)
	link.OrgName = orgName
	if err := r.Store.SaveLink(ctx, link, sessions.Source(req.IP), now); err != nil {
		return err
	}
	switch {
	case unwanted:
		return r.Mail.SendToNobody(ctx)
	case placed:
		return r.Mail.SendHasAccount(ctx, email)
	default:
		return r.Mail.SendSignUp(ctx, email, orgName, token)
	}
}

// Founding is all that confirming a sign-up writes.
type Founding struct {
	LinkHash string
	Claim    users.Claim
	Org      orgs.Org
	Team     teams.Team
	Owner    members.Member
	Session  sessions.Session
	Credit   money.Amount
	Audit    audit.Entry
}

// Founded is the answer to a confirmed sign-up.
type Founded struct {
	User    users.User
	Org     orgs.Org
	Team    teams.Team
	Owner   members.Member
	Session sessions.Issued
}

// Store is what Confirmer needs.
type Store interface {
	// Link returns sessions.ErrLink when there is none of that hash.
	Link(ctx context.Context, hash string) (sessions.Link, error)
	// SaveFounding spends the link and creates everything, or does nothing and returns
	// sessions.ErrLink, orgs.ErrSlugTaken, users.Known with the address's user, or
	// members.ErrAlreadyInOrganization when that user is in an org.
	SaveFounding(ctx context.Context, f Founding) error
	members.ClaimStore
}

// Confirmer turns a sign-up link into an org.
type Confirmer struct {
	Store Store
	Now   func() time.Time
}

// slugTries bounds the search for a free slug. The second try already has a random tail.
const slugTries = 5

// Confirm spends the link and founds the org that it was asked for.
func (c Confirmer) Confirm(ctx context.Context, token string, req authz.Request) (Founded, error) {
	now := c.Now()
	hash, err := sessions.LinkHash(token)
	if err != nil {
		return Founded{}, err
	}
	link, err := c.Store.Link(ctx, hash)
	if err != nil {
		return Founded{}, err
	}
	if !link.Good(now, sessions.SignUp) {
		return Founded{}, sessions.ErrLink
	}
	return c.found(ctx, now, link, req)
}

func (c Confirmer) found(ctx context.Context, now time.Time, link sessions.Link, req authz.Request) (Founded, error) {
	claim := users.Claim{New: true, User: users.User{ID: ident.New(now), Email: link.Email, CreatedAt: now}}
	slug := names.Slug(link.OrgName)
	var err error
	for range slugTries {
		founding, founded := plan(c.Now(), link, claim, slug, req)
		err = c.Store.SaveFounding(ctx, founding)
		var known users.Known
		switch {
		case errors.As(err, &known):
			if claim, err = members.Reclaim(ctx, c.Store, known.User); err != nil {
				return Founded{}, err
			}
		case errors.Is(err, orgs.ErrSlugTaken):
			slug = names.WithSuffix(names.Slug(link.OrgName), ident.New(now))
		default:
			return founded, err
		}
	}
	return Founded{}, err
}

// plan lays out everything that a sign-up creates.
func plan(now time.Time, link sessions.Link, claim users.Claim, slug string, req authz.Request) (Founding, Founded) {
	user := claim.User
	org := orgs.Org{ID: ident.New(now), Name: link.OrgName, Slug: slug, OwnerID: user.ID, CreatedAt: now}
	team := teams.New(now, org.ID, teams.DefaultName)
	team.Default, team.Members = true, 1
	org.DefaultTeamID = team.ID
	user.OrgID = org.ID
	claim.User = user
	owner := members.New(now, user, org.ID, team.ID, authz.Owner)
	session := sessions.Issue(now, owner, req)
	entry := audit.Record(now, owner.Actor(authz.ViaLink, req), audit.OrgCreated,
		audit.Target{Type: audit.Org, ID: org.ID, Name: org.Name}, nil,
		audit.Values{"name": org.Name, "slug": org.Slug, "credit_usd": Grant.String()})
	return Founding{
		LinkHash: link.Hash, Claim: claim, Org: org, Team: team, Owner: owner,
		Session: session.Session, Credit: Grant, Audit: entry,
	}, Founded{User: user, Org: org, Team: team, Owner: owner, Session: session}
}
