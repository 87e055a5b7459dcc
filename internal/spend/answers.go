package spend

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
)

// OfDays are the sums of the org's days, by model. They are of no key.
const OfDays Part = ByDay + 1

// AnswerStore is what Answers and Labels need. Reads of sums are eventually consistent.
type AnswerStore interface {
	// EachMonthSum visits all sums of a month in one reading. It reads all days, but at most so
	// many megabytes more than one; where keys are left then, it visits none of them.
	EachMonthSum(ctx context.Context, orgID string, month time.Time, megabytes int, visit func(Part, Sum)) (all bool, err error)
	// Labels returns what a subject and others are called, those that are gone too, and the
	// subject's budget. Without a subject it is of the others alone.
	Labels(ctx context.Context, orgID string, subject budgets.Ref, others []budgets.Ref) (map[budgets.Ref]Label, error)
}

// Answer is one of several reports.
type Answer struct {
	Report // without rows, if there is an error
	Err    error
}

// maxMegabytes bounds what answers read, however many keys the org has; every month takes
// one. That is about 2,000 keys.
const maxMegabytes = 4

// MaxGroups bounds the rows of an answer, which are held in memory at some 400 bytes each.
const MaxGroups = 100_000

// Faults of one answer.
var (
	// ErrTooManyKeys is the fault of an answer that would read more.
	ErrTooManyKeys = fault.New(fault.Invalid, "too_many_keys", "More keys were used than can be compared here. Download the report, or look at a shorter time.")
	// ErrTooManyGroups is the fault of an answer that would hold more.
	ErrTooManyGroups = fault.New(fault.Invalid, "too_many_groups", "More was used than can be compared here. Look at a shorter time.")
)

// Answers answers a query by several groupings, from one reading: each by the dimensions
// that stand at its place in by. It needs analytics:read. It costs at most what
// maxMegabytes says: what is not known then, or not kept, is an error of its answer.
func (r Reporter) Answers(ctx context.Context, actor authz.Actor, q Query, by ...[]Dim) ([]Answer, error) {
	if err := authz.CheckOrg(actor, authz.AnalyticsRead); err != nil {
		return nil, err
	}
	answers, groupings := make([]Answer, len(by)), make([]*grouping, len(by))
	for i, dims := range by {
		one := q
		one.GroupBy = dims
		one, err := one.clean(r.Now())
		if err != nil && err != error(ErrUnkept) { // its code is that of every bad field
			return nil, err
		}
		answers[i] = Answer{Report{Query: one}, err}
		if err == nil {
			groupings[i] = newGrouping(one, MaxGroups)
		}
	}
	whole, err := r.gather(ctx, actor.OrgID, answers[0].Query, groupings)
	for i, g := range groupings {
		switch {
		case g == nil:
		case slices.Contains(whole, false) && g.q.part() != OfDays:
			answers[i].Err = ErrTooManyKeys
		case g.tooLarge():
			answers[i].Err = ErrTooManyGroups
		default:
			answers[i].Rows, answers[i].Total = g.list(), g.total
		}
	}
	return answers, err
}

// gather reads the months of a query at the same time, and adds what it finds to all
// groupings.
func (r Reporter) gather(ctx context.Context, orgID string, q Query, groupings []*grouping) (whole []bool, err error) {
	months := q.months()
	return r.eachMonthSum(ctx, orgID, months, max(1, maxMegabytes/len(months)), func(p Part, s Sum) {
		for _, g := range groupings {
			if g != nil && g.q.part() == p {
				g.add(s)
			}
		}
	})
}

// eachMonthSum reads months at the same time, as EachMonthSum does, and visits one sum after
// the other. It reports of each month whether that were all of its sums.
func (r Reporter) eachMonthSum(ctx context.Context, orgID string, months []time.Time, megabytes int, visit func(Part, Sum)) ([]bool, error) {
	var (
		mu sync.Mutex
		wg sync.WaitGroup
	)
	whole, errs := make([]bool, len(months)), make([]error, len(months))
	for i, month := range months {
		wg.Go(func() {
			whole[i], errs[i] = r.Store.EachMonthSum(ctx, orgID, month, megabytes, func(p Part, s Sum) {
				mu.Lock()
				defer mu.Unlock()
				visit(p, s)
			})
		})
	}
	wg.Wait()
	return whole, errors.Join(errs...)
}

// months are those that the query is about.
func (q Query) months() (months []time.Time) {
	for month := firstOfMonth(q.From); month.Before(q.To); month = month.AddDate(0, 1, 0) {
		months = append(months, month)
	}
	return months
}

// part says which sums answer the query the cheapest.
func (q Query) part() Part {
	switch {
	case q.aboutPeople() && q.aboutModels():
		return ByModel
	case q.aboutPeople():
		return ByDay
	default:
		return OfDays
	}
}

// Label is what a thing is called.
type Label struct {
	Name, Email string          // Email of people
	There       bool            // it is not gone
	Budget      *budgets.Budget // of the subject, if it has one
}

// Labels returns what a subject and others are called, those that are gone too, and the
// subject's budget as it stands now. What never was has an empty label. Without a subject it
// is of the others alone. It needs analytics:read and budgets:read.
func (r Reporter) Labels(ctx context.Context, actor authz.Actor, subject budgets.Ref, others []budgets.Ref) (map[budgets.Ref]Label, error) {
	for _, p := range []authz.Permission{authz.AnalyticsRead, authz.BudgetsRead} {
		if err := authz.CheckOrg(actor, p); err != nil {
			return nil, err
		}
	}
	others = slices.DeleteFunc(slices.Clone(others), func(ref budgets.Ref) bool { return ref.ID == "" })
	labels, err := r.Store.Labels(ctx, actor.OrgID, subject, others)
	if b := labels[subject].Budget; b != nil {
		*b = b.At(r.Now())
	}
	return labels, err
}
