package sessions

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/address"
	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/users"
)

// LinkMailer sends the mails of signing in. An error means that nothing was sent: it is
// fault.ErrUnavailable when there is no mail now.
type LinkMailer interface {
	SendSignIn(ctx context.Context, to, token string) error
	// SendNoAccount tells the address that there is nothing to sign in to.
	SendNoAccount(ctx context.Context, to string) error
	// SendToNobody does what the others do, and reaches nobody: how long the answer takes
	// does not tell that an address complained.
	SendToNobody(ctx context.Context) error
}

// LinkStore is what asking for a link needs.
type LinkStore interface {
	// Recipient returns who has the address, zero when nobody has, and whether it complained
	// about our mails, in one round trip.
	Recipient(ctx context.Context, email string) (u users.User, unwanted bool, err error)
	// SaveLink stores the link and counts it against the address and the source, or
	// returns fault.ErrRateLimited.
	SaveLink(ctx context.Context, l Link, source string, now time.Time) error
	members.ClaimStore
}

// Requester mails sign-in links.
type Requester struct {
	Store LinkStore
	Mail  LinkMailer
	Now   func() time.Time
}

// Request mails a sign-in link to the address if it belongs to a member of an org, and
// word that it does not otherwise. Both ways do the same work and answer the same; so does the
// way of an address that complained about our mails, whose mail goes to nobody.
func (r Requester) Request(ctx context.Context, email string, req authz.Request) error {
	email, err := address.Normalise(email)
	if err != nil {
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
	link, token := NewLink(now, SignIn, email)
	if err := r.Store.SaveLink(ctx, link, Source(req.IP), now); err != nil {
		return err
	}
	switch {
	case unwanted:
		return r.Mail.SendToNobody(ctx)
	case !placed:
		return r.Mail.SendNoAccount(ctx, email)
	default:
		return r.Mail.SendSignIn(ctx, email, token)
	}
}

// Confirmer turns a sign-in link into a session.
type Confirmer struct {
	Store ConfirmStore
	Now   func() time.Time
}

// ConfirmStore is what Confirmer needs.
type ConfirmStore interface {
	// Link returns ErrLink when there is none of that hash.
	Link(ctx context.Context, hash string) (Link, error)
	UserByEmail(ctx context.Context, email string) (users.User, error)
	// Standing returns the member and the org, or fault.ErrNotFound when one is missing.
	Standing(ctx context.Context, orgID, userID string) (members.Member, orgs.Org, error)
	// SaveSignIn spends the link and stores the session. It returns ErrLink when the link
	// was spent meanwhile, and members.ErrStale when the member has left since, or has
	// signed out everywhere.
	SaveSignIn(ctx context.Context, l Link, s Session, e audit.Entry) error
}

// Confirm spends the link and returns a session of its address's user, or ErrLink.
func (c Confirmer) Confirm(ctx context.Context, token string, req authz.Request) (Issued, members.Member, error) {
	link, err := c.link(ctx, token, c.Now())
	if err != nil {
		return Issued{}, members.Member{}, err
	}
	for try := 1; ; try++ {
		session, member, err := c.open(ctx, link, req)
		if !errors.Is(err, members.ErrStale) || try == maxTries {
			return session, member, err
		}
	}
}

// maxTries bounds how often a sign-in begins anew because its member has changed.
const maxTries = 3

// open opens a session of whoever has the link's address now. Its time is one at which the
// member was as read, so that it is younger than whatever ended all sessions before.
func (c Confirmer) open(ctx context.Context, link Link, req authz.Request) (Issued, members.Member, error) {
	member, err := c.member(ctx, link.Email)
	if err != nil {
		return Issued{}, members.Member{}, err
	}
	now := c.Now()
	session := Issue(now, member, req)
	entry := audit.Record(now, member.Actor(authz.ViaLink, req), audit.SessionCreated, session.Target(member.Email), nil, nil)
	return session, member, c.Store.SaveSignIn(ctx, link, session.Session, entry)
}

func (c Confirmer) link(ctx context.Context, token string, now time.Time) (Link, error) {
	hash, err := LinkHash(token)
	if err != nil {
		return Link{}, err
	}
	link, err := c.Store.Link(ctx, hash)
	if err == nil && !link.Good(now, SignIn) {
		err = ErrLink
	}
	return link, err
}

// member finds the membership behind an address. A link outlives neither it nor its org.
func (c Confirmer) member(ctx context.Context, email string) (members.Member, error) {
	user, err := c.Store.UserByEmail(ctx, email)
	if err != nil || user.OrgID == "" {
		return members.Member{}, notFoundAsLink(err)
	}
	member, org, err := c.Store.Standing(ctx, user.OrgID, user.ID)
	if err != nil || !org.Live() {
		return members.Member{}, notFoundAsLink(err)
	}
	return member, nil
}

func notFoundAsLink(err error) error {
	if err == nil || errors.Is(err, fault.ErrNotFound) {
		return ErrLink
	}
	return err
}
