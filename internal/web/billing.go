package web

import (
	"context"
	"net/http"
	"time"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/credits"
)

func (f Reports) mountBilling(a *API) {
	secured(a, route{
		method: http.MethodGet, path: "/v1/billing", tag: "Billing", id: "get-billing", needs: authz.BillingRead,
		summary: "The credit balance",
	}, f.balance)
	secured(a, route{
		method: http.MethodGet, path: "/v1/billing/ledger", tag: "Billing", id: "list-ledger-entries", needs: authz.BillingRead,
		summary: "What was granted, bought and used", detail: "Newest first; usage is one entry a day. This month's, unless from and to are given.",
	}, f.ledger)
}

// Billing is a credit balance.
type Billing struct {
	BalanceUSD USD  `json:"balance_usd" doc:"Negative when more was spent than paid for."`
	CreditsUSD USD  `json:"credits_usd" doc:"All that was granted and bought."`
	SpentUSD   USD  `json:"spent_usd"`
	Prepaid    bool `json:"prepaid" doc:"Whether keys stop when the balance is spent."`
}

func (f Reports) balance(ctx context.Context, c authn.Caller, _ *nothing) (*output[Billing], error) {
	b, err := f.Billing.Balance(ctx, c.Actor)
	return answer(Billing{USD{b.Left()}, USD{b.Credits}, USD{b.Spent}, f.Prepaid}, err)
}

type ledgerInput struct {
	From string `query:"from" maxLength:"32" doc:"The first day, UTC." example:"2026-10-01"`
	To   string `query:"to" maxLength:"32" doc:"The day after the last." example:"2026-11-01"`
}

// LedgerEntry is one line of the ledger.
type LedgerEntry struct {
	ID        string       `json:"id,omitempty" doc:"Missing for usage."`
	At        time.Time    `json:"at" doc:"Of usage, the beginning of the day."`
	Kind      credits.Kind `json:"kind" enum:"grant,top_up,usage"`
	AmountUSD USD          `json:"amount_usd" doc:"Negative for usage."`
	Note      string       `json:"note,omitempty"`
}

func ledgerShape(e credits.Entry) LedgerEntry {
	return LedgerEntry{e.ID, e.At, e.Kind, USD{e.Amount}, e.Note}
}

func (f Reports) ledger(ctx context.Context, c authn.Caller, in *ledgerInput) (*output[listBody[LedgerEntry]], error) {
	from, err := dateOf("query.from", in.From)
	if err != nil {
		return nil, err
	}
	to, err := dateOf("query.to", in.To)
	if err != nil {
		return nil, err
	}
	entries, err := f.Billing.Ledger(ctx, c.Actor, from, to)
	body := listBody[LedgerEntry]{Data: make([]LedgerEntry, len(entries))}
	for i, e := range entries {
		body.Data[i] = ledgerShape(e)
	}
	return answer(body, err)
}

type topUpInput struct {
	Repeatable
	Body struct {
		OrgID     string  `json:"org_id" maxLength:"64"`
		AmountUSD dollars `json:"amount_usd" example:"50"`
		Note      string  `json:"note,omitempty" maxLength:"256" doc:"For the ledger, such as an invoice's number."`
	}
}

type topUpOutput struct {
	Replayed
	Body LedgerEntry
}

func (f Ingest) mountTopUp(a *API) {
	byGateway(a, route{
		method: http.MethodPost, path: "/v1/billing/credits", tag: "Billing", id: "add-credits", success: http.StatusCreated,
		summary: "Add to an organization's credits", detail: "For whoever takes the money; with the gateway's token.",
	}, func(ctx context.Context, token string, in *topUpInput) (*topUpOutput, error) {
		if err := f.TopUp.Admit(ctx, token); err != nil {
			return nil, err
		}
		b := in.Body
		call := a.call(in.Repeatable, gatewayScheme, "add-credits", b)
		entry, again, err := repeat(ctx, a, call, func(ctx context.Context) (credits.Entry, error) {
			return f.TopUp.TopUp(ctx, b.OrgID, b.AmountUSD.Amount, b.Note, originOf(ctx))
		})
		if err != nil {
			return nil, err
		}
		out := &topUpOutput{Body: ledgerShape(entry)}
		out.mark(again)
		return out, nil
	})
}
