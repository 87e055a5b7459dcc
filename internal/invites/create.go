package invites

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/address"
	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

// MaxBulk is how many invitations one call creates at most.
const MaxBulk = 100

// Limits bound what an org can mail. They are counted in the same transaction as the
// invitation, and fail closed.
type Limits struct {
	NewOrgPerDay int           // for an org younger than NewFor
	OrgPerDay    int           // for older ones
	NewFor       time.Duration // how long an org counts as new
	ToPerDay     int           // to one address, from one org
}

// DefaultLimits are in force unless configured otherwise.
var DefaultLimits = Limits{NewOrgPerDay: 50, OrgPerDay: 1000, NewFor: 7 * 24 * time.Hour, ToPerDay: 5}

// forOrg is the daily limit of an org that was founded at since.
func (l Limits) forOrg(now, since time.Time) int {
	if now.Sub(since) < l.NewFor {
		return l.NewOrgPerDay
	}
	return l.OrgPerDay
}

// New is one invitation to create.
type New struct {
	Email  string
	Role   string
	TeamID string // empty means the actor's team
	Row    int    // its place in the request, by which a repeated request finds its result
}

// Result is what became of one New: an invitation, or why there is none.
type Result struct {
	Invitation Invitation
	Err        error
}

// Quota is how many invitations an org, and an org to one address, may send in a day.
type Quota struct {
	Day     string        // UTC, as 2026-11-23
	End     time.Time     // when the day's counts may be forgotten
	Wait    time.Duration // until the next day
	Org, To int
}

// quota is what an org founded at since may send on the day of now.
func (l Limits) quota(now, since time.Time) Quota {
	today := now.UTC().Truncate(24 * time.Hour)
	return Quota{
		Day: today.Format(time.DateOnly), End: today.AddDate(0, 0, 2), Wait: today.AddDate(0, 0, 1).Sub(now),
		Org: l.forOrg(now, since), To: l.ToPerDay,
	}
}

// Spent is limit, with when to come back.
func (q Quota) Spent(limit *fault.Error) error { return limit.After(q.Wait) }

// CreateStore is what Creator needs.
type CreateStore interface {
	// SaveInvitations writes those that can be written, each with its entry, and returns
	// one error or nil for each, in order: *Blocked when the address has a pending
	// invitation, members.ErrAlreadyMember, ErrTeamGone, ErrOrgLimit, ErrToLimit,
	// ErrUnwanted when a mail is to go to an address that complained, and
	// authz.ErrForbidden when the actor is no longer of their role. The second result is for
	// failures of the store itself.
	SaveInvitations(ctx context.Context, batch []Creation, q Quota) ([]error, error)
	ExpireStore
	DeliverStore
}

// Creation is an invitation to be stored.
type Creation struct {
	Invitation Invitation
	Audit      audit.Entry
	Row        int // of New
}

// Blocked says that an address already has a pending invitation: this one.
type Blocked struct{ InvitationID string }

// Error says so.
func (Blocked) Error() string { return "invites: the address has a pending invitation" }

// Creator invites people.
type Creator struct {
	Store    CreateStore
	Mail     Mailer
	Now      func() time.Time
	Lifetime time.Duration
	Limits   Limits
}

// Create invites one address. It needs invitations:manage.
func (c Creator) Create(ctx context.Context, actor authz.Actor, in New) (Invitation, error) {
	results, err := c.CreateAll(ctx, actor, []New{in})
	if err != nil {
		return Invitation{}, err
	}
	return results[0].Invitation, results[0].Err
}

// draft is an invitation on its way, at the index that its result belongs to.
type draft struct {
	Creation
	in        New
	token     string
	index     int
	unblocked bool // what was due and stood in its way has been expired
}

// CreateAll invites up to MaxBulk addresses and returns a result for each, in order. Good
// ones succeed whatever becomes of the others. It needs invitations:manage.
func (c Creator) CreateAll(ctx context.Context, actor authz.Actor, in []New) ([]Result, error) {
	if err := authz.CheckOrg(actor, authz.InvitationsManage); err != nil {
		return nil, err
	}
	now := c.Now()
	results := make([]Result, len(in))
	var drafts []draft
	for i, n := range in {
		d, err := c.draft(now, actor, n)
		if err != nil {
			results[i].Err = err
			continue
		}
		d.index = i
		drafts = append(drafts, d)
	}
	saved, err := c.save(ctx, actor, now, drafts, results)
	if err != nil {
		return nil, err
	}
	deliverAll(ctx, Deliverer{c.Store, c.Mail, c.Now}, actor.OrgName, saved, results)
	return results, nil
}

