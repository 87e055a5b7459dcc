package notices

import (
	"errors"
	"testing"

	"github.com/nemorouter/nemo-team/internal/invites"
)

// FuzzParse: a notice is a bounce or a complaint with what it tells, or refused: never an
// error that would make SNS send it again and again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		bounce, complaint, "", "{}", "null", "[]", "Successfully validated SNS topic for Amazon SES event publishing.",
		`{"eventType":"Bounce"}`, `{"eventType":"Complaint","mail":{"tags":{"org_id":[]}}}`,
		`{"eventType":"Bounce","mail":{"destination":["a\u0000@b","\ud800"],"tags":null}}`,
		`{"eventType":"Bounce","bounce":{"timestamp":"yesterday"}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, message string) {
		n, err := parse(message)
		if err != nil {
			if !errors.Is(err, errRefused) {
				t.Fatalf("%q: %v", message, err)
			}
			return
		}
		if n.Outcome != invites.Bounced && n.Outcome != invites.Complained {
			t.Errorf("%q became %+v", message, n)
		}
	})
}
