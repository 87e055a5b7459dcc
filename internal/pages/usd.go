package pages

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/nemorouter/nemo-team/internal/figures"
	"github.com/nemorouter/nemo-team/internal/money"
)

// grouped is a number in thousands. A comma that stands elsewhere may be somebody's decimal
// point: to leave it out would make a hundred times as much of what they typed.
var grouped = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\d{1,3}([, ]\d{3})+(\.\d+)?$`)
})

// typedUSD reads an amount as people type it: "$ 1,000.50".
func typedUSD(typed string) (money.Amount, error) {
	typed = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(typed), "$"))
	if grouped().MatchString(typed) {
		typed = strings.NewReplacer(",", "", " ", "").Replace(typed)
	}
	return money.Parse(typed)
}

func usd(a money.Amount) string { return figures.USD(a) }
func thousands(n int64) string  { return figures.Count(n) }

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
