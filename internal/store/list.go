package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/page"
)

// listing is a range of items in the order of their sort key: of one partition of the
// table, or of one group of an index.
type listing struct {
	partition string // of the items in the table, for indexes too
	index     index  // the zero index is the table itself
	group     string // the index's hash key
	prefix    string // of the sort key
	from, to  string // bounds of the sort key, if there is no prefix: from ≤ key < to
	newest    bool   // descending
	filter    string // drops items after they were read; names with #, values with :
	values    values
}

// maxReads bounds the round trips behind one page: where a filter drops almost everything,
// a page may come up short, with a cursor to go on.
const maxReads = 8

// position is where a page ended: in which listing of the chain, at which keys. It holds
// sort keys only; the rest comes from the caller's own listing, so that no cursor, forged
// or not, leads into another org.
type position struct {
	Phase int    `json:"p"`
	Sort  string `json:"s"`
	Index string `json:"i,omitempty"`
}

// list returns one page of a chain of listings, one after the other.
func list[T any](ctx context.Context, s *Store, p page.Request, chain []listing, as func(attributes) (T, error)) (page.Of[T], error) {
	at, err := parseCursor(p.Cursor, chain)
	if err != nil {
		return page.Of[T]{}, err
	}
	var out page.Of[T]
	r := chainReader{store: s, chain: chain}
	most := cmp.Or(p.Reads, maxReads)
	for at.Phase < len(chain) {
		l := chain[at.Phase]
		if l.void() {
			at = position{Phase: at.Phase + 1}
			continue
		}
		if r.trips == most && !r.has(at) {
			out.Next = at.cursor()
			break
		}
		read := r.read(ctx, at, p.Limit-len(out.Data)+1)
		if read.err != nil {
			return page.Of[T]{}, read.err
		}
		for _, item := range read.items {
			if len(out.Data) == p.Limit { // this one is beyond the page: there is a next one
				out.Next = at.cursor()
				return out, nil
			}
			row, err := as(item)
			if err != nil {
				return page.Of[T]{}, err
			}
			out.Data = append(out.Data, row)
			at = l.after(at.Phase, item)
		}
		if read.last == nil {
			at = position{Phase: at.Phase + 1}
		} else {
			at = l.after(at.Phase, read.last)
		}
	}
	return out, nil
}

// rows are what a read of a listing found, and the last item that it read if there are more.
type rows struct {
	items []attributes
	last  attributes
	err   error
}

// chainReader reads a chain of listings. When the first has filled no page, it begins all others
// at once: they are likely to be short, and to be needed together.
type chainReader struct {
	store *Store
	chain []listing
	begun []rows // the beginnings of listings after the first
	trips int    // that were waited for
}

func (r *chainReader) read(ctx context.Context, at position, want int) rows {
	if r.has(at) {
		return r.begun[at.Phase]
	}
	r.trips++
	if at.Sort != "" || at.Phase == 0 {
		return r.store.query(ctx, r.chain[at.Phase], at, want)
	}
	r.begin(ctx, at.Phase, want)
	return r.begun[at.Phase]
}

// has reports whether what is at the position was read already.
func (r *chainReader) has(at position) bool {
	return r.begun != nil && at.Sort == "" && at.Phase > 0
}

func (r *chainReader) begin(ctx context.Context, phase, want int) {
	r.begun = make([]rows, len(r.chain))
	var wg sync.WaitGroup
	for n := phase; n < len(r.chain); n++ {
		if !r.chain[n].void() {
			wg.Go(func() { r.begun[n] = r.store.query(ctx, r.chain[n], position{Phase: n}, want) })
		}
	}
	wg.Wait()
}

// query reads once from l, after at, until about want items passed the filter.
func (s *Store) query(ctx context.Context, l listing, at position, want int) rows {
	if l.filter != "" {
		want = max(want, page.MaxLimit) // most of what is read may be dropped
	}
	in := l.input(s.table, at)
	in.Limit = aws.Int32(int32(want))
	out, err := s.db.Query(ctx, in)
	if err != nil {
		return rows{err: asFault(err)}
	}
	return rows{items: out.Items, last: out.LastEvaluatedKey}
}

