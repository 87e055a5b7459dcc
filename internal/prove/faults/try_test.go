package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// try does an operation once. It may be done again: by the caller who got no answer, or by
// the next run of a schedule.
type try func(ctx context.Context) *apitest.Reply

// ask is a request as its caller repeats it. Headers are those of the first time.
func ask(p *apitest.Person, method, path string, body any, headers ...string) try {
	content, err := json.Marshal(body)
	if err != nil {
		p.Fatal(err)
	}
	from := apitest.Source()
	return func(ctx context.Context) *apitest.Reply {
		r := httptest.NewRequest(method, path, bytes.NewReader(content))
		r.RemoteAddr = from
		r.Header.Set("Content-Type", "application/json")
		if p.Token != "" {
			r.Header.Set("Authorization", "Bearer "+p.Token)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return p.Send(r.WithContext(ctx))
	}
}

// keyed is ask with an Idempotency-Key.
func keyed(p *apitest.Person, method, path string, body any) try {
	return ask(p, method, path, body, "Idempotency-Key", "the key of "+p.NoID())
}

// run is what is no request, such as a schedule's function, in the form of one.
func run(do func(context.Context) error) try {
	return func(ctx context.Context) *apitest.Reply {
		if err := do(ctx); err != nil {
			return &apitest.Reply{Status: 503, Body: []byte(err.Error())}
		}
		return &apitest.Reply{Status: 200}
	}
}
