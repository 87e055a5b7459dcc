package wiring

import (
	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/credits"
	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/metric"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/outbox"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/signup"
	"github.com/nemorouter/nemo-team/internal/spend"
	"github.com/nemorouter/nemo-team/internal/store"
	"github.com/nemorouter/nemo-team/internal/sweep"
	"github.com/nemorouter/nemo-team/internal/teams"
	"github.com/nemorouter/nemo-team/internal/web"
)

// Signup is the part by which organizations are founded.
func (a *App) Signup() web.Signup {
	return web.Signup{
		Request: signup.Requester{Store: a.store(), Mail: a.mailer(), Now: a.now},
		Confirm: signup.Confirmer{Store: a.store(), Now: a.now},
	}
}

// Sessions is the part by which people sign in and out.
func (a *App) Sessions() web.Sessions {
	return web.Sessions{
		Request: sessions.Requester{Store: a.store(), Mail: a.mailer(), Now: a.now},
		Confirm: sessions.Confirmer{Store: a.store(), Now: a.now},
		Keep:    sessions.Keeper{Store: a.store(), Now: a.now},
		Rename:  members.Renamer{Store: a.store(), Now: a.now},
	}
}

// Orgs is the part for the organization itself and its teams.
func (a *App) Orgs() web.Orgs {
	return web.Orgs{
		Read:        orgs.Reader{Store: a.store()},
		Update:      orgs.Updater{Store: a.store(), Now: a.now},
		Delete:      orgs.Deleter{Store: a.store(), Now: a.now},
		Transfer:    members.Transferor{Store: a.store(), Tell: a.teller(), Now: a.now},
		ReadTeams:   teams.Reader{Store: a.store()},
		ManageTeams: teams.Manager{Store: a.store(), Now: a.now},
	}
}

// Members is the part for the people of an organization.
func (a *App) Members() web.Members {
	return web.Members{
		Read:   members.Reader{Store: a.store()},
		Change: members.RoleChanger{Store: a.store(), Tell: a.teller(), Now: a.now},
		Remove: members.Remover{Store: a.store(), Tell: a.teller(), Now: a.now},
	}
}

// Invites is the part by which people are invited.
func (a *App) Invites() web.Invites {
	lifetime, limits := a.lifetime(), a.limits()
	return web.Invites{
		Create: invites.Creator{Store: a.store(), Mail: a.mailer(), Now: a.now, Lifetime: lifetime, Limits: limits},
		Resend: invites.Resender{Store: a.store(), Mail: a.mailer(), Now: a.now, Lifetime: lifetime, Limits: limits},
		Revoke: invites.Revoker{Store: a.store(), Now: a.now},
		Read:   invites.Reader{Store: a.store(), Now: a.now, Lifetime: lifetime},
	}
}

func limits() invites.Limits {
	l := invites.DefaultLimits
	l.NewOrgPerDay, l.OrgPerDay = newOrgInvitations.number(), orgInvitations.number()
	return l
}

// Accept is the part for what an invitee can do with their link.
func (a *App) Accept() web.Accept {
	return web.Accept{
		Preview: invites.Previewer{Store: a.store(), Now: a.now},
		Accept:  invites.Acceptor{Store: a.store(), Now: a.now},
		Decline: invites.Decliner{Store: a.store(), Now: a.now},
	}
}

// Keys is the part for virtual keys.
func (a *App) Keys() web.Keys {
	return web.Keys{
		Create: keys.Creator{Store: a.store(), Now: a.now, Prefix: a.keyPrefix()},
		Read:   keys.Reader{Store: a.store(), Now: a.now},
		Manage: keys.Manager{Store: a.store(), Now: a.now, Prefix: a.keyPrefix()},
	}
}

// Verify is the part that the gateway asks before each request.
func (a *App) Verify() web.Verify {
	return web.Verify{
		Verifier: gateway.Verifier{Store: a.store(), Now: a.now, Prepaid: a.prepaid()},
		Count:    metric.Counter{W: a.metrics, Name: "KeyVerifications", Dimension: "code"},
	}
}

// Ingest is the part that the gateway reports spend to.
func (a *App) Ingest() web.Ingest {
	return web.Ingest{
		TopUp:    credits.TopUpper{Store: a.store(), Now: a.now},
		Gate:     &gateway.Gate{Store: a.store()},
		Ingester: spend.Ingester{Store: a.store(), Alerts: a.alerter(), Now: a.now},
		Count:    metric.Counter{W: a.metrics, Name: "SpendEvents", Dimension: "status"},
	}
}

func (a *App) alerter() budgets.Alerter {
	return budgets.Alerter{Store: a.store(), Outbox: a.outbox(), Mail: a.mailer(), Now: a.now}
}

func (a *App) teller() members.Teller { return members.Teller{Outbox: a.outbox(), Mail: a.mailer()} }

func (a *App) outbox() outbox.Sender { return outbox.Sender{Store: a.store(), Now: a.now} }

// Budgets is the part for limits on spend.
func (a *App) Budgets() web.Budgets {
	return web.Budgets{
		Read:   budgets.Reader{Store: a.store(), Now: a.now},
		Manage: budgets.Manager{Store: a.store(), Now: a.now},
	}
}

// GatewayTokens makes the gateway's tokens.
func (a *App) GatewayTokens() gateway.Rotator { return gateway.Rotator{Store: a.store(), Now: a.now} }

// Reports is the part for what finance and security read.
func (a *App) Reports() web.Reports {
	return web.Reports{
		Audit:   audit.Reader{Store: a.store()},
		Spend:   spend.Reporter{Store: a.store(), Now: a.now},
		Billing: credits.Reader{Store: a.store(), Now: a.now},
		Prepaid: a.prepaid(),
	}
}

// Reconciler is what the scheduled function that compares sums with events runs.
func (a *App) Reconciler() spend.Reconciler { return spend.Reconciler{Store: a.store(), Now: a.now} }

// Sweeper is what the scheduled function runs.
func (a *App) Sweeper() sweep.Sweeper {
	return sweep.Sweeper{
		Store:   a.store(),
		Expire:  invites.Expirer{Store: a.store(), Now: a.now},
		Deliver: invites.Redeliverer{Store: a.store(), Mail: a.mailer(), Now: a.now},
		Alert:   a.alerter(),
		Recount: budgets.Recounter{Store: a.store(), Alerts: a.alerter(), Now: a.now},
		Tell:    a.teller(),
		Purge:   orgs.Purger{Store: a.store(), Now: a.now},
		Now:     a.now,
		Shards:  store.DueShards,
	}
}