func (l listing) input(table string, at position) *dynamodb.QueryInput {
	hash, sort := l.keyNames()
	condition, vals := l.keyCondition()
	names := map[string]string{"#hash": hash, "#sort": sort}
	collectNames(l.filter, nil, names)
	in := &dynamodb.QueryInput{
		TableName:                 &table,
		KeyConditionExpression:    &condition,
		FilterExpression:          optional(l.filter),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: vals.encode(),
		ScanIndexForward:          aws.Bool(!l.newest),
		ExclusiveStartKey:         l.startKey(at),
	}
	if l.index.name == "" {
		in.ConsistentRead = aws.Bool(true)
	} else {
		in.IndexName = aws.String(l.index.name)
	}
	return in
}

func (l listing) keyNames() (hash, sort string) {
	if l.index.name == "" {
		return HashAttribute, SortAttribute
	}
	return l.index.hash, l.index.sort
}

func (l listing) hashValue() string {
	if l.index.name == "" {
		return l.partition
	}
	return l.group
}

func (l listing) keyCondition() (string, values) {
	vals := values{"hash": l.hashValue()}
	maps.Copy(vals, l.values)
	const prefix = "#hash = :hash"
	switch {
	case l.prefix != "":
		vals["prefix"] = l.prefix
		return prefix + " AND begins_with(#sort, :prefix)", vals
	case l.from != "" || l.to != "":
		vals["from"], vals["to"] = orSpace(l.from), orTilde(l.to)
		return prefix + " AND #sort BETWEEN :from AND :to", vals
	default:
		// #sort must be used: DynamoDB refuses names that are not.
		vals["from"] = " "
		return prefix + " AND #sort >= :from", vals
	}
}

// void reports whether nothing can lie between the bounds, or have keys of such length:
// DynamoDB refuses to look there.
func (l listing) void() bool {
	return orSpace(l.from) > orTilde(l.to) || len(l.hashValue()) > maxHash || len(l.prefix) > maxKey
}

// holds reports whether the listing can go on behind a position: DynamoDB refuses keys
// outside of the range that is asked for.
func (l listing) holds(at position) bool {
	if at == (position{Phase: at.Phase}) {
		return true
	}
	sort := at.Sort
	if l.index.name != "" {
		sort = at.Index
	} else if at.Index != "" {
		return false
	}
	return l.inRange(sort) && at.Sort != "" && len(at.Sort) <= maxKey && len(sort) <= maxKey
}

// inRange reports whether keyCondition takes the sort key.
func (l listing) inRange(sort string) bool {
	switch {
	case l.prefix != "":
		return strings.HasPrefix(sort, l.prefix)
	case l.from != "" || l.to != "":
		return orSpace(l.from) <= sort && sort <= orTilde(l.to)
	default:
		return sort >= orSpace("") // addresses may begin with ~
	}
}

// orSpace and orTilde fill open ends with what sorts before and after every sort key.
func orSpace(s string) string {
	if s == "" {
		return " "
	}
	return s
}

func orTilde(s string) string {
	if s == "" {
		return "~"
	}
	return s
}

// after is the position behind an item.
func (l listing) after(phase int, item attributes) position {
	at := position{Phase: phase, Sort: text(item, SortAttribute)}
	if l.index.name != "" {
		at.Index = text(item, l.index.sort)
	}
	return at
}

func (l listing) startKey(at position) attributes {
	if at.Sort == "" {
		return nil
	}
	start := key{l.partition, at.Sort}.attributes()
	if l.index.name != "" {
		start[l.index.hash] = encode(l.group)
		start[l.index.sort] = encode(at.Index)
	}
	return start
}

// cursor is the position as callers see it.
func (at position) cursor() string {
	b, _ := json.Marshal(at) // strings and a number always have a form
	return base64.RawURLEncoding.EncodeToString(b)
}

// maxCursor bounds what is parsed.
const maxCursor = 4 * maxKey

// parseCursor returns the position that a cursor of the chain stands for; no cursor, the
// beginning.
func parseCursor(s string, chain []listing) (position, error) {
	var at position
	if s == "" {
		return at, nil
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(s) > maxCursor || json.Unmarshal(b, &at) != nil {
		return at, page.ErrBadCursor
	}
	if at.Phase < 0 || at.Phase >= len(chain) || !chain[at.Phase].holds(at) {
		return at, page.ErrBadCursor
	}
	return at, nil
}
