// Package store keeps everything in one DynamoDB table. This file is its map.
//
//	item            pk                 sk                indexes                            TTL   read by
//	──────────────  ─────────────────  ────────────────  ─────────────────────────────────  ────  ──────────────────────────
//	user + claim    USER@<address>     USER              –                                  –     sign-in, sign-up, accept
//	link            LINK#<hash>        LINK              –                                  yes   sign-in, sign-up
//	session         USER#<user>        SESSION#<id>      –                                  yes   authentication, own list
//	slug            SLUG#<slug>        SLUG              –                                  –     sign-up, dashboard
//	key secret      SECRET#<hash>      SECRET            –                                  yes¹  authentication, gateway
//	key id          KEYID#<id>         KEYID             –                                  –     spend
//	receipt         ONCE#<scope>       <key>#<row>       –                                  yes   repeated calls
//	request count   REQUESTS#<key>     <minute>          –                                  yes   gateway
//	gateway tokens  GATEWAY            TOKENS            –                                  –     gateway
//	mail limit      MAILS#<who>        <hour>            –                                  yes   sign-in, sign-up
//	suppression     SUPPRESSED#<addr>  SUPPRESSED        –                                  –     whatever sends mail
//	org             ORG#<org>          ORG               byDue                              –     authentication
//	team            ORG#<org>          TEAM#<id>         –                                  –     teams, accept
//	member          ORG#<org>          MEMBER#<user>     byTeam, byKind (role), byName      –     authentication, members
//	address         ORG#<org>          ADDRESS#<addr>    –                                  –     invite, accept
//	invitation      ORG#<org>          INVITE#<id>       byKind (status), byDue             –     invitations, accept, sweep
//	key             ORG#<org>          KEY#<id>          byKind (state), byTeam, byUser     –     keys
//	budget          ORG#<org>          BUDGET#<s>#<id>   byDue                              –     verify, ingest, budgets, sweep
//	notice          ORG#<org>          NOTICE#<id>       byDue                              –     sweep
//	reservation     ORG#<org>          RESERVE#<id>      –                                  yes   ingest
//	ledger entry    ORG#<org>          LEDGER#<id>       –                                  –     billing
//	daily limit     ORG#<org>          LIMIT#<what>#<d>  –                                  yes   invite, resend
//	tombstone       ORG#<org>          GONE#<id>         –                                  –     names in reports
//	audit entry     AUDIT#<org>        <id>              byUser (actor), byKind (action),   –     audit
//	                                                     byTarget
//	spend event     EVENT#<org>#<b>    <event id>        –                                  yes   spend, reconciling
//	closed months   CLOSED#<org>       CLOSED            –                                  –     billing, budgets
//	spend of a key  SPEND#<org>#<m>    KEY#<id>#<n>      –                                  –     reports
//	spend of a day  SPEND#<org>#<m>    DAY#<d>#<s>#<n>   –                                  –     reports
//
// ¹ once another secret has replaced it
//
// Two rows carry the rules that span people. The user row, one per address, holds the
// claim: its org_id is the one org that the user is in, and is only ever set while it is
// absent. The address row, one per org and address, says what the address is there: a
// member or a pending invitation, never both, never two.
//
// Whatever belongs to a tenant has its key made by a method of tenant, so no key of an
// org can be made without holding that org's id. No key is spelled anywhere else.
package store

import (
	"fmt"
	"hash/fnv"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
)

// key addresses one item.
type key struct {
	PK string `json:"pk"`
	SK string `json:"sk"`
}

// The longest keys that DynamoDB takes, in bytes.
const (
	maxHash = 2048
	maxKey  = 1024 // sort keys
)

// fits reports whether an item can have the key. One made from what a caller made up may be
// too long: nothing has it, and DynamoDB refuses to look.
func (k key) fits() bool { return len(k.PK) <= maxHash && len(k.SK) <= maxKey }

func userKey(address string) key        { return key{Users + address, "USER"} }
func linkKey(hash string) key           { return key{Links + hash, "LINK"} }
func slugKey(slug string) key           { return key{Slugs + slug, "SLUG"} }
func secretKey(hash string) key         { return key{Secrets + hash, "SECRET"} }
func suppressionKey(address string) key { return key{Suppressed + address, "SUPPRESSED"} }
func keyIDKey(id string) key            { return key{KeyIDs + id, "KEYID"} }
func onceKey(scope, row string) key     { return key{Receipts + scope, row} }

func sessionKey(userID, id string) key { return key{Sessions + userID, sessionPrefix + id} }

// mailsKey counts the mails that who has caused in the hour of now.
func mailsKey(who string, now time.Time) key {
	return key{Mails + who, now.UTC().Format("2006-01-02T15")}
}

// requestsKey counts the requests with a key in the minute of now.
func requestsKey(keyID string, now time.Time) key {
	return key{Requests + keyID, now.UTC().Format("2006-01-02T15:04")}
}

