package apitest

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Row is one item as it lies in the table, keys and all.
type Row map[string]any

// Text returns an attribute as text, or "".
func (r Row) Text(name string) string { s, _ := r[name].(string); return s }

// Number returns an attribute as a number, or 0.
func (r Row) Number(name string) int { n, _ := r[name].(float64); return int(n) }

// Time returns an attribute as a time; 1970 when it is missing.
func (r Row) Time(name string) time.Time { return time.UnixMicro(int64(r.Number(name))).UTC() }

// Map returns an attribute that is a map; nil when it is missing.
func (r Row) Map(name string) Row { m, _ := r[name].(map[string]any); return m }

// Has reports whether the row has the attribute.
func (r Row) Has(name string) bool { return r[name] != nil }

// Rows reads the whole table, around whatever is wrong with the wire.
func (w *World) Rows() []Row {
	w.Helper()
	var rows []Row
	pages := dynamodb.NewScanPaginator(client(w.Wire.beside()), &dynamodb.ScanInput{TableName: &w.Table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(context.Background())
		if err != nil {
			w.Fatal(err)
		}
		var page []Row
		if err := attributevalue.UnmarshalListOfMaps(out.Items, &page); err != nil {
			w.Fatal(err)
		}
		rows = append(rows, page...)
	}
	return rows
}

// Books are a table's rows, sorted by what they are. They are read from the keys alone,
// and know nothing of the program.
type Books struct {
	Users    map[string]Row // by address
	Slugs    map[string]Row
	Secrets  map[string]Row // of keys, by hash
	Sessions map[string]Row // by hash
	Orgs     map[string]*OrgBooks
}

// OrgBooks are the rows of one org.
type OrgBooks struct {
	Row         Row
	Teams       map[string]Row
	Members     map[string]Row // by user
	Addresses   map[string]Row
	Invitations map[string]Row
	Keys        map[string]Row
	Ledger      map[string]Row
	Gone        map[string]Row // tombstones
	Budgets     map[string]Row // by scope and id, as in "team#…"
	Events      map[string]Row
	Sums        []Row
	Audit       []Row
}

// Books reads and sorts the table.
func (w *World) Books() Books {
	w.Helper()
	return sorted(w.Rows())
}

func sorted(rows []Row) Books {
	b := Books{map[string]Row{}, map[string]Row{}, map[string]Row{}, map[string]Row{}, map[string]*OrgBooks{}}
	for _, r := range rows {
		kind, id := cut(r.Text("pk"))
		switch kind {
		case "USER@":
			b.Users[id] = r
		case "SLUG#":
			b.Slugs[id] = r
		case "SECRET#":
			b.Secrets[id] = r
		case "USER#":
			b.Sessions[r.Text("hash")] = r
		case "ORG#":
			b.org(id).add(r)
		case "EVENT#":
			org, _ := cut(id)
			b.org(strings.TrimSuffix(org, "#")).Events[r.Text("sk")] = r
		case "SPEND#":
			org, _ := cut(id)
			o := b.org(strings.TrimSuffix(org, "#"))
			o.Sums = append(o.Sums, r)
		case "AUDIT#":
			b.org(id).Audit = append(b.org(id).Audit, r)
		}
	}
	return b
}

func (b Books) org(id string) *OrgBooks {
	if b.Orgs[id] == nil {
		b.Orgs[id] = &OrgBooks{
			Teams: map[string]Row{}, Members: map[string]Row{}, Addresses: map[string]Row{},
			Invitations: map[string]Row{}, Keys: map[string]Row{}, Ledger: map[string]Row{},
			Gone: map[string]Row{}, Budgets: map[string]Row{}, Events: map[string]Row{},
		}
	}
	return b.Orgs[id]
}

func (o *OrgBooks) add(r Row) {
	if r.Text("sk") == "ORG" {
		o.Row = r
		return
	}
	kind, id := cut(r.Text("sk"))
	if m := map[string]map[string]Row{
		"TEAM#": o.Teams, "MEMBER#": o.Members, "ADDRESS#": o.Addresses,
		"INVITE#": o.Invitations, "KEY#": o.Keys, "LEDGER#": o.Ledger,
		"GONE#": o.Gone, "BUDGET#": o.Budgets,
	}[kind]; m != nil {
		m[id] = r
	}
}

// cut splits a key behind its first # or @.
func cut(key string) (kind, id string) {
	if i := strings.IndexAny(key, "#@"); i >= 0 {
		return key[:i+1], key[i+1:]
	}
	return key, ""
}

// Entries counts the org's audit entries of an action, about the targets if any are given.
func (o *OrgBooks) Entries(action string, targets ...string) int {
	n := 0
	for _, e := range o.Audit {
		target, _ := e["target"].(map[string]any)
		if e.Text("action") == action && (len(targets) == 0 || contains(targets, target["id"])) {
			n++
		}
	}
	return n
}

func contains(texts []string, v any) bool {
	for _, s := range texts {
		if s == v {
			return true
		}
	}
	return false
}
