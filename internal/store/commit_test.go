package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// thing is a row to write.
type thing struct {
	Name string `json:"name"`
	N    int    `json:"n"`
}

// A transaction that meets others is tried again under the same token, so that one whose
// answer was lost among the tries is not done twice.
func TestTransact_keepsItsTokenThroughConflicts(t *testing.T) {
	s, tap := open(t)
	tap.answer = func(_ string, nth int) (string, map[string]any) {
		if nth <= 3 {
			return conflict()
		}
		return "", nil
	}
	org := newTenant()
	if err := s.commit(t.Context(), insert(org.team("a"), thing{Name: "a"})); err != nil {
		t.Fatal(err)
	}
	if len(tap.sent) != 4 {
		t.Fatalf("it was sent %d times", len(tap.sent))
	}
	tokens := map[any]bool{}
	for _, r := range tap.sent {
		tokens[r.body["ClientRequestToken"]] = true
	}
	if len(tokens) != 1 || tokens[nil] {
		t.Errorf("the tokens are %v", tokens)
	}
}

// Conflicts without end are given up when the caller's time is, as a fault that will pass.
func TestTransact_givesUpInTime(t *testing.T) {
	s, tap := open(t)
	tap.answer = func(string, int) (string, map[string]any) { return conflict() }
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	err := s.commit(ctx, insert(newTenant().team("a"), thing{}))
	if f := fault.As(err); f.Kind != fault.Unavailable || f.RetryAfter <= 0 {
		t.Errorf("got %v", err)
	}
}

// The first write whose condition failed says what that means. All or nothing is written.
func TestCommit_meaning(t *testing.T) {
	s, _ := open(t)
	org, first, second := newTenant(), errors.New("first"), errors.New("second")
	if err := s.commit(t.Context(), insert(org.team("a"), thing{Name: "a"}), insert(org.team("b"), thing{Name: "b"})); err != nil {
		t.Fatal(err)
	}
	err := s.commit(t.Context(),
		insert(org.team("c"), thing{}),
		insert(org.team("b"), thing{}).otherwise(first),
		insert(org.team("a"), thing{}).otherwise(second))
	if err != first {
		t.Errorf("got %v, want the first", err)
	}
	var row thing
	if found, err := s.get(t.Context(), org.team("c"), &row); found || err != nil {
		t.Errorf("a part was written: %v %v", row, err)
	}
	var name string
	err = s.commit(t.Context(), insert(org.team("a"), thing{}).explained(func(old attributes) error {
		name = text(old, "name")
		return first
	}))
	if err != first || name != "a" {
		t.Errorf("explained %q as %v", name, err)
	}
	if err := s.commit(t.Context(), insert(org.team("a"), thing{})); fault.As(err).Kind != fault.Internal {
		t.Errorf("a failure that nobody foresaw is %v", err)
	}
}

// A condition that failed decides, also when the same transaction met another one.
func TestMeanings_conditionBeforeConflict(t *testing.T) {
	meaning := errors.New("it is there")
	writes := []write{insert(key{"a", "a"}, thing{}), insert(key{"b", "b"}, thing{}).otherwise(meaning)}
	reasons := []types.CancellationReason{{Code: aws.String(reasonConflict)}, {Code: aws.String(reasonCondition)}}
	if refusals, refused := meanings(writes, reasons); !refused || refusals[0] != nil || refusals[1] != meaning {
		t.Errorf("got %v %v", refusals, refused)
	}
	for code, want := range map[string]bool{reasonConflict: true, reasonThrottled: true, reasonThroughput: true, "None": false, "ValidationError": false} {
		if got := transient([]types.CancellationReason{{Code: aws.String("None")}, {Code: aws.String(code)}}); got != want {
			t.Errorf("%s is transient: %v", code, got)
		}
	}
}

// Waits double from 20 ms to half a second, and none outlasts the caller.
func TestBackoff(t *testing.T) {
	b := newBackoff()
	for _, want := range []time.Duration{20, 40, 80} {
		if b.ceiling != want*time.Millisecond {
			t.Errorf("the ceiling is %v, want %v", b.ceiling, want*time.Millisecond)
		}
		if !b.sleep(t.Context()) {
			t.Error("it gave up without a deadline")
		}
	}
	b.ceiling = lastCeiling
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if b.sleep(gone) || b.ceiling != lastCeiling {
		t.Errorf("it slept for a caller who is gone, to %v", b.ceiling)
	}
	soon, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	if b.sleep(soon) {
		t.Error("it slept past the deadline")
	}
}

// What the engine says never reaches a caller as such.
func TestAsFault(t *testing.T) {
	s, tap := open(t)
	for kind, want := range map[string]fault.Kind{
		"ProvisionedThroughputExceededException": fault.Unavailable,
		"RequestLimitExceeded":                   fault.Unavailable,
		"ThrottlingException":                    fault.Unavailable,
		"TransactionInProgressException":         fault.Unavailable,
		"ValidationException":                    fault.Internal,
		"AccessDeniedException":                  fault.Internal,
		"ResourceNotFoundException":              fault.Internal,
	} {
		tap.answer = func(string, int) (string, map[string]any) { return kind, nil }
		_, err := s.Org(t.Context(), string(newTenant()))
		if f := fault.As(err); f.Kind != want || (want == fault.Unavailable) != (f.RetryAfter > 0) {
			t.Errorf("%s is %v", kind, err)
		}
	}
}
