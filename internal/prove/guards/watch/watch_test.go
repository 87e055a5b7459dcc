package watch

import (
	"errors"
	"slices"
	"testing"
)

func TestConjuncts(t *testing.T) {
	for condition, want := range map[string][]string{
		"":                      nil,
		"a = :b":                {"a = :b"},
		"a = :b AND c":          {"a = :b", "c"},
		"a OR b AND c":          {"a OR b AND c"},
		"a AND (b OR c) AND d":  {"a", "(b OR c)", "d"},
		"f(a, :b) AND NOT g(c)": {"f(a, :b)", "NOT g(c)"},
	} {
		if got := Conjuncts(condition); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", condition, got, want)
		}
	}
}

func TestWithout(t *testing.T) {
	for _, c := range []struct{ condition, name, want string }{
		{"a = :b AND c", "c", "a = :b"},
		{"c", "c", ""},
		{"x AND holds.#old_a = :old_a AND holds.#old_b = :old_b", "holds.#old_… = :old_…", "x"},
		{"x AND holds.#slot_a >= :slot_a AND holds.#slot_b >= :slot_b", "holds.#slot_… >= :slot_…", "x"},
		{"a OR (f(m, :model0) AND f(m, :model1))", "a OR (f(m, :model…))", ""},
	} {
		if got := Without(c.condition, c.name); got != c.want {
			t.Errorf("%s without %s: %q, want %q", c.condition, c.name, got, c.want)
		}
	}
}

func TestMentions(t *testing.T) {
	if Mentions("a = :was_limit", "was") || Mentions("a = :x", "b") || !Mentions("SET a = :x, b = :y", "x") {
		t.Error("values are mistaken")
	}
}

// Only what the engine itself says of an expression tells that a guard cannot be tried.
func TestNotUnderstood(t *testing.T) {
	const said = "operation error DynamoDB: UpdateItem, https response error StatusCode: 400, RequestID: , api error "
	for text, want := range map[string]bool{
		said + "ValidationException: Value provided in ExpressionAttributeValues unused in expressions: keys: {:was}": true,
		said + "ValidationException: The document path provided in the update expression is invalid for update":       true,
		said + "ValidationException: The provided expression refers to an attribute that does not exist in the item":  false,
		said + "ValidationException: ValidationException":                                                             false,
		said + "ConditionalCheckFailedException: The conditional request failed":                                      false,
	} {
		if got := notUnderstood(errors.New(text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
}

func TestShort(t *testing.T) {
	const in = "github.com/nemorouter/nemo-team/internal/store."
	for function, want := range map[string]string{
		in + "(*Store).SaveAcceptance":    "SaveAcceptance",
		in + "(*Store).SaveCharges.func1": "SaveCharges",
		in + "(*Store).EachDue-range1":    "EachDue",
		in + "tenant.leave":               "leave",
		in + "insertSlug":                 "insertSlug",
		in + "(*Store).Fetch.gowrap2":     "Fetch",
		in + "sheet.write":                "write",
		in + "(*Store).receipt.func1.2":   "receipt",
		in + "(*Store).each[...].func1":   "each",
	} {
		if got := short(function); got != want {
			t.Errorf("%s is called %q, want %q", function, got, want)
		}
	}
}
