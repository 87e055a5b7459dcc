package store

import (
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// write is one action of a transaction: what to do to an item, under which condition, and
// what it means when the condition does not hold.
//
// In its expressions a word after # is an attribute's name and a word after : is one of
// its values. All names may be written with #; those that DynamoDB reserves must be.
type write struct {
	verb      verb
	key       key
	row       attributes // put only
	change    string     // update only
	condition string
	values    values
	names     map[string]string
	meaning   func(old attributes) error
}

type verb int

const (
	putVerb verb = iota
	updateVerb
	removeVerb
	requireVerb
)

// values are what the words after : stand for.
type values map[string]any

// put writes a whole item. The row holds its key.
func put(k key, row any) write {
	item := encodeItem(row)
	item[HashAttribute], item[SortAttribute] = encode(k.PK), encode(k.SK)
	return write{verb: putVerb, key: k, row: item}
}

// insert is put for an item that must not exist.
func insert(k key, row any) write { return put(k, row).when("attribute_not_exists(pk)", nil) }

// update changes attributes of an item; without a condition it creates a missing one.
func update(k key, change string, v values) write {
	return write{verb: updateVerb, key: k, change: change, values: v}
}

// remove deletes an item.
func remove(k key) write { return write{verb: removeVerb, key: k} }

// require only checks a condition.
func require(k key, condition string, v values) write {
	return write{verb: requireVerb, key: k}.when(condition, v)
}

// when sets the condition, and adds the values that it names.
func (w write) when(condition string, v values) write {
	w.condition = condition
	return w.with(v)
}

// and adds to the condition.
func (w write) and(condition string, v values) write {
	w.condition += " AND " + condition
	return w.with(v)
}

func (w write) with(v values) write {
	merged := make(values, len(w.values)+len(v))
	maps.Copy(merged, w.values)
	maps.Copy(merged, v)
	w.values = merged
	return w
}

// naming lets #alias stand for an attribute whose name is not known before.
func (w write) naming(alias, name string) write {
	return w.namingAll(map[string]string{alias: name})
}

// namingAll is naming for several.
func (w write) namingAll(names map[string]string) write {
	merged := maps.Clone(w.names)
	if merged == nil {
		merged = make(map[string]string, len(names))
	}
	maps.Copy(merged, names)
	w.names = merged
	return w
}

// otherwise says what a failed condition means.
func (w write) otherwise(err error) write {
	return w.explained(func(attributes) error { return err })
}

// explained is otherwise for a meaning that depends on the item as it is; it is empty when
// there is none.
func (w write) explained(meaning func(old attributes) error) write {
	w.meaning = meaning
	return w
}

// expressionNames returns the attribute behind each # word of the expressions.
func (w write) expressionNames() map[string]string {
	names := map[string]string{}
	for _, expression := range []string{w.change, w.condition} {
		collectNames(expression, w.names, names)
	}
	return orNil(names)
}

func collectNames(expression string, aliases, into map[string]string) {
	for {
		at := strings.IndexByte(expression, '#')
		if at < 0 {
			return
		}
		expression = expression[at+1:]
		end := strings.IndexFunc(expression, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
		if end < 0 {
			end = len(expression)
		}
		word := expression[:end]
		into["#"+word] = word
		if name, ok := aliases[word]; ok {
			into["#"+word] = name
		}
	}
}

func (v values) encode() attributes {
	if len(v) == 0 {
		return nil
	}
	out := make(attributes, len(v))
	for name, value := range v {
		out[":"+name] = encode(value)
	}
	return out
}

func orNil(m map[string]string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	return m
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return aws.String(s)
}

// item returns the write in the form that TransactWriteItems takes.
func (w write) item(table string) types.TransactWriteItem {
	const returnOld = types.ReturnValuesOnConditionCheckFailureAllOld
	condition, names, vals := optional(w.condition), w.expressionNames(), w.values.encode()
	switch w.verb {
	case putVerb:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: &table, Item: w.row, ConditionExpression: condition,
			ExpressionAttributeNames: names, ExpressionAttributeValues: vals, ReturnValuesOnConditionCheckFailure: returnOld,
		}}
	case updateVerb:
		return types.TransactWriteItem{Update: &types.Update{
			TableName: &table, Key: w.key.attributes(), UpdateExpression: &w.change, ConditionExpression: condition,
			ExpressionAttributeNames: names, ExpressionAttributeValues: vals, ReturnValuesOnConditionCheckFailure: returnOld,
		}}
	case removeVerb:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &table, Key: w.key.attributes(), ConditionExpression: condition,
			ExpressionAttributeNames: names, ExpressionAttributeValues: vals, ReturnValuesOnConditionCheckFailure: returnOld,
		}}
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &table, Key: w.key.attributes(), ConditionExpression: condition,
			ExpressionAttributeNames: names, ExpressionAttributeValues: vals, ReturnValuesOnConditionCheckFailure: returnOld,
		}}
	}
}
