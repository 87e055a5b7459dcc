package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// A refusal that is not understood ends the batch with an error. Trying again would be
// refused again, as fast as the engine answers, until the request's time is over.
func TestSaveCharges_refusalNotUnderstood(t *testing.T) {
	const none, failed = "None", "ConditionalCheckFailed"
	odd := map[string]any{"pk": map[string]any{"S": "x"}, "sk": map[string]any{"S": "y"}, "limit": map[string]any{"S": "much"}, "at": map[string]any{"S": "now"}}
	for what, refused := range map[string]int{"the marker": 0, "the sums of the key": 1, "the sums of the day": 2, "the budget": 3} {
		s, tap := open(t)
		tap.answer = func(operation string, _ int) (string, map[string]any) {
			if operation != "TransactWriteItems" {
				return "", nil
			}
			reasons := []map[string]any{{"Code": none}, {"Code": none}, {"Code": none}, {"Code": none}}
			reasons[refused] = map[string]any{"Code": failed, "Item": odd}
			return "TransactionCanceledException", map[string]any{"CancellationReasons": reasons}
		}
		now := time.Now().UTC()
		org := string(newTenant())
		b := budgets.Budget{
			OrgID: org, Scope: budgets.Org, ID: org, Terms: budgets.Terms{Limit: money.Dollar, Period: budgets.Total},
			Start: budgets.Total.Start(now), Holds: map[string]money.Amount{},
		}
		charge := spend.Charge{
			Event:   spend.Event{ID: "1", KeyID: ident.New(now), Model: "gpt-5", Cost: 1, At: now},
			Payer:   spend.Payer{OrgID: org},
			Budgets: []budgets.Budget{b},
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		_, err := s.SaveCharges(ctx, []spend.Charge{charge}, now)
		cancel()
		if err == nil || ctx.Err() == context.DeadlineExceeded || len(tap.sent) > 3 {
			t.Errorf("%s: %v after %d calls", what, err, len(tap.sent))
		}
		if err != nil && strings.Contains(err.Error(), "deadline") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
