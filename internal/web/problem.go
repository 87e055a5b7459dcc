package web

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// Problem is every error answer: a problem document (RFC 9457).
type Problem struct {
	Type      string  `json:"type" format:"uri-reference" doc:"Where the code is explained." example:"/docs#invitation_exists"`
	Title     string  `json:"title" doc:"The status in words." example:"Conflict"`
	Status    int     `json:"status" doc:"The HTTP status." example:"409"`
	Detail    string  `json:"detail" doc:"What went wrong, for people."`
	Code      string  `json:"code" doc:"What went wrong, for programs. Codes are stable." example:"invitation_exists"`
	RequestID string  `json:"request_id" doc:"Quote it when you report the problem."`
	Errors    []Field `json:"errors,omitempty" doc:"The fields that are wrong; of very many, the first 100."`

	retryAfter time.Duration
}

// Field is one wrong field of a request.
type Field struct {
	Location string `json:"location" doc:"Where it is." example:"body.email"`
	Message  string `json:"message" doc:"What is wrong with it."`
}

// statuses is the one map from kinds of faults to HTTP.
var statuses = map[fault.Kind]int{
	fault.Internal:     http.StatusInternalServerError,
	fault.Malformed:    http.StatusBadRequest,
	fault.Invalid:      http.StatusUnprocessableEntity,
	fault.Unauthorized: http.StatusUnauthorized,
	fault.Forbidden:    http.StatusForbidden,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Gone:         http.StatusGone,
	fault.RateLimited:  http.StatusTooManyRequests,
	fault.Unavailable:  http.StatusServiceUnavailable,
}

// Status is the HTTP status of a kind of fault.
func Status(k fault.Kind) int { return statuses[k] }

// problemOf turns any error into what is shown of it, and logs what is ours to mend.
func problemOf(ctx context.Context, err error) *Problem {
	f := fault.As(err)
	status := statuses[f.Kind]
	if status >= http.StatusInternalServerError {
		slog.ErrorContext(ctx, "request failed", "request_id", RequestID(ctx), "code", f.Code, "error", err)
	}
	p := problem(ctx, status, f.Code, f.Detail)
	p.retryAfter = f.RetryAfter
	for _, field := range f.Fields {
		p.blame(Field(field))
	}
	return p
}

// maxFields bounds what is told of a request: one of 256 KB may be wrong in more places than
// a function can answer with.
const maxFields = 100

func (p *Problem) blame(f Field) {
	if len(p.Errors) < maxFields {
		p.Errors = append(p.Errors, f)
	}
}

func problem(ctx context.Context, status int, code, detail string) *Problem {
	return &Problem{
		Type: "/docs#" + code, Title: http.StatusText(status), Status: status,
		Detail: detail, Code: code, RequestID: RequestID(ctx),
	}
}

// WriteProblem answers with what is shown of err.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	problemOf(r.Context(), err).write(w)
}

func (p *Problem) write(w http.ResponseWriter) {
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) // whoever asked may be gone: nobody is left to tell
}

// Error, GetStatus, GetHeaders and ContentType are what huma asks of an error.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the media type of problem documents.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders returns Retry-After, in whole seconds, if the problem will pass.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.retryAfter.Seconds()))))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", "Bearer")
	}
	return h
}

// Codes of what goes wrong before any operation is reached.
var (
	codesByStatus = map[int]string{
		http.StatusBadRequest:            "malformed",
		http.StatusNotFound:              "not_found",
		http.StatusMethodNotAllowed:      "method_not_allowed",
		http.StatusRequestTimeout:        "request_timeout",
		http.StatusRequestEntityTooLarge: "payload_too_large",
		http.StatusUnsupportedMediaType:  "unsupported_media_type",
		http.StatusUnprocessableEntity:   "validation_failed",
	}
	detailsByStatus = map[int]string{
		http.StatusBadRequest:            "The request cannot be read.",
		http.StatusNotFound:              "There is no such thing here.",
		http.StatusMethodNotAllowed:      "This address does not take this method.",
		http.StatusRequestTimeout:        "The request did not arrive in time.",
		http.StatusRequestEntityTooLarge: "The body is too large.",
		http.StatusUnsupportedMediaType:  "Send JSON.",
		http.StatusUnprocessableEntity:   "Some fields are not valid.",
	}
)

// init replaces huma's own error bodies. Those echo the refused value, and tokens and
// addresses pass through here.
func init() {
	huma.ValidateStrictCasing = true
	huma.NewErrorWithContext = func(hctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		if hctx == nil { // the API is being described, and only the form is wanted
			return &Problem{}
		}
		return refusal(hctx.Context(), status, errs)
	}
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return huma.NewErrorWithContext(nil, status, msg, errs...)
	}
}

// refusal is what is shown of a request that huma refused.
func refusal(ctx context.Context, status int, errs []error) *Problem {
	code, known := codesByStatus[status]
	if !known {
		return problemOf(ctx, fault.ErrInternal.Because(joined(errs)))
	}
	p := problem(ctx, status, code, detailsByStatus[status])
	if status != http.StatusUnprocessableEntity {
		return p
	}
	for _, err := range errs {
		if d, ok := err.(huma.ErrorDetailer); ok {
			p.blame(located(d.ErrorDetail()))
		}
	}
	return p
}

// located is a wrong field with its own location: of a field that is missing, huma locates
// the object that lacks it.
func located(d *huma.ErrorDetail) Field {
	var missing string
	if _, err := fmt.Sscanf(d.Message, validation.MsgExpectedRequiredProperty, &missing); err == nil {
		return Field{Location: d.Location + "." + missing, Message: "This field is needed."}
	}
	return Field{Location: d.Location, Message: d.Message}
}
