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

// explained serves what is mounted. It answers unknown paths and wrong methods itself: a
// mux's own answers to them are plain text.
func (a *API) explained() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse, pattern := a.mux.Handler(r)
		if pattern != "" {
			a.mux.ServeHTTP(w, r)
			return
		}
		if _, pattern := a.orgs.Handler(r); pattern != "" {
			a.orgs.ServeHTTP(w, r)
			return
		}
		answer := &statusOnly{header: http.Header{}}
		refuse.ServeHTTP(answer, r)
		// It would send //x to /x, which is not there either. And an address that only takes
		// forms is no page: people who open it again need the way on, not the method.
		if answer.status != http.StatusMethodNotAllowed || inBrowser(r) {
			a.Missing(w, r)
			return
		}
		w.Header().Set("Allow", answer.header.Get("Allow"))
		refusal(r.Context(), answer.status, nil).write(w)
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
	if token, ok := bearerToken(r); ok {
		return token
	}
	return SessionToken(r)
}

func bearerToken(r *http.Request) (token string, ok bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

func joined(errs []error) error { return errors.Join(errs...) }
