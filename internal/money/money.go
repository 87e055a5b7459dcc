// Package money counts US dollars in integer nanodollars: no sum of floats ever drifts.
package money

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Amount is US dollars in nanodollars (10⁻⁹): ±9.2 billion dollars.
type Amount int64

// Dollar is one US dollar.
const Dollar Amount = 1_000_000_000

// Max is the largest amount.
const Max Amount = math.MaxInt64

// ErrNotMoney is returned for text that is no decimal number of dollars in range.
var ErrNotMoney = errors.New("money: not a decimal number of dollars in range")

// maxText bounds what is parsed: "1e999999999" would otherwise take all memory.
const maxText = 64

// Parse reads dollars such as "5", "0.00039" or "3.9e-4" and rounds half to even at the
// nanodollar.
func Parse(s string) (Amount, error) {
	if len(s) > maxText || !plausible(s) {
		return 0, ErrNotMoney
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return 0, ErrNotMoney
	}
	n := roundHalfEven(r.Mul(r, big.NewRat(int64(Dollar), 1)))
	if !n.IsInt64() {
		return 0, ErrNotMoney
	}
	return Amount(n.Int64()), nil
}

// plausible keeps out what big.Rat reads and money is not (fractions, hexadecimal,
// underscores) and exponents beyond two digits.
func plausible(s string) bool {
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if strings.Trim(mantissa, "+-.0123456789") != "" || mantissa == "" {
		return false
	}
	return len(strings.TrimLeft(exponent, "+-")) <= 2
}

func roundHalfEven(r *big.Rat) *big.Int {
	quotient, remainder := new(big.Int).DivMod(r.Num(), r.Denom(), new(big.Int)) // remainder ≥ 0
	switch remainder.Lsh(remainder, 1).Cmp(r.Denom()) {
	case 1:
		quotient.Add(quotient, big.NewInt(1))
	case 0:
		quotient.Add(quotient, new(big.Int).And(quotient, big.NewInt(1)))
	}
	return quotient
}

// String returns the decimal dollars, without trailing zeros: "0.00039".
func (a Amount) String() string {
	sign, n := "", uint64(a)
	if a < 0 {
		sign, n = "-", -n
	}
	s := sign + strconv.FormatUint(n/uint64(Dollar), 10)
	if fraction := n % uint64(Dollar); fraction > 0 {
		digits := strconv.FormatUint(uint64(Dollar)+fraction, 10)[1:]
		s += "." + strings.TrimRight(digits, "0")
	}
	return s
}

// MarshalJSON writes a decimal string.
func (a Amount) MarshalJSON() ([]byte, error) { return strconv.AppendQuote(nil, a.String()), nil }

// UnmarshalJSON reads a decimal string or a number.
func (a *Amount) UnmarshalJSON(b []byte) (err error) {
	s := string(b)
	if strings.HasPrefix(s, `"`) {
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	}
	*a, err = Parse(s)
	return err
}

// Dollars is the amount as a float, for comparisons that need no precision.
func (a Amount) Dollars() float64 { return float64(a) / float64(Dollar) }
