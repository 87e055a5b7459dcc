package model

import (
	"fmt"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// row is one of those that are invited at once.
type row struct{ email, role, teamID string }

// inviteMany invites some at once: good rows succeed whatever becomes of the others. Asked
// for again with its key, it tells of those that it made, and tries the others once more.
func (s *story) inviteMany() {
	by := s.anyone("invitations:manage")
	var rows []row
	for range 1 + s.draw("more rows", 4) {
		r := row{email: pick(s, "address", append([]string{"no address"}, people...)), role: s.anyRole()}
		if s.draw("to a team", 4) == 3 {
			r.teamID = s.anyTeam(by)
		}
		rows = append(rows, r)
	}
	key := ""
	if s.draw("again", 3) == 2 {
		key = s.freshKey()
	}
	defer s.withMail()()
	before := make([]*invitation, len(rows))
	s.inviteRows(by, rows, key, before)
	if key != "" {
		s.inviteRows(by, rows, key, before)
	}
}

// inviteRows makes the call, in which those that are made already stay as they are.
func (s *story) inviteRows(by *credential, rows []row, key string, before []*invitation) {
	verdicts, due := s.judgeRows(by, rows, before)
	var sent []apitest.Map
	for _, r := range rows {
		one := apitest.Map{"email": r.email, "role": r.role}
		if r.teamID != "" {
			one["team_id"] = r.teamID
		}
		sent = append(sent, one)
	}
	r := s.attempt(step{
		by: by, method: "POST", path: "/v1/invitations/bulk", body: apitest.Map{"invitations": sent},
		want: func() answer { _, a := s.allowed(by, "invitations:manage"); return a },
	}, key)
	if r.Status != 200 {
		return
	}
	for _, i := range due {
		s.expire(i)
	}
	for n, want := range verdicts {
		result := r.Row(n)
		got := answerOf(result)
		s.unless(got == want, "row %d of %v is answered %v, and should be %v", n, rows, got, want)
		switch {
		case before[n] != nil:
			s.unless(result.Get("id") == before[n].id, "row %d was made twice", n)
		case want == made:
			before[n] = s.invited(by, rows[n].email, rows[n].role, rows[n].teamID, result)
		}
	}
	s.same(r, "created", fmt.Sprint(countOf(verdicts, made)), "failed", fmt.Sprint(len(rows)-countOf(verdicts, made)))
}

func countOf(all []answer, one answer) (n int) {
	for _, a := range all {
		if a == one {
			n++
		}
	}
	return n
}

// judgeRows says what becomes of each row, and which invitations that were due made way. Of
// several to one address the first has its turn, and the next only when it failed. Those
// that must wait, for what is due to make way or for their mail to be given up, come after
// those that need not.
func (s *story) judgeRows(by *credential, rows []row, before []*invitation) (verdicts []answer, due []*invitation) {
	verdicts = make([]answer, len(rows))
	actor, a := s.allowed(by, "invitations:manage")
	if a != fine {
		return verdicts, nil
	}
	var open []int
	for n, r := range rows {
		switch {
		case before[n] != nil:
			verdicts[n] = made
		case r.email == "no address" || !isRole(r.role):
			verdicts[n] = invalid
		case !canGrant(actor.role, r.role):
			verdicts[n] = tooHigh
		default:
			open = append(open, n)
		}
	}
	room := invitesPerOrg - actor.org.mailed["all "+s.day()]
	expired, silent := map[string]bool{}, map[int]bool{}
	for len(open) > 0 {
		var later []int
		seen, taken := map[string]bool{}, map[string]bool{}
		for _, n := range open {
			r := rows[n]
			if seen[r.email] {
				continue
			}
			seen[r.email] = true
			own, blocking := s.mayInvite(by, r.email, r.role, r.teamID)
			switch {
			case own != made && !(own == tooOften && s.orgLimit(actor.org) && !s.toLimit(actor.org, r.email)):
				verdicts[n] = own
			case blocking != nil && !expired[r.email]:
				expired[r.email] = true
				due = append(due, blocking)
				later = append(later, n)
			case s.suppressed[r.email] && !silent[n]:
				silent[n] = true
				later = append(later, n)
			case room <= 0:
				verdicts[n] = tooOften
			default:
				room--
				taken[r.email] = true
				verdicts[n] = made
			}
		}
		first := map[string]bool{}
		for _, n := range open {
			switch email := rows[n].email; {
			case !first[email]:
				first[email] = true
			case taken[email]:
				verdicts[n] = exists
			default:
				later = append(later, n)
			}
		}
		open = later
	}
	return verdicts, due
}
