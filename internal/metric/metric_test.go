package metric

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestCounter_writesEmbeddedMetrics(t *testing.T) {
	var out bytes.Buffer
	Counter{W: &out, Name: "KeyVerifications", Dimension: "code"}.Add(time.UnixMilli(1_764_000_000_123), "not_found", 3)
	if !bytes.HasSuffix(out.Bytes(), []byte("}\n")) || bytes.Count(out.Bytes(), []byte("\n")) != 1 {
		t.Errorf("not one line: %q", &out)
	}
	var got, want any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, &out)
	}
	if err := json.Unmarshal([]byte(`{
		"_aws": {"Timestamp": 1764000000123, "CloudWatchMetrics": [
			{"Namespace": "nemo-team", "Dimensions": [["code"]], "Metrics": [{"Name": "KeyVerifications", "Unit": "Count"}]}]},
		"code": "not_found", "KeyVerifications": 3}`), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s", &out)
	}
}

func TestCounter_withoutAWriter(*testing.T) {
	Counter{Name: "KeyVerifications", Dimension: "code"}.Add(time.Now(), "ok", 1)
}
