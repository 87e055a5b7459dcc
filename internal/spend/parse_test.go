package spend

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/money"
)

// Costs are rounded once, from the digits that were sent, half to even.
func TestParse_costs(t *testing.T) {
	for text, want := range map[string]string{
		"0.00039": "0.00039", `"0.00039"`: "0.00039", "3.9e-4": "0.00039", "0": "0", "-0.0": "0", "10000": "10000",
		"0.0000000005": "0", "0.0000000015": "0.000000002", "0.0000000025": "0.000000002", "0.00000000250000000001": "0.000000003",
		"1.0000000000000002e-05": "0.00001", "5e-10": "0",
		"1e-300": "0", "5e-324": "0", "-1e-300": "0", "1e-999": "0", `"1e-100"`: "0",
	} {
		got, why := cost(json.RawMessage(text))
		if why != "" || got.String() != want {
			t.Errorf("%s: %s %s, want %s", text, got, why, want)
		}
	}
	for text, want := range map[string]Reason{
		"-1": CostNegative, "-1e-12": "", `"-1e999999"`: CostNegative, "10000.0000000006": CostTooLarge, "1e99": CostTooLarge, "1e999": CostTooLarge,
		`"NaN"`: CostInvalid, `"Infinity"`: CostInvalid, "true": CostInvalid, `""`: CostInvalid, `"0x10"`: CostInvalid, "{}": CostInvalid, `"1/3"`: CostInvalid,
	} {
		if _, why := cost(json.RawMessage(text)); why != want {
			t.Errorf("%s: %q, want %q", text, why, want)
		}
	}
}

func TestParse_times(t *testing.T) {
	want := time.Date(2026, 9, 21, 14, 13, 22, 456000000, time.UTC)
	for _, text := range []string{`"2026-09-21T14:13:22.456Z"`, `"2026-09-21T16:13:22.456000000+02:00"`, "1790000002.456", "1.790000002456e9"} {
		if got, why := moment(json.RawMessage(text)); why != "" || !got.Equal(want) {
			t.Errorf("%s: %s %s", text, got, why)
		}
	}
	for _, text := range []string{`"soon"`, "1e300", "-1e13", "true", "[]", `""`} {
		if got, why := moment(json.RawMessage(text)); why != TimeInvalid {
			t.Errorf("%s: %s %q", text, got, why)
		}
	}
}

// Whatever comes, what is counted is a plausible event, and nothing panics.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`[{"event_id":"a","key_hash":"b","cost_usd":1,"at":"2026-09-21T14:13:22Z"},{"id":"x","metadata":{"user_api_key_hash":"h"},"endTime":1.5}]`))
	f.Add([]byte("{\"event_id\":\"a\"}\n{\"b\":[\"}\\\"\"]}"))
	f.Add([]byte(`[{"a":NaN},{`))
	f.Fuzz(func(t *testing.T, body []byte) {
		size := 0
		for _, r := range split(body) {
			size += len(r)
			e, why := parse(r)
			if why != "" {
				if Reasons[why] == "" {
					t.Errorf("the reason %q has no words", why)
				}
				continue
			}
			if e.ID == "" || len(e.ID) > MaxEventID || e.Cost < 0 || e.Cost > MaxCost || e.Prompt < 0 || e.Output < 0 || e.Model == "" ||
				e.At.IsZero() || (e.KeyHash == "") == (e.KeyID == "") {
				t.Errorf("%s is %+v", r, e)
			}
		}
		if size > len(body) {
			t.Errorf("%d bytes of %d", size, len(body))
		}
	})
}

// However an array is broken, the objects that are whole are found.
func FuzzSplit(f *testing.F) {
	f.Add("", `{"a":"]"}`)
	f.Add(`{"x":`, `{"a":"\\"}`)
	f.Fuzz(func(t *testing.T, broken, whole string) {
		if !json.Valid([]byte(whole)) || !strings.HasPrefix(whole, "{") || strings.TrimSpace(whole) != whole {
			return
		}
		records := split([]byte("[" + whole + "," + broken))
		if len(records) == 0 || !bytes.Equal(records[0], []byte(whole)) {
			t.Errorf("%q", records)
		}
	})
}

// However lines are broken, those that are whole are found.
func FuzzLines(f *testing.F) {
	f.Add(`_usd":1}`, `{"a":"]"}`, `{"x":"`)
	f.Add(`{"a":1}`, `{}`, `oops"`)
	f.Add(` {"a":{`, `{"b":"\\"}`, `]`)
	f.Fuzz(func(t *testing.T, before, whole, after string) {
		if !json.Valid([]byte(whole)) || !strings.HasPrefix(whole, "{") || strings.ContainsAny(before+whole+after, "\n") {
			return
		}
		body := []byte(before + "\n" + whole + "\n" + after)
		if strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(before, "\xef\xbb\xbf")), "[") || json.Valid(body) {
			return // an array, or one object over several lines
		}
		if records := split(body); !slices.ContainsFunc(records, func(r []byte) bool { return string(r) == strings.TrimSpace(whole) }) {
			t.Errorf("%q", records)
		}
	})
}

// A body of far too many records takes no memory for them.
func TestSplit_isBounded(t *testing.T) {
	for _, body := range []string{strings.Repeat("{}\n", 1<<20), strings.Repeat("{},", 1<<20), "[" + strings.Repeat("1,", 1<<20)} {
		if n := len(split([]byte(body))); n <= MaxEvents || n > MaxEvents+2 {
			t.Errorf("%q…: %d records", body[:6], n)
		}
	}
}

func TestSum_isExact(t *testing.T) {
	var sum Tally
	tenth, _ := money.Parse("0.1")
	for range 10 {
		sum = sum.Plus(Event{Cost: tenth}.Tally())
	}
	if sum.Cost != money.Dollar || sum.Requests != 10 {
		t.Errorf("%+v", sum)
	}
}

// What comes behind an array is answered too: it is not lost in silence.
func TestSplit_behindTheArray(t *testing.T) {
	records := split([]byte("[{\"a\":1}]\n[{\"b\":2}]"))
	if len(records) != 2 {
		t.Fatalf("%q", records)
	}
	if _, why := parse(records[1]); why != Malformed {
		t.Errorf("%q", why)
	}
}

// An object is whole whatever stands around it, and what stands there is answered too.
func TestSplit_aroundObjects(t *testing.T) {
	for body, want := range map[string][]string{
		`[{"a":1} junk,{"b":2}]`:        {`{"a":1}`, `junk`, `{"b":2}`},
		`[junk {"a":1}]`:                {`junk`, `{"a":1}`},
		`{"a":1} {"b":2} "c"`:           {`{"a":1}`, `{"b":2}`, `"c"`},
		`[{"a":[1,{}]} , {"b":"}"},]`:   {`{"a":[1,{}]}`, `{"b":"}"}`},
		`[{"a":1}},{"b":2}]`:            {`{"a":1}`, `}`, `{"b":2}`},
		"[{\"a\":1}\n{\"b\":2}\n{\"c\"": {`{"a":1}`, `{"b":2}`, `{"c"`},
		`[[{"a":1}],2]`:                 {`[{"a":1}]`, `2`},
	} {
		var got []string
		for _, r := range split([]byte(body)) {
			got = append(got, string(r))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}
