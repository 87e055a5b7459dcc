package store

// What the partition keys of items begin with. Keys are made from these and from nothing
// else, so that the deployment can grant each function the partitions that it needs.
const (
	Users       = "USER@"
	Links       = "LINK#"
	Sessions    = "USER#"
	Slugs       = "SLUG#"
	Secrets     = "SECRET#"
	KeyIDs      = "KEYID#"
	Receipts    = "ONCE#"
	Mails       = "MAILS#"
	Requests    = "REQUESTS#"
	Gateway     = "GATEWAY"
	Suppressed  = "SUPPRESSED#"
	Orgs        = "ORG#"
	AuditPrefix = "AUDIT#"
	Spend       = "SPEND#"
	Events      = "EVENT#"
	Closed      = "CLOSED#"
)
