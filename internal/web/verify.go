package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/metric"
)

// Verify is the function that the gateway asks before each request.
type Verify struct {
	Verifier gateway.Verifier
	Count    metric.Counter // of answers, by code
}

// Mount adds its routes.
func (f Verify) Mount(a *API) {
	const tag = "Gateway"
	h := verifyHandler{f, a}
	byGateway(a, route{
		method: http.MethodPost, path: "/v1/keys/verify", tag: tag, id: "verify-key",
		summary: "Is this key good?",
		detail:  "Answers 200 to every well-formed question. Nothing is cached: once a revocation is acknowledged, no answer is ok.",
	}, h.one)
	byGateway(a, route{
		method: http.MethodPost, path: "/v1/keys/verify/batch", tag: tag, id: "verify-keys",
		summary: "Are these keys good?", detail: "Up to 100 questions, answered in order.", maxBody: 4 * maxBody,
	}, h.all)
}

// verifyHandler is Verify with the API that it is mounted on.
type verifyHandler struct {
	Verify
	api *API
}

// gatewayScheme names the security scheme of the gateway's own token.
const gatewayScheme = "gateway"

type gatewayTokenKey struct{}

// byGateway mounts a route for the holder of a gateway token. The operation checks the
// token, in the round trip that it needs anyway.
func byGateway[I, O any](a *API, r route, handle func(ctx context.Context, token string, in *I) (*O, error)) {
	op := r.operation()
	op.Security = []map[string][]string{{gatewayScheme: {}}}
	op.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		token := credential(r)
		if !gateway.IsToken(token) {
			WriteProblem(w, r, fault.ErrUnauthorized)
			return
		}
		next(huma.WithValue(ctx, gatewayTokenKey{}, token))
	}}
	register(a, op, func(ctx context.Context, in *I) (*O, error) {
		return handle(ctx, ctx.Value(gatewayTokenKey{}).(string), in)
	})
}

// Question asks about one key. Nothing bounds its fields but the body's size: whatever a
// client sent the gateway as a key is not found, and no fault of the gateway.
type Question struct {
	Key     string `json:"key,omitempty" doc:"The key."`
	KeyHash string `json:"key_hash,omitempty" doc:"Or its SHA-256, in hex: LiteLLM's user_api_key_hash."`
	Model   string `json:"model,omitempty" doc:"The model to be asked. Any, unless given."`

	ReserveUSD     dollars `json:"reserve_usd,omitempty" doc:"What the request may cost: it is held of every budget that the key counts to, or the answer names the one that has no room." example:"0.05"`
	ReserveSeconds int     `json:"reserve_seconds,omitempty" minimum:"1" maximum:"3600" doc:"How long, unless an event with the reservation_id settles it before; 60, unless given."`
}

func (q Question) asked() gateway.Question {
	return gateway.Question{
		Key: q.Key, KeyHash: strings.ToLower(q.KeyHash), Model: q.Model,
		Reserve: q.ReserveUSD.Amount, ReserveFor: time.Duration(q.ReserveSeconds) * time.Second,
	}
}

// Verdict is the answer about one key.
type Verdict struct {
	Valid       bool               `json:"valid"`
	Code        gateway.Code       `json:"code" enum:"ok,not_found,org_deleted,revoked,expired,role_forbids,scope_missing,model_not_allowed,credits_exhausted,budget_exceeded,rate_limited"`
	Detail      string             `json:"detail" doc:"The code in words."`
	KeyID       string             `json:"key_id"`
	UserID      string             `json:"user_id"`
	TeamID      string             `json:"team_id"`
	OrgID       string             `json:"org_id"`
	Role        authz.Role         `json:"role" doc:"The holder's; of a key that somebody else was shown, a member's at most."`
	LiteLLMRole string             `json:"litellm_role" doc:"LiteLLM's name of the role."`
	Permissions []authz.Permission `json:"permissions" nullable:"false" doc:"The role's: what the gateway may let the key do."`
	Scopes      []keys.Scope       `json:"scopes" nullable:"false"`
	Models      []string           `json:"models" nullable:"false" doc:"Empty: all."`
	ExpiresAt   *time.Time         `json:"expires_at"`
	Reservation string             `json:"reservation_id" doc:"Send it with the event that says what the request cost. Empty if nothing is held, as without budgets."`
	BlockedBy   *BlockedBy         `json:"blocked_by" doc:"The budget that blocks, if the code is budget_exceeded or credits_exhausted."`
}

// details are the codes in words.
var details = map[gateway.Code]string{
	gateway.OK:              "The key is good.",
	gateway.NotFound:        "There is no such key.",
	gateway.OrgDeleted:      "The key's organization was deleted.",
	gateway.Revoked:         "The key was revoked or replaced, or its holder is no longer a member.",
	gateway.Expired:         "The key's time is over.",
	gateway.RoleForbids:     "The holder's role does not allow inference.",
	gateway.ScopeMissing:    "The key lacks the scope inference.",
	gateway.ModelNotAllowed: "The key does not allow this model.",
	gateway.CreditsSpent:    "The organization has spent its credits.",
	gateway.BudgetExceeded:  "A budget is spent: see blocked_by.",
	gateway.RateLimited:     "The key has made as many requests as it may in this minute.",
}

func verdict(a gateway.Answer) Verdict {
	k := a.Key
	return Verdict{
		Valid: a.Valid(), Code: a.Code, Detail: details[a.Code],
		KeyID: k.ID, UserID: k.UserID, TeamID: k.TeamID, OrgID: k.OrgID,
		Role: a.Role, LiteLLMRole: a.Role.LiteLLM(), Permissions: orEmpty(a.Role.Permissions()),
		Scopes: orEmpty(k.Scopes), Models: orEmpty(k.Models), ExpiresAt: orNull(k.ExpiresAt), Reservation: a.Reservation, BlockedBy: blockedShape(a.BlockedBy),
	}
}

// orEmpty shows a missing list as an empty one.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (h verifyHandler) one(ctx context.Context, token string, in *struct{ Body Question }) (*output[Verdict], error) {
	answers, err := h.ask(ctx, token, []Question{in.Body})
	if err != nil {
		return nil, err
	}
	return answer(answers[0], nil)
}

type verifyAllInput struct {
	Body struct {
		Questions []Question `json:"questions" nullable:"false" minItems:"1" maxItems:"100"`
	}
}

// Verdicts are the answers about several keys.
type Verdicts struct {
	Results []Verdict `json:"results" nullable:"false" doc:"One for each question, in order."`
}

func (h verifyHandler) all(ctx context.Context, token string, in *verifyAllInput) (*output[Verdicts], error) {
	results, err := h.ask(ctx, token, in.Body.Questions)
	return answer(Verdicts{results}, err)
}

func (h verifyHandler) ask(ctx context.Context, token string, questions []Question) ([]Verdict, error) {
	asked := make([]gateway.Question, len(questions))
	for i, q := range questions {
		asked[i] = q.asked()
	}
	answers, err := h.Verifier.Verify(ctx, token, asked)
	if err != nil {
		return nil, err
	}
	verdicts, codes := make([]Verdict, len(answers)), map[gateway.Code]int{}
	for i, a := range answers {
		verdicts[i] = verdict(a)
		codes[a.Code]++
	}
	for code, n := range codes {
		h.Count.Add(h.api.now(), string(code), n)
	}
	return verdicts, nil
}
