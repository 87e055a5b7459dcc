package main

import (
	"time"

	"github.com/nemorouter/nemo-team/internal/store"
)

// rows are all functions. Every function, route, grant, variable and alarm of the deployment
// comes from a row, and from the part that internal/catalog names for it: that gives the
// routes, which are the ones that the local server mounts.
var rows = []row{
	{name: "signup", on: requests, memory: 512, timeout: answer, env: mailing, table: may{
		get: {orgs, links}, batchGet: {users, suppressed}, query: {receipts}, put: {users, orgs, slugs, links, sessions, receipts, audit}, update: {mails}, remove: {links}}},
	{name: "sessions", on: requests, memory: 512, timeout: answer, env: mailing, table: caller.and(may{
		get: {users, orgs, links}, batchGet: {users, suppressed}, query: {sessions}, put: {links, sessions, audit}, update: {users, orgs, mails}, remove: {links, sessions}, check: {orgs}})},
	{name: "org", on: requests, memory: 512, timeout: answer, env: mailing, table: caller.and(may{
		get: {orgs}, batchGet: {suppressed}, query: {orgs, receipts}, put: {orgs, slugs, receipts, audit}, update: {orgs}, remove: {orgs, slugs}, check: {orgs}})},
	{name: "members", on: requests, memory: 512, timeout: answer, env: mailing, indexes: names{"byTeam", "byKind", "byName"}, table: caller.and(may{
		get: {orgs}, batchGet: {suppressed}, query: {orgs}, put: {orgs, audit}, update: {users, orgs}, remove: {orgs}, check: {orgs}})},
	{name: "invite", on: requests, memory: 512, timeout: answer, env: inviting, indexes: names{"byKind"}, table: caller.and(may{
		get: {orgs}, query: {orgs, receipts}, put: {orgs, receipts, audit}, update: {orgs}, remove: {orgs}, check: {orgs, suppressed}})},
	{name: "accept", on: requests, memory: 512, timeout: answer, env: serving, table: may{
		get: {orgs}, batchGet: {orgs}, query: {receipts}, put: {users, orgs, sessions, receipts, audit}, update: {orgs}, remove: {orgs}, check: {orgs}}},
	{name: "keys", on: requests, memory: 512, timeout: answer, env: minting, indexes: names{"byUser", "byTeam", "byKind"}, table: caller.and(may{
		get: {orgs}, batchGet: {spend}, query: {orgs, receipts}, put: {orgs, secrets, keyIDs, receipts, audit}, update: {orgs, secrets}, check: {orgs}})},
	{name: "budgets", on: requests, memory: 512, timeout: answer, env: serving, table: caller.and(may{
		get: {orgs, closed}, query: {orgs, spend}, put: {orgs, audit}, update: {orgs}, remove: {orgs}, check: {orgs}})},
	{name: "verify", on: requests, memory: 512, timeout: answer, env: judging, table: may{
		get: {orgs, closed}, batchGet: {gateway, secrets, orgs}, query: {orgs, spend}, put: {orgs}, update: {counts, orgs}}},
	{name: "ingest", on: requests, memory: 512, timeout: answer, env: mailing, indexes: names{"byKind"}, table: may{
		get: {gateway, orgs}, batchGet: {gateway, secrets, keyIDs, orgs, suppressed}, query: {receipts},
		put: {events, orgs, receipts, audit}, update: {spend, orgs}, remove: {orgs}, check: {orgs}}},
	{name: "reports", on: requests, memory: 512, timeout: answer, env: judging, indexes: names{"byUser", "byKind", "byTarget"}, table: caller.and(may{
		get: {orgs, closed}, batchGet: {orgs}, query: {orgs, spend, audit}})},
	{name: "dashboard", on: requests, memory: 512, timeout: answer, env: inviting.and("NEMO_PREPAID", "NEMO_KEY_PREFIX"), indexes: names{"byTeam", "byKind", "byName", "byUser", "byTarget"}, table: may{
		get: {users, orgs, links, closed}, batchGet: {users, sessions, orgs, spend, suppressed}, query: {sessions, orgs, spend, audit},
		put: {users, orgs, slugs, links, sessions, secrets, keyIDs, receipts, audit}, update: {users, orgs, secrets, mails},
		remove: {orgs, slugs, links, sessions}, check: {orgs, suppressed}}},
	{name: "docs", on: requests, memory: 256, timeout: answer, env: serving},
	{name: "expire", on: schedule, memory: 512, timeout: 290 * time.Second, env: mailing, indexes: names{"byDue", "byKind"}, table: may{
		get: {orgs, closed}, batchGet: {orgs, suppressed}, query: {orgs, spend}, put: {orgs, audit}, update: {users, orgs}, remove: {orgs, slugs, secrets, keyIDs, spend, closed}}},
	{name: "reconcile", on: daily, memory: 512, timeout: 900 * time.Second, env: names{"NEMO_TABLE"}, table: may{
		scan: {everything}, get: {orgs, closed}, query: {spend, events}, update: {closed}}},
	{name: "feedback", on: bounces, memory: 256, timeout: 30 * time.Second, env: names{"NEMO_TABLE", "NEMO_FEEDBACK_TOPIC"}, table: may{
		update: {orgs, suppressed}}},
}

// row is one function. Its name is that of its folder, its binary, its construct and its
// sample event.
type row struct {
	name    string
	on      trigger
	memory  int           // MiB; processing power comes with it
	timeout time.Duration // what takes longer is ended
	env     names         // the variables that it reads, as internal/wiring names them
	table   may           // the actions on items, one by one
	indexes names         // those that it queries
}

// trigger is what a function runs on.
type trigger int

const (
	requests trigger = iota
	schedule         // the clock, every few minutes
	daily            // the clock, once a day
	bounces          // and complaints, from SES through SNS
)

// answer is how long a request may take: longer than the handlers' own deadline of 20 s,
// shorter than API Gateway's 30 s.
const answer = 25 * time.Second

// may are actions on items of the table, each with the partitions that it may touch. A
// transaction needs the actions of its parts.
type may map[string][]string

const (
	get      = "GetItem"
	batchGet = "BatchGetItem"
	query    = "Query"
	put      = "PutItem"
	update   = "UpdateItem"
	remove   = "DeleteItem"
	check    = "ConditionCheckItem"
	scan     = "Scan" // of the whole table: IAM cannot hold it to partitions
)

// caller is how a request's caller is found: by a key, or by a session.
var caller = may{get: {secrets}, batchGet: {sessions, orgs}}

// Partitions, as the map in internal/store/table.go names them.
const (
	users      = store.Users
	links      = store.Links
	sessions   = store.Sessions
	slugs      = store.Slugs
	secrets    = store.Secrets
	receipts   = store.Receipts
	mails      = store.Mails
	counts     = store.Requests
	gateway    = store.Gateway
	suppressed = store.Suppressed
	orgs       = store.Orgs
	keyIDs     = store.KeyIDs
	spend      = store.Spend
	events     = store.Events
	closed     = store.Closed
	everything = ""
	audit      = store.AuditPrefix
)

type names []string

// Variables that go together.
var (
	serving  = names{"NEMO_TABLE", "NEMO_PUBLIC_URL"}
	judging  = serving.and("NEMO_PREPAID")
	minting  = serving.and("NEMO_KEY_PREFIX")
	mailing  = serving.and("NEMO_MAIL_FROM", "NEMO_SES_CONFIGURATION_SET")
	inviting = mailing.and("NEMO_INVITATION_TTL", "NEMO_INVITATIONS_PER_DAY_NEW", "NEMO_INVITATIONS_PER_DAY")
)
