package apitest

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// Amazon bills a read that finds nothing as the smallest that finds something.
func TestCapacity_ofNothing(t *testing.T) {
	for name, c := range map[string]struct {
		status           int
		question, answer string
		want             float64
	}{
		"query":              {200, `{}`, `{"Items":[],"ConsumedCapacity":{"CapacityUnits":0}}`, 0.5},
		"consistent query":   {200, `{"ConsistentRead":true}`, `{"Items":[],"ConsumedCapacity":{"CapacityUnits":0}}`, 1},
		"query that finds":   {200, `{"ConsistentRead":true}`, `{"Items":[{}],"ConsumedCapacity":{"CapacityUnits":7}}`, 7},
		"item by its key":    {200, `{"ConsistentRead":true}`, `{"ConsumedCapacity":{"CapacityUnits":0}}`, 1},
		"one of two by key":  {200, `{"RequestItems":{"t":{"Keys":[{},{}]}}}`, `{"Responses":{"t":[{}]},"ConsumedCapacity":[{"CapacityUnits":0.5}]}`, 1},
		"none of two by key": {200, `{"RequestItems":{"t":{"ConsistentRead":true,"Keys":[{},{}]}}}`, `{"Responses":{"t":[]},"ConsumedCapacity":[{"CapacityUnits":0}]}`, 2},
		"what was refused":   {400, `{"ConsistentRead":true}`, `{"__type":"ThrottlingException"}`, 0},
	} {
		answer := &http.Response{StatusCode: c.status, Body: io.NopCloser(strings.NewReader(c.answer))}
		if got, err := capacity(answer, []byte(c.question)); got != c.want || err != nil {
			t.Errorf("%s: %g units, want %g; %v", name, got, c.want, err)
		}
		if body, err := io.ReadAll(answer.Body); string(body) != c.answer || err != nil {
			t.Errorf("%s: the answer became %q, %v", name, body, err)
		}
	}
}
