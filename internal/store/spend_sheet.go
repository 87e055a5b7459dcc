package store

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// A sheet is a row of sums. It has cells, each the sum of one model or of one day of the
// month, as four numbers at its top level: ADD makes missing numbers there, so that no
// writer needs to know what is there already. A model's cell is named by a hash of the
// model, and the set of models says which there are: names may be long and hold anything.
//
// A sheet takes maxSheetModels models. More go to a second row of the same sums, a third
// and so on, while the days stay in the first; a report adds the rows up. The number of the row is at the end of its key.
// Rows of one number more are also used where several transactions of a batch change the
// same sums, which would conflict.

// maxSheetModels keeps a sheet at some 3 KB when the month ends, days and all, and below 10
// where all names are as long as they may be. What is added to it is billed by that size.
const maxSheetModels = 20

// maxSheets is how many rows the models of the same sums are spread over. Beyond, models
// are added up under spend.OtherModels.
const maxSheets = 16

// sheetKey is where row n of sums lies.
func sheetKey(base key, n int) key { return key{base.PK, fmt.Sprintf("%s#%02d", base.SK, n)} }

// The numbers of a cell.
const (
	costNumber    = "c"
	requestNumber = "r"
	promptNumber  = "p"
	outputNumber  = "o"
)

func dayCell(day int) string { return fmt.Sprintf("%02d", day) }

// modelCell is short, as it is spelled four times in each row, and long enough that nobody
// can make two names of models share a cell.
func modelCell(model string) string {
	sum := sha256.Sum256([]byte(model))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// sheet is what one transaction adds to one row.
type sheet struct {
	key    key
	models map[string]spend.Tally
	days   map[int]spend.Tally
	payer  *spend.Payer // whose row it is; nil for the rows of days
}

// write is the sheet as an update. It is refused, with errSheetFull, if the row has not
// enough room for its models.
func (s sheet) write() write {
	x := expression{values: values{}, names: map[string]string{}}
	cells := map[string]spend.Tally{}
	for model, t := range s.models {
		cells[modelCell(model)] = t
	}
	for day, t := range s.days {
		cells[dayCell(day)] = t
	}
	for cell, t := range cells {
		x.add(costNumber+cell, int64(t.Cost))
		x.add(requestNumber+cell, t.Requests)
		x.add(promptNumber+cell, t.Prompt)
		x.add(outputNumber+cell, t.Output)
	}
	change := "ADD " + strings.Join(x.adds, ", ")
	if len(s.models) > 0 { // no set is empty
		change += ", models :models"
		x.values["models"] = stringSet(s.modelNames())
	}
	if p := s.payer; p != nil {
		change += " SET key_name = :name, user_id = :user, email = :email, team_id = :team"
		x.values["name"], x.values["user"], x.values["email"], x.values["team"] = p.KeyName, p.UserID, p.Email, p.TeamID
	}
	condition, room := s.room()
	return update(s.key, change, x.values).namingAll(x.names).when(condition, room).
		explained(func(old attributes) error { return errSheetFull{modelsOf(old)} })
}

func (s sheet) modelNames() []string {
	names := make([]string, 0, len(s.models))
	for model := range s.models {
		names = append(names, model)
	}
	slices.Sort(names)
	return names
}

// room is the condition that all models fit in, or are there already. Days always do.
func (s sheet) room() (condition string, v values) {
	if len(s.models) == 0 {
		return "", nil
	}
	v = values{"room": maxSheetModels - len(s.models)}
	var present []string
	for i, model := range s.modelNames() {
		name := "model" + strconv.Itoa(i)
		v[name] = model
		present = append(present, "contains(models, :"+name+")")
	}
	return "attribute_not_exists(models) OR size(models) <= :room OR (" + strings.Join(present, " AND ") + ")", v
}

// errSheetFull says that a row has no room; it has these models.
type errSheetFull struct{ models []string }

func (errSheetFull) Error() string { return "store: a row of sums is full" }

// expression collects additions to numbers under names that are not known before.
type expression struct {
	adds   []string
	names  map[string]string
	values values
}

func (x *expression) add(name string, n int64) {
	if n == 0 {
		return
	}
	alias := "n" + letters(len(x.adds))
	x.names[alias], x.values[alias] = name, n
	x.adds = append(x.adds, "#"+alias+" :"+alias)
}

// letters is a number in letters, which aliases are made of.
func letters(n int) string {
	s := string(rune('a' + n%26))
	for n /= 26; n > 0; n /= 26 {
		s = string(rune('a'+n%26)) + s
	}
	return s
}

// stringSet is kept as a set, which ADD adds to.
type stringSet []string

// MarshalDynamoDBAttributeValue writes the set.
func (s stringSet) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberSS{Value: s}, nil
}

func modelsOf(item attributes) []string {
	set, _ := item["models"].(*types.AttributeValueMemberSS)
	if set == nil {
		return nil
	}
	return set.Value
}

// cell reads one sum of a row.
func cell(item attributes, name string) (spend.Tally, error) {
	var n [4]int64
	for i, number := range []string{costNumber, requestNumber, promptNumber, outputNumber} {
		av, _ := item[number+name].(*types.AttributeValueMemberN)
		if av == nil {
			continue
		}
		var err error
		if n[i], err = strconv.ParseInt(av.Value, 10, 64); err != nil {
			return spend.Tally{}, fmt.Errorf("store: a sum of %s / %s: %w", text(item, HashAttribute), text(item, SortAttribute), err)
		}
	}
	return spend.Tally{Cost: money.Amount(n[0]), Requests: n[1], Prompt: n[2], Output: n[3]}, nil
}
