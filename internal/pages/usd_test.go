package pages

import (
	"testing"

	"github.com/nemorouter/nemo-team/internal/money"
)

// What is not clear is refused, and not taken for more.
func TestTypedUSD(t *testing.T) {
	for typed, want := range map[string]string{
		"5": "5", " $5.25 ": "5.25", "$ 1,000": "1000", "1,000,000.50": "1000000.5", "12 000": "12000", "2500.5": "2500.5",
		"2,50": "", "1,00": "", "1000,00": "", "1,0000": "", ",5": "", "1,000,5": "", "": "", "$": "", "much": "",
	} {
		got, err := typedUSD(typed)
		if (err != nil) != (want == "") || err == nil && got.String() != want {
			t.Errorf("%q is %s, %v, want %q", typed, got, err, want)
		}
	}
}

func TestShort(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 9999: "9,999", 10_000: "10K", 12_345: "12.3K", 1_250_000: "1.2M", 3_000_000_000: "3B"} {
		if got := short(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

// A chart's top line is above all bars, not far, and its middle is as round.
func TestCeiling(t *testing.T) {
	for a := money.Amount(1); a < 1<<60; a += a/7 + 1 {
		top := ceiling(a)
		if top < a || a > 10 && a < 1<<58 && top > a*17/10 {
			t.Fatalf("%d: %d", a, top)
		}
	}
}
