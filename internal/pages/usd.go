package pages

import (
	"strconv"
	"strings"

	"github.com/nemorouter/nemo-team/internal/money"
)

// usd writes an amount as people read it: "$1,234.56", and below a cent the first two
// digits that count, "$0.00039". Exact amounts are in the CSV.
func usd(a money.Amount) string {
	const cent = money.Dollar / 100
	sign, n := "", a
	if n < 0 {
		sign, n = "−", -n
	}
	if n > 0 && n < cent {
		return sign + "$" + small(n)
	}
	cents := int64(n / cent)
	if n%cent >= cent/2 {
		cents++
	}
	return sign + "$" + thousands(cents/100) + "." + strconv.FormatInt(cents%100+100, 10)[1:]
}

// small writes less than a cent, to two digits.
func small(n money.Amount) string {
	unit := money.Amount(1)
	for n >= unit*100 {
		unit *= 10
	}
	return ((n + unit/2) / unit * unit).String()
}

// thousands writes a number in groups of three digits.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, groups...), ",")
}

// share is a part of a whole in percent, to be looked at and not to be added up.
func share(part, whole money.Amount) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * part.Dollars() / whole.Dollars()
}

// percent writes a share: "40%", "<1%".
func percent(f float64) string {
	if f > 0 && f < 1 {
		return "<1%"
	}
	return strconv.FormatFloat(f, 'f', 0, 64) + "%"
}

// short writes a count in at most four characters and a unit: "1.2M".
func short(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1e9, "B"}, {1e6, "M"}, {1e4, "K"}} {
		if n >= unit.size {
			size := unit.size
			if unit.name == "K" {
				size = 1e3
			}
			return strings.TrimSuffix(strconv.FormatFloat(float64(n)/float64(size), 'f', 1, 64), ".0") + unit.name
		}
	}
	return thousands(n)
}
