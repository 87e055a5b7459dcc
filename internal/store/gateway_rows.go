package store

import (
	"context"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/quickread"
)

// gatewayRow is what answers to the gateway need of an item: of its tokens, of a key's
// secret, of a member or of an org. It is read apart from the nouns' own structs because
// this path is the program's busiest.
type gatewayRow struct {
	at key

	current, previous string // of the tokens

	secret keys.Key

	role, generation string // of the member, and their keys
	deleted          bool   // of the org

	budgets map[budgets.Scope]bool // of which the org has some
}

// Set takes an attribute.
func (r *gatewayRow) Set(name string, v quickread.Value) {
	k := &r.secret
	switch name {
	case HashAttribute:
		r.at.PK = v.Text
	case SortAttribute:
		r.at.SK = v.Text
	case "current":
		r.current = v.Text
	case "previous":
		r.previous = v.Text
	case "id":
		k.ID = v.Text
	case "org_id":
		k.OrgID = v.Text
	case "user_id":
		k.UserID = v.Text
	case "team_id":
		k.TeamID = v.Text
	case "scopes":
		for _, s := range v.List {
			k.Scopes = append(k.Scopes, keys.Scope(s))
		}
	case "models":
		k.Models = v.List
	case "requests_per_minute":
		k.RequestsPerMinute = int(v.Number)
	case "expires_at":
		k.ExpiresAt = timeOf(v.Number)
	case "revoked_at":
		k.RevokedAt = timeOf(v.Number)
	case "grace_until":
		k.GraceUntil = timeOf(v.Number)
	case "generation":
		k.Generation = v.Text
	case "ceiling":
		k.Ceiling = authz.Role(v.Text)
	case "role":
		r.role = v.Text
	case "keys":
		r.generation = v.Text
	case "deleted_at":
		r.deleted = true
	default:
		if scope, is := strings.CutPrefix(name, budgetCount("")); is && v.Number != 0 {
			if r.budgets == nil {
				r.budgets = map[budgets.Scope]bool{}
			}
			r.budgets[budgets.Scope(scope)] = true
		}
	}
}

// budgeted are the scopes of which an org has budgets; see budget.go.
func (r *gatewayRow) budgeted() (scopes []budgets.Scope) {
	if r == nil || r.budgets == nil {
		return nil
	}
	for _, s := range budgets.Scopes {
		if r.budgets[s] {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// What is wanted of each item, as DynamoDB takes it. A member's item may be large: it
// names their keys.
const (
	keyWants = `"ProjectionExpression":"pk,sk,#current,#previous,id,org_id,user_id,team_id,#scopes,#models,requests_per_minute,expires_at,revoked_at,grace_until,#generation,ceiling",` +
		`"ExpressionAttributeNames":{"#current":"current","#previous":"previous","#scopes":"scopes","#models":"models","#generation":"generation"}`
	standingWants = `"ProjectionExpression":"pk,sk,#role,#keys,deleted_at,budgets_credits,budgets_org,budgets_team,budgets_member,budgets_key","ExpressionAttributeNames":{"#role":"role","#keys":"keys"}`
)

func standing(member, org *gatewayRow) gateway.Standing {
	var s gateway.Standing
	if member != nil {
		s.Role, s.Generation = authz.Role(member.role), member.generation
	}
	s.OrgKnown, s.OrgLive = org != nil, org != nil && !org.deleted
	return s
}

// timeOf is a time as item.go stores it.
func timeOf(us int64) time.Time { return time.UnixMicro(us).UTC() }

// gatewayRows reads items in the order of wanted; missing ones are nil. It is getMany for
// what the gateway waits for.
func (s *Store) gatewayRows(ctx context.Context, wants string, wanted []key) ([]*gatewayRow, error) {
	return inBatches(wanted, func(batch []key) (map[key]*gatewayRow, error) {
		return s.gatewayBatch(ctx, wants, batch)
	})
}

// gatewayBatch reads up to maxBatch items, with what the engine left unprocessed at first.
func (s *Store) gatewayBatch(ctx context.Context, wants string, batch []key) (map[key]*gatewayRow, error) {
	found := make(map[key]*gatewayRow, len(batch))
	request := quickread.Request{Table: s.table, Projection: wants, Keys: make([]quickread.Key, len(batch))}
	for i, k := range batch {
		request.Keys[i] = quickread.Key(k)
	}
	for wait := newBackoff(); ; {
		answer, err := quickread.Get[gatewayRow](ctx, s.quick, request)
		if err != nil {
			return nil, asFault(err)
		}
		for i := range answer.Items {
			row := &answer.Items[i]
			found[row.at] = row
		}
		if request.Keys = answer.Unprocessed; len(request.Keys) == 0 {
			return found, nil
		}
		if !wait.sleep(ctx) {
			return nil, busy(errUnprocessed)
		}
	}
}
