package store

import (
	"maps"
	"testing"
	"time"
)

// Each # word of an expression stands for the attribute of its name, but where an alias
// says otherwise.
func TestExpressionNames(t *testing.T) {
	for _, c := range []struct {
		w    write
		want map[string]string
	}{
		{remove(key{}), nil},
		{update(key{}, "SET plain = :v", nil), nil},
		{update(key{}, "SET #name = :name, #members = #members + :n", nil), map[string]string{"#name": "name", "#members": "members"}},
		{update(key{}, "REMOVE live_keys.#key", nil).naming("key", "0190-id"), map[string]string{"#key": "0190-id"}},
		{require(key{}, "size(#live_keys) < :max AND #ttl > :now", nil), map[string]string{"#live_keys": "live_keys", "#ttl": "ttl"}},
		{update(key{}, "SET #a = :a", nil).when("#b=:b AND contains(:list, #c)", nil), map[string]string{"#a": "a", "#b": "b", "#c": "c"}},
		{update(key{}, "SET x = #end", nil), map[string]string{"#end": "end"}},
	} {
		if got := c.w.expressionNames(); !maps.Equal(got, c.want) {
			t.Errorf("%q %q: got %v, want %v", c.w.change, c.w.condition, got, c.want)
		}
	}
}

// A condition brings its values along and leaves those of the change; writes that share
// values do not meddle with each other.
func TestWhen_mergesValues(t *testing.T) {
	shared := values{"a": 1}
	one := update(key{}, "SET a = :a", shared).when("b = :b", values{"b": 2})
	two := update(key{}, "SET a = :a", shared).when("c = :c", values{"c": 3})
	if len(one.values) != 2 || len(two.values) != 2 || len(shared) != 1 {
		t.Errorf("%v %v %v", one.values, two.values, shared)
	}
	if again := one.when("d = :d", values{"d": 4}); again.values["a"] != 1 || again.values["d"] != 4 || again.condition != "d = :d" {
		t.Errorf("%v %q", again.values, again.condition)
	}
	if got := values(nil).encode(); got != nil {
		t.Errorf("no values are sent as %v, which the engine refuses", got)
	}
}

// Times are whole microseconds in UTC, and zero ones are left out.
func TestItem_times(t *testing.T) {
	type row struct {
		At   time.Time `json:"at"`
		Ends time.Time `json:"ends,omitempty"`
	}
	at := time.Date(2030, 1, 2, 3, 4, 5, 678_912_345, time.FixedZone("", 3600))
	item := encodeItem(row{At: at})
	if _, there := item["ends"]; there {
		t.Error("a zero time is stored")
	}
	back, err := decodeAs[row](item)
	if err != nil || !back.At.Equal(at.Truncate(time.Microsecond)) || back.At.Location() != time.UTC || !back.Ends.IsZero() {
		t.Errorf("%v came back as %+v, %v", at, back, err)
	}
}
