package money

import (
	"encoding/json"
	"math"
	"math/big"
	"regexp"
	"testing"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]Amount{
		"0": 0, "5": 5 * Dollar, "+5": 5 * Dollar, "-5": -5 * Dollar, "5.": 5 * Dollar, ".5": Dollar / 2, "0.00039": 390_000, "3.9e-4": 390_000,
		"1E3": 1000 * Dollar, "0.0000000004": 0, "0.0000000005": 0, "0.0000000006": 1, "0.0000000015": 2, "0.0000000025": 2, "-0.0000000015": -2,
		"9223372036.854775807": math.MaxInt64, "-9223372036.854775808": math.MinInt64, "1e-99": 0, "0e99": 0, "00.10": Dollar / 10,
	} {
		if got, err := Parse(in); got != want || err != nil {
			t.Errorf("%q is %d (%v), want %d", in, got, err, want)
		}
	}
}

func TestParse_refuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "5 ", "$5", "1,000", "1_000", "0x10", "1/2", "1e", "e5", "1e+", "1e999", "1e1_0", "1e_1", "1p5", "NaN", "Inf", "-", ".", "--1", "1.2.3", "null", "true",
		"9223372036.854775808", "1e10", "-1e10", "٣", "0000000000000000000000000000000000000000000000000000000000000000001",
	} {
		if got, err := Parse(in); err != ErrNotMoney || got != 0 {
			t.Errorf("%q is %d (%v)", in, got, err)
		}
	}
}

func TestJSON(t *testing.T) {
	for in, want := range map[string]string{`"0.00039"`: `"0.00039"`, `0.00039`: `"0.00039"`, `5`: `"5"`, `3.9e-4`: `"0.00039"`, `"-0.50"`: `"-0.5"`} {
		var a Amount
		if err := json.Unmarshal([]byte(in), &a); err != nil {
			t.Errorf("%s: %v", in, err)
		}
		if got, err := json.Marshal(a); string(got) != want || err != nil {
			t.Errorf("%s became %s (%v), want %s", in, got, err, want)
		}
	}
	for _, in := range []string{`"five"`, `true`, `{}`, `[]`, `""`, `"\u0000"`} {
		if a := Amount(7); json.Unmarshal([]byte(in), &a) == nil {
			t.Errorf("%s is %d", in, a)
		}
	}
}

func TestString(t *testing.T) {
	for a, want := range map[Amount]string{
		0: "0", 1: "0.000000001", -1: "-0.000000001", Dollar: "1", -Dollar / 2: "-0.5", 10 * Dollar: "10",
		math.MaxInt64: "9223372036.854775807", math.MinInt64: "-9223372036.854775808",
	} {
		if got := a.String(); got != want {
			t.Errorf("%d is written %q, want %q", int64(a), got, want)
		}
	}
}

var decimal = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$`)

// FuzzParse: only decimal numbers are money; what is read is within half a nanodollar, and
// what is written is read as the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"0", "5", "0.00039", "3.9e-4", "-1", "1e_1", "0x1p5", "1/3", "9223372036.854775807", "1e99", "+.5e+1", "1e+-1", "0b1", "Inf"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		a, err := Parse(in)
		if err != nil {
			return
		}
		if !decimal.MatchString(in) {
			t.Fatalf("%q is taken for %s", in, a)
		}
		exact, _ := new(big.Rat).SetString(in)
		off := new(big.Rat).Sub(exact.Mul(exact, big.NewRat(int64(Dollar), 1)), new(big.Rat).SetInt64(int64(a)))
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			t.Errorf("%q is read as %s", in, a)
		}
		if again, err := Parse(a.String()); again != a || err != nil {
			t.Errorf("%d is written %q and read as %d (%v)", int64(a), a, int64(again), err)
		}
	})
}
