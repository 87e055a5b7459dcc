package budgets

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

// Alert says that a percentage of a budget is spent. There is one for each percentage and
// period, and it is told at least once to the owner and the admins.
type Alert struct {
	outbox.Notice
	Scope    Scope        `json:"scope"`
	BudgetID string       `json:"budget_id"`
	Percent  int          `json:"percent"`
	Limit    money.Amount `json:"limit"`
	Spent    money.Amount `json:"spent"` // when the line was found crossed
	Period   Period       `json:"period"`
	ResetsAt time.Time    `json:"resets_at,omitempty"`
}

// Letter is an alert as it is mailed.
type Letter struct {
	Alert
	OrgName string
	Name    string // of what the budget is of
}

// Mailer mails alerts. An error means that nothing was sent.
type Mailer interface {
	SendBudgetAlert(ctx context.Context, to string, l Letter) error
}

// AlertStore is what Alerter needs.
type AlertStore interface {
	// BudgetsNow returns those of the budgets that are there, in one round trip.
	BudgetsNow(ctx context.Context, of []Budget) ([]Budget, error)
	// SaveAlert stores the alert, due at once for the sweep, and returns ErrChanged when
	// there is one for the percentage and period, or the budget has another period or limit
	// by now.
	SaveAlert(ctx context.Context, b Budget, a Alert) error
	// Overseers returns the addresses of the org's owner and admins, and what to call the
	// org and the thing that the budget is of; fault.ErrNotFound when the org is gone.
	Overseers(ctx context.Context, a Alert) (to []string, orgName, thing string, err error)
}

// Alerter tells of budgets that are being spent.
type Alerter struct {
	Store  AlertStore
	Outbox outbox.Sender
	Mail   Mailer
	Now    func() time.Time
}

// Check looks at budgets that events were counted to, and tells of the lines that they have
// crossed. It fails nobody's request: whatever takes a budget over a line makes it due in the
// same transaction, and so the sweep tells what is not told now.
func (a Alerter) Check(ctx context.Context, of []Budget) {
	ctx, cancel := context.WithTimeout(ctx, outbox.Patience)
	defer cancel()
	if err := a.check(ctx, of); err != nil {
		slog.ErrorContext(ctx, "alerts left for the sweep", "error", err)
	}
}

// check returns an error unless each line that was crossed is told of, or has its alert
// stored.
func (a Alerter) check(ctx context.Context, of []Budget) error {
	if len(of) == 0 {
		return nil
	}
	found, err := a.Store.BudgetsNow(ctx, of)
	if err != nil {
		return err
	}
	now := a.Now()
	var errs []error
	for _, b := range found {
		for _, percent := range b.Crossed() {
			errs = append(errs, a.alert(ctx, b, percent, now))
		}
	}
	return errors.Join(errs...)
}

// alert stores an alert and tells of it. Once stored, it is the sweep's to tell.
func (a Alerter) alert(ctx context.Context, b Budget, percent int, now time.Time) error {
	alert := Alert{
		Notice: outbox.New(now, b.OrgID, outbox.BudgetAlert), Scope: b.Scope, BudgetID: b.ID, Percent: percent,
		Limit: b.Limit, Spent: b.Spent, Period: b.Period, ResetsAt: b.Period.End(b.Start),
	}
	err := a.Store.SaveAlert(ctx, b, alert)
	if errors.Is(err, ErrChanged) { // somebody else tells of it, or it is another line by now
		return nil
	}
	if err != nil {
		return err
	}
	if err := a.deliver(ctx, alert); err != nil {
		slog.ErrorContext(ctx, "alert left for the sweep", "org_id", b.OrgID, "error", err)
	}
	return nil
}

// Redeliver is the sweep's way to tell of an alert that is due. It returns outbox.ErrTaken
// when another sweep has it.
func (a Alerter) Redeliver(ctx context.Context, alert Alert) (err error) {
	if alert.Notice, err = a.Outbox.Claim(ctx, alert.Notice); err != nil {
		return err
	}
	return a.deliver(ctx, alert)
}

func (a Alerter) deliver(ctx context.Context, alert Alert) error {
	to, orgName, thing, err := a.Store.Overseers(ctx, alert)
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return err
	}
	return a.Outbox.Send(ctx, alert.Notice, to, func(ctx context.Context, address string) error {
		return a.Mail.SendBudgetAlert(ctx, address, Letter{alert, orgName, thing})
	})
}