// draft is the one place where an invitation's fields are parsed and its role is checked.
func (c Creator) draft(now time.Time, actor authz.Actor, n New) (draft, error) {
	email, err := address.Normalise(n.Email)
	if err != nil {
		return draft{}, err
	}
	role, err := authz.ParseRole(n.Role)
	if err != nil {
		return draft{}, err
	}
	if err := authz.CheckGrant(actor, role); err != nil {
		return draft{}, err
	}
	if n.TeamID == "" {
		n.TeamID = actor.TeamID
	} else if !ident.Valid(n.TeamID) {
		return draft{}, ErrTeamGone
	}
	inv := Invitation{
		ID: ident.New(now), OrgID: actor.OrgID, Email: email, Role: role, TeamID: n.TeamID,
		Status: Pending, CreatedAt: now, ExpiresAt: now.Add(c.Lifetime),
		InvitedBy: Inviter{UserID: actor.UserID, Email: actor.Email, Name: actor.Name},
	}
	token := inv.renew()
	inv.DueAt = earlier(outbox.Retry(now, 0), inv.ExpiresAt)
	entry := audit.Record(now, actor, audit.InvitationCreated, inv.Target(), nil, inv.values())
	return draft{Creation: Creation{inv, entry, n.Row}, in: n, token: token}, nil
}

// save writes the drafts and returns those that were written. What an invitation that is
// due, but not yet swept, blocked is tried again after expiring that one; a repetition of an
// address has its turn only when the rows before it have failed.
func (c Creator) save(ctx context.Context, actor authz.Actor, now time.Time, drafts []draft, results []Result) ([]draft, error) {
	var saved []draft
	quota := c.Limits.quota(now, actor.OrgSince)
	for len(drafts) > 0 {
		turn, repetitions := apart(drafts)
		errs, err := c.Store.SaveInvitations(ctx, creations(turn), quota)
		if err != nil {
			return nil, err
		}
		drafts = nil
		taken := map[string]bool{}
		for i, d := range turn {
			var by *Blocked
			switch err := errs[i]; {
			case err == nil:
				saved = append(saved, d)
				taken[d.Invitation.Email] = true
				results[d.index].Invitation = d.Invitation
			case errors.As(err, &by) && !d.unblocked:
				if d, err = c.unblocked(ctx, actor, by.InvitationID, d); err != nil {
					results[d.index].Err = err
				} else {
					drafts = append(drafts, d)
				}
			case errors.Is(err, ErrUnwanted):
				d.Invitation.silence()
				drafts = append(drafts, d)
			case errors.As(err, &by):
				results[d.index].Err = ErrExists
			default:
				results[d.index].Err = err
			}
		}
		for _, d := range repetitions {
			if taken[d.Invitation.Email] {
				results[d.index].Err = ErrExists
			} else {
				drafts = append(drafts, d)
			}
		}
	}
	return saved, nil
}

// unblocked expires what stands in the draft's way, and drafts it anew: it was created after
// that had expired.
func (c Creator) unblocked(ctx context.Context, actor authz.Actor, by string, d draft) (draft, error) {
	if err := (Expirer{c.Store, c.Now}).unblock(ctx, actor.OrgID, by); err != nil {
		return d, err
	}
	again, err := c.draft(c.Now(), actor, d.in)
	again.index, again.unblocked = d.index, true
	return again, err
}

// apart splits drafts into the first to each address and the others.
func apart(drafts []draft) (first, others []draft) {
	seen := map[string]bool{}
	for _, d := range drafts {
		if seen[d.Invitation.Email] {
			others = append(others, d)
		} else {
			seen[d.Invitation.Email] = true
			first = append(first, d)
		}
	}
	return first, others
}

func creations(drafts []draft) []Creation {
	out := make([]Creation, len(drafts))
	for i, d := range drafts {
		out[i] = d.Creation
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
