package store

import (
	"context"
	"strconv"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/names"
	"github.com/nemorouter/nemo-team/internal/page"
)

// memberRow is a member as stored.
type memberRow struct {
	members.Member
	inTeam
	ofKind
	named
}

// addressRow says what an address is in an org.
type addressRow struct {
	Is string `json:"is"` // isMember or isInvited
	ID string `json:"id"` // of the user or of the invitation
}

const (
	isMember  = "member"
	isInvited = "invited"
)

// seat writes a membership.
func (t tenant) seat(m members.Member) write {
	return insert(t.member(m.UserID), memberRow{
		Member: m,
		inTeam: inTeam{t.group(memberGroup, "TEAM", m.TeamID), teamSort(m.Role, m.Email)},
		ofKind: ofKind{t.group(memberGroup, string(m.Role)), m.Email},
		named:  t.named(m.Name, m.Email),
	}).otherwise(members.ErrAlreadyMember)
}

// teamSort orders a team by role, then by address.
func teamSort(r authz.Role, email string) string { return strconv.Itoa(r.Rank()) + "#" + email }

func (t tenant) named(name, email string) named {
	if name == "" {
		return named{}
	}
	return named{t.group(memberGroup), names.Fold(name) + "#" + email}
}

// giveRole is the part of an update that changes a member's role.
const giveRole = "SET #role = :role, team_sort = :team_sort, kind_key = :kind"

func (t tenant) roleValues(m members.Member, r authz.Role) values {
	return values{"role": r, "team_sort": teamSort(r, m.Email), "kind": t.group(memberGroup, string(r))}
}

// Member returns a member, or fault.ErrNotFound.
func (s *Store) Member(ctx context.Context, orgID, userID string) (members.Member, error) {
	return fetch[members.Member](ctx, s, tenant(orgID).member(userID), fault.ErrNotFound)
}

// Members returns members: all in the order in which they became users, those of a team by
// role and address, those of a role by address, those that a query finds by name and then
// by address.
func (s *Store) Members(ctx context.Context, orgID string, f members.Filter, p page.Request) (page.Of[members.Member], error) {
	return list(ctx, s, p, memberListings(tenant(orgID), f), decodeAs[members.Member])
}

func memberListings(t tenant, f members.Filter) []listing {
	switch {
	case f.Query != "":
		return searchListings(t, f)
	case f.TeamID != "":
		l := t.indexed(byTeam, t.group(memberGroup, "TEAM", f.TeamID))
		if f.Role != "" {
			l.prefix = teamSort(f.Role, "")
		}
		return []listing{l}
	case f.Role != "":
		return []listing{t.indexed(byKind, t.group(memberGroup, string(f.Role)))}
	default:
		return []listing{t.all(memberPrefix)}
	}
}

// searchListings finds names that begin with the query, then addresses that do, each
// member once.
func searchListings(t tenant, f members.Filter) []listing {
	query := names.Fold(f.Query)
	named := t.indexed(byName, t.group(memberGroup))
	named.prefix = query
	narrow(&named, f)
	chain := []listing{named}
	for _, role := range authz.Roles() {
		if f.Role != "" && f.Role != role {
			continue
		}
		addresses := t.indexed(byKind, t.group(memberGroup, string(role)))
		addresses.prefix = query
		addresses.drop("(attribute_not_exists(name_sort) OR NOT begins_with(name_sort, :query))", "query", query)
		narrow(&addresses, members.Filter{TeamID: f.TeamID})
		chain = append(chain, addresses)
	}
	return chain
}

// narrow drops members of other teams and roles.
func narrow(l *listing, f members.Filter) {
	if f.TeamID != "" {
		l.drop("team_id = :team", "team", f.TeamID)
	}
	if f.Role != "" {
		l.drop("#role = :role", "role", f.Role)
	}
}

// indexed lists a group of an index over the org's items.
func (t tenant) indexed(i index, group string) listing {
	return listing{partition: t.org().PK, index: i, group: group, values: values{}}
}