var gatewayKey = key{Gateway, "TOKENS"}

// tenant is the handle to one org's items.
type tenant string

func (t tenant) key(sk string) key { return key{Orgs + string(t), sk} }

func (t tenant) org() key                   { return t.key(orgSK) }
func (t tenant) team(id string) key         { return t.key(teamPrefix + id) }
func (t tenant) member(userID string) key   { return t.key(memberPrefix + userID) }
func (t tenant) address(address string) key { return t.key("ADDRESS#" + address) }
func (t tenant) invitation(id string) key   { return t.key(invitationPrefix + id) }
func (t tenant) virtualKey(id string) key   { return t.key(keyPrefix + id) }
func (t tenant) budget(r budgets.Ref) key   { return t.key(budgetPrefix + string(r.Scope) + "#" + r.ID) }
func (t tenant) reservation(id string) key  { return t.key("RESERVE#" + id) }
func (t tenant) notice(id string) key       { return t.key(noticePrefix + id) }
func (t tenant) ledger(id string) key       { return t.key(ledgerPrefix + id) }
func (t tenant) limit(what, day string) key { return t.key("LIMIT#" + what + "#" + day) }
func (t tenant) gone(id string) key         { return t.key("GONE#" + id) }

func (t tenant) closed() key { return key{Closed + string(t), "CLOSED"} }

func (t tenant) audit(id string) key { return key{AuditPrefix + string(t), id} }

// event is where the marker of an event lies. An org's events spread over eventBuckets
// partitions, so that none takes all writes, and each can still be found.
func (t tenant) event(id string) key { return t.eventIn(bucket(id), id) }

func (t tenant) eventIn(bucket int, id string) key {
	return key{fmt.Sprintf("%s%s#%d", Events, t, bucket), id}
}

const eventBuckets = 64

func bucket(id string) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % eventBuckets)
}

// keySpend and daySpend begin the keys of sums: of one key in a month, and of one day.
// What follows is the number of the row; see sheet.
func (t tenant) keySpend(month, keyID string) key { return t.spend(month, keySpendPrefix+keyID) }
func (t tenant) daySpend(month string, day, shard int) key {
	return t.spend(month, fmt.Sprintf("%s%02d#%02d", daySpendPrefix, day, shard))
}
func (t tenant) spend(month, sk string) key { return key{Spend + string(t) + "#" + month, sk} }

const (
	orgSK            = "ORG"
	teamPrefix       = "TEAM#"
	memberPrefix     = "MEMBER#"
	invitationPrefix = "INVITE#"
	keyPrefix        = "KEY#"
	sessionPrefix    = "SESSION#"
	budgetPrefix     = "BUDGET#"
	noticePrefix     = "NOTICE#"
	ledgerPrefix     = "LEDGER#"
	keySpendPrefix   = "KEY#"
	daySpendPrefix   = "DAY#"
)

// An index is named for its question. Its two attributes are on the items that it holds,
// and on no others.
type index struct{ name, hash, sort string }

var (
	byTeam   = index{"byTeam", "team_key", "team_sort"}       // who and what is in a team?
	byKind   = index{"byKind", "kind_key", "kind_sort"}       // what has this role, status, state, action?
	byName   = index{"byName", "name_key", "name_sort"}       // whose name starts so?
	byUser   = index{"byUser", "user_key", "user_sort"}       // what is, or was done, by a user?
	byTarget = index{"byTarget", "target_key", "target_sort"} // what was done to a thing?
	byDue    = index{"byDue", "due_shard", "due_at"}          // what must the sweep look at, and when?
)

// inTeam puts an item into byTeam.
type inTeam struct {
	TeamKey  string `json:"team_key,omitempty"`
	TeamSort string `json:"team_sort,omitempty"`
}

// ofKind puts an item into byKind.
type ofKind struct {
	KindKey  string `json:"kind_key,omitempty"`
	KindSort string `json:"kind_sort,omitempty"`
}

// named puts an item into byName.
type named struct {
	NameKey  string `json:"name_key,omitempty"`
	NameSort string `json:"name_sort,omitempty"`
}

// ofUser puts an item into byUser.
type ofUser struct {
	UserKey  string `json:"user_key,omitempty"`
	UserSort string `json:"user_sort,omitempty"`
}

// aboutTarget puts an item into byTarget.
type aboutTarget struct {
	TargetKey  string `json:"target_key,omitempty"`
	TargetSort string `json:"target_sort,omitempty"`
}

// group is the hash key of an index: the things of one sort in one org, or of a part of it.
func (t tenant) group(parts ...string) string {
	s := string(t)
	for _, p := range parts {
		s += "#" + p
	}
	return s
}

// The sorts of things in groups.
const (
	memberGroup     = "MEMBER"
	invitationGroup = "INVITE"
	keyGroup        = "KEY"
	auditGroup      = "AUDIT"
)
