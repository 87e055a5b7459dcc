package watch

import (
	"regexp"
	"strings"
)

// Conjuncts are the parts of a condition that must all hold: what stands between the ANDs
// that are in no parentheses, if there is no OR among them.
func Conjuncts(condition string) []string {
	if condition == "" {
		return nil
	}
	var parts []string
	depth, begin := 0, 0
	for i := range len(condition) {
		switch rest := condition[i:]; {
		case rest[0] == '(':
			depth++
		case rest[0] == ')':
			depth--
		case depth == 0 && strings.HasPrefix(rest, " OR "):
			return []string{condition}
		case depth == 0 && strings.HasPrefix(rest, and):
			parts, begin = append(parts, condition[begin:i]), i+len(and)
		}
	}
	return append(parts, condition[begin:])
}

const and = " AND "

// Without is the condition less those of its conjuncts that have the name.
func Without(condition, name string) string {
	var kept []string
	for _, c := range Conjuncts(condition) {
		if Name(c) != name {
			kept = append(kept, c)
		}
	}
	return strings.Join(kept, and)
}

var (
	numbered = regexp.MustCompile(`(:[a-z]+)[0-9]+`)
	term     = regexp.MustCompile(`\w+\([^()]*\)`)
	slots    = regexp.MustCompile(`^holds\.#(old|slot)_[a-z]+ (>?=) :(?:old|slot)_[a-z]+$`)
)

// Name is what a conjunct is known by. One that is made for as many values as there
// happen to be has one name for all of them.
func Name(conjunct string) string {
	conjunct = slots.ReplaceAllString(conjunct, "holds.#${1}_… $2 :${1}_…")
	name := numbered.ReplaceAllString(conjunct, "${1}…")
	for _, t := range term.FindAllString(name, -1) {
		for twice := t + and + t; strings.Contains(name, twice); {
			name = strings.ReplaceAll(name, twice, t)
		}
	}
	return name
}

// Mentions reports whether an expression uses the value that stands behind :name.
func Mentions(expression, name string) bool {
	return regexp.MustCompile(":" + regexp.QuoteMeta(name) + `\b`).MatchString(expression)
}
