package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/store"
)

// statement is one statement of a policy, with everything as lists.
type statement struct {
	Sid, Effect string
	Actions     []string
	Resources   []string
	Condition   map[string]any
}

// flat is anything as text.
func flat(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// list is one value or several, as text.
func list(v any) []string {
	many, ok := v.([]any)
	if !ok {
		many = []any{v}
	}
	var all []string
	for _, one := range many {
		all = append(all, flat(one))
	}
	return all
}

// statements are those of a policy document.
func statements(document any) []statement {
	var all []statement
	for _, v := range document.(map[string]any)["Statement"].([]any) {
		m := v.(map[string]any)
		s := statement{Actions: list(m["Action"]), Resources: list(m["Resource"])}
		s.Sid, _ = m["Sid"].(string)
		s.Effect, _ = m["Effect"].(string)
		s.Condition, _ = m["Condition"].(map[string]any)
		if m["NotAction"] != nil || m["NotResource"] != nil {
			s.Actions = append(s.Actions, "*")
		}
		all = append(all, s)
	}
	return all
}

// ofRole returns all statements of the role of a logical id, wherever they stand.
func (m made) ofRole(t *testing.T, role string) []statement {
	t.Helper()
	var all []statement
	for _, p := range m.ofType("AWS::IAM::Policy") {
		for _, r := range list(p.Properties["Roles"]) {
			if strings.Contains(r, `"`+role+`"`) {
				all = append(all, statements(p.Properties["PolicyDocument"])...)
			}
		}
	}
	r := m.resources[role]
	if r.Properties["ManagedPolicyArns"] != nil {
		t.Errorf("%s has managed policies, which grant more than the rows", role)
	}
	inline, _ := r.Properties["Policies"].([]any)
	for _, p := range inline {
		all = append(all, statements(p.(map[string]any)["PolicyDocument"])...)
	}
	return all
}

// roleOf returns the logical id of a function's role.
func (m made) roleOf(t *testing.T, name string) string {
	t.Helper()
	return m.function(t, name).Properties["Role"].(map[string]any)["Fn::GetAtt"].([]any)[0].(string)
}

// everywhere are the actions that AWS offers for no resource in particular.
var everywhere = []string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"}

// No role may do everything of a kind, nor anything to everything.
func TestPolicies_haveNoWildcards(t *testing.T) {
	for _, m := range []made{prod, dev, full} {
		for id := range m.ofType("AWS::IAM::Role") {
			for _, s := range m.ofRole(t, id) {
				for _, action := range s.Actions {
					if strings.Contains(action, "*") {
						t.Errorf("%s: %s %s", id, s.Effect, action)
					}
				}
				for _, resource := range s.Resources {
					if strings.Contains(resource, "*") && !slices.Equal(slices.Sorted(slices.Values(s.Actions)), everywhere) {
						t.Errorf("%s: %s %v on %s", id, s.Effect, s.Actions, resource)
					}
				}
			}
		}
		for id, r := range m.resources {
			if document := r.Properties["PolicyDocument"]; document != nil {
				for _, s := range statements(document) {
					if s.Effect == "Allow" && strings.Contains(strings.Join(s.Actions, " "), "*") {
						t.Errorf("%s allows %v", id, s.Actions)
					}
				}
			}
		}
	}
}

// A function's role allows what its row lists, and what every function needs: no more, no less.
func TestPolicies_areTheRows(t *testing.T) {
	for _, m := range []made{prod, dev, full} {
		for _, r := range rows {
			want := append([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, everywhere...)
			for action := range r.table {
				want = append(want, "dynamodb:"+action)
			}
			if len(r.indexes) > 0 {
				want = append(want, "dynamodb:"+query)
			}
			if slices.Contains(r.env, "NEMO_MAIL_FROM") {
				want = append(want, "ses:SendEmail")
			}
			if r.on != requests {
				want = append(want, "sqs:SendMessage")
			}
			var got []string
			for _, s := range m.ofRole(t, m.roleOf(t, r.name)) {
				for _, action := range s.Actions {
					if s.Effect == "Allow" && !strings.HasPrefix(action, "kms:") {
						got = append(got, action)
					}
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if want, got = slices.Compact(want), slices.Compact(got); !slices.Equal(got, want) {
				t.Errorf("%s may\n%v, want\n%v", r.name, got, want)
			}
		}
	}
}

// Every action on items is held to partitions, and no function but by adding touches the
// audit trail.
func TestPolicies_holdToPartitions(t *testing.T) {
	for _, r := range rows {
		denied := len(r.table) == 0 // nothing to deny
		for _, s := range prod.ofRole(t, prod.roleOf(t, r.name)) {
			keys := flat(s.Condition)
			switch {
			case s.Effect == "Deny":
				denied = denied || s.covers("dynamodb:UpdateItem", "dynamodb:DeleteItem") && strings.Contains(keys, `ForAnyValue:StringLike":{"dynamodb:LeadingKeys":["`+store.AuditPrefix+`*"]`)
			case s.Sid == "QueryIndexes":
			case strings.HasPrefix(s.Actions[0], "dynamodb:"):
				if !strings.HasPrefix(keys, `{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["`) {
					t.Errorf("%s: %s is held to no partitions: %s", r.name, s.Sid, keys)
				}
				if s.covers("dynamodb:UpdateItem") || s.covers("dynamodb:DeleteItem") || s.covers("dynamodb:BatchWriteItem") {
					if strings.Contains(keys, store.AuditPrefix) {
						t.Errorf("%s may %v audit entries", r.name, s.Actions)
					}
				}
			}
		}
		if !denied {
			t.Errorf("%s is not denied to change audit entries", r.name)
		}
	}
}

func (s statement) covers(actions ...string) bool {
	for _, a := range actions {
		if !slices.Contains(s.Actions, a) {
			return false
		}
	}
	return true
}

// Mail goes out under the sender's name only, through the set that reports bounces.
func TestPolicies_mail(t *testing.T) {
	for _, r := range rows {
		for _, s := range full.ofRole(t, full.roleOf(t, r.name)) {
			if s.Sid != "SendMail" {
				continue
			}
			if flat(s.Condition) != `{"StringEquals":{"ses:FromAddress":"team@mail.acme.com"}}` || len(s.Resources) != 2 ||
				!strings.Contains(s.Resources[0], ":identity/acme.com") || !strings.Contains(s.Resources[1], ":configuration-set/") {
				t.Errorf("%s: %+v", r.name, s)
			}
		}
	}
}

// A row without a key of its own uses none; with one, only through DynamoDB.
func TestPolicies_tableKey(t *testing.T) {
	if strings.Contains(prod.text, "kms:") {
		t.Error("there are grants of keys without a key")
	}
	for _, r := range rows {
		found := false
		for _, s := range full.ofRole(t, full.roleOf(t, r.name)) {
			if strings.HasPrefix(s.Actions[0], "kms:") {
				found = true
				if !strings.Contains(flat(s.Condition), "kms:ViaService") || s.Resources[0] != "arn:aws:kms:eu-west-1:123456789012:key/0a1b" {
					t.Errorf("%s: %+v", r.name, s)
				}
			}
		}
		if found != (len(r.table) > 0) {
			t.Errorf("%s uses the table's key: %v", r.name, found)
		}
	}
}
