// Package figures writes amounts and counts as people read them, on pages and in mails.
package figures

import (
	"strconv"
	"strings"

	"github.com/nemorouter/nemo-team/internal/money"
)

// USD writes an amount as people read it: "$1,234.56", and below a cent the first two
// digits that count, "$0.00039". Exact amounts are in the CSV.
func USD(a money.Amount) string {
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
	return sign + "$" + Count(cents/100) + "." + strconv.FormatInt(cents%100+100, 10)[1:]
}

// small writes less than a cent, to two digits.
func small(n money.Amount) string {
	unit := money.Amount(1)
	for n >= unit*100 {
		unit *= 10
	}
	return ((n + unit/2) / unit * unit).String()
}

// Count writes a number in groups of three digits.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var groups []string
	for len(digits) > 3 {
		groups = append([]string{digits[len(digits)-3:]}, groups...)
		digits = digits[:len(digits)-3]
	}
	return strings.Join(append([]string{digits}, groups...), ",")
}
