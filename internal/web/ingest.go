package web

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/credits"
	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/metric"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// Ingest is the function that the gateway reports to what its requests cost.
type Ingest struct {
	Gate     *gateway.Gate
	Ingester spend.Ingester
	TopUp    credits.TopUpper
	Count    metric.Counter // of events, by what became of them
}

// maxBatch bounds a batch of events, in bytes. The limit of a route is the first size that
// is refused.
const maxBatch = 5<<20 + 1

// Mount adds its routes.
func (f Ingest) Mount(a *API) {
	f.mountTopUp(a)
	byGateway(a, route{
		method: http.MethodPost, path: "/v1/spend/events", tag: "Gateway", id: "report-spend", maxBody: maxBatch, rawBody: true,
		summary: "What requests cost",
		detail: "Takes 1 to 1,000 events, as a JSON array, as JSON Lines or as one object: LiteLLM's standard logging payload as it comes, or " +
			"`{\"event_id\", \"key_hash\" or \"key_id\", \"model\", \"cost_usd\", \"prompt_tokens\", \"completion_tokens\", \"at\"}`. " +
			"Each event is judged by itself; one that is counted is stored for good. After an error, send the same body again: an event counts once, by its id.",
	}, func(ctx context.Context, token string, in *ingestInput) (*output[Ingested], error) {
		if err := f.Gate.Admit(ctx, token); err != nil {
			return nil, err
		}
		results, err := f.Ingester.Ingest(ctx, token, in.RawBody)
		if err != nil {
			return nil, err
		}
		out := ingestedShape(results)
		for status, n := range out.counts() {
			f.Count.Add(a.now(), string(status), n)
		}
		return answer(out, nil)
	})
	a.note(func(doc *huma.OpenAPI) {
		event := doc.Components.Schemas.Schema(reflect.TypeFor[SpendEvent](), true, "")
		doc.Paths["/v1/spend/events"].Post.RequestBody.Content["application/json"].Schema = &huma.Schema{
			OneOf: []*huma.Schema{{Type: huma.TypeArray, Items: event}, event},
		}
	})
}

// SpendEvent is one event in our own form, for the documentation: events are read one by
// one, whatever else is in them.
type SpendEvent struct {
	EventID          string    `json:"event_id" maxLength:"256" doc:"Yours, unique in the organization. The same id with the same content counts once."`
	KeyHash          string    `json:"key_hash,omitempty" doc:"The key's SHA-256 in hex, or"`
	KeyID            string    `json:"key_id,omitempty" doc:"its id."`
	Model            string    `json:"model,omitempty" maxLength:"256" example:"gpt-4o-mini"`
	CostUSD          USD       `json:"cost_usd" doc:"0 to 10,000 dollars, as a number or a string."`
	PromptTokens     int64     `json:"prompt_tokens,omitempty"`
	CompletionTokens int64     `json:"completion_tokens,omitempty"`
	At               time.Time `json:"at" doc:"At most 35 days ago and 5 minutes ahead."`
	ReservationID    string    `json:"reservation_id,omitempty" doc:"The reservation that the event settles."`
}

type ingestInput struct {
	RawBody []byte `contentType:"application/json"`
}

// Ingested says what became of a batch of events.
type Ingested struct {
	Results    []EventResult `json:"results" nullable:"false" doc:"One for each event, in order."`
	Counted    int           `json:"counted"`
	Duplicates int           `json:"duplicates" doc:"They were counted before."`
	Conflicts  int           `json:"conflicts" doc:"Their ids are those of other events, and they were not counted."`
	Rejected   int           `json:"rejected"`
}

// EventResult says what became of one event.
type EventResult struct {
	Index   int          `json:"index" doc:"In the batch, from 0."`
	EventID string       `json:"event_id"`
	Status  spend.Status `json:"status" enum:"counted,duplicate,conflict,rejected"`
	Reason  spend.Reason `json:"reason,omitempty" doc:"Why it was rejected: a stable code." example:"cost_negative"`
	Detail  string       `json:"detail,omitempty" doc:"The reason in words."`
}

func ingestedShape(results []spend.Result) Ingested {
	out := Ingested{Results: make([]EventResult, len(results))}
	for i, r := range results {
		out.Results[i] = EventResult{Index: r.Index, EventID: r.EventID, Status: r.Status}
		switch r.Status {
		case spend.Counted:
			out.Counted++
		case spend.Duplicate:
			out.Duplicates++
		case spend.Conflict:
			out.Conflicts++
		default:
			out.Rejected++
			out.Results[i].Reason, out.Results[i].Detail = r.Reason, spend.Reasons[r.Reason]
		}
	}
	return out
}

// counts are the numbers of events by status, where there are any.
func (b Ingested) counts() map[spend.Status]int {
	counts := map[spend.Status]int{}
	for _, r := range b.Results {
		counts[r.Status]++
	}
	return counts
}
