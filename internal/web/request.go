package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/ident"
)

type requestIDKey struct{}

// RequestID returns the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// requestTime bounds a request. API Gateway gives up after 30 s; retries of conflicts
// and of the engine end before.
const requestTime = 20 * time.Second

// identified gives each request an id, which its answer, its log lines and its audit
// entries carry, and an end.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := ident.New(time.Now())
		ctx := context.WithValue(r.Context(), requestIDKey{}, id)
		ctx, cancel := context.WithTimeout(ctx, requestTime)
		defer cancel()
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// hardened sets the headers that every answer has.
func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("Strict-Transport-Security", "max-age=31536000")
		next.ServeHTTP(w, r)
	})
}

// explained serves what mux has, else what orgs has, and answers unknown paths and wrong
// methods as problem documents. A mux's own answers to them are plain text.
func explained(mux, orgs *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		if _, pattern := orgs.Handler(r); pattern != "" {
			orgs.ServeHTTP(w, r)
			return
		}
		answer := &statusOnly{header: http.Header{}}
		refuse.ServeHTTP(answer, r)
		if allow := answer.header.Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
		}
		status := answer.status
		if status < http.StatusBadRequest {
			status = http.StatusNotFound // it would send //x to /x, which is not there either
		}
		refusal(r.Context(), status, nil).write(w)
	})
}

// statusOnly keeps an answer's status and headers.
type statusOnly struct {
	header http.Header
	status int
}

func (s *statusOnly) Header() http.Header         { return s.header }
func (s *statusOnly) Write(b []byte) (int, error) { return len(b), nil }
func (s *statusOnly) WriteHeader(status int)      { s.status = status }

// credential returns what a request proves its caller with: the bearer token, else the
// session cookie.
func credential(r *http.Request) string {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return SessionToken(r)
}

func joined(errs []error) error { return errors.Join(errs...) }
