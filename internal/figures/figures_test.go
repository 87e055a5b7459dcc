package figures

import (
	"testing"

	"github.com/nemorouter/nemo-team/internal/money"
)

func TestUSD(t *testing.T) {
	for exact, want := range map[string]string{
		"0": "$0.00", "12.34": "$12.34", "0.00039": "$0.00039", "1234.5": "$1,234.50", "1234567.891": "$1,234,567.89",
		"0.0000000014": "$0.000000001", "0.005": "$0.005", "0.00996": "$0.01", "0.0123": "$0.01", "0.5": "$0.50", "0.996": "$1.00", "-3": "−$3.00",
		"-0.00012345": "−$0.00012", "9223372036.854775807": "$9,223,372,036.85",
	} {
		a, err := money.Parse(exact)
		if err != nil {
			t.Fatal(err)
		}
		if got := USD(a); got != want {
			t.Errorf("%s is %s, want %s", exact, got, want)
		}
	}
}
