package wiring

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"time"

	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/keys"
)

// Variable is one environment variable that configures the functions.
type Variable struct {
	Name     string
	Default  string // empty: it must be set, unless Optional
	Optional bool
	Meaning  string
	Check    func(value string) error // what is wrong with a value; nil: nothing ever is
}

// Variables are all of them. The README's table and a test hold against this list.
var Variables = []Variable{
	tableName, publicURL, mailFrom, configurationSet, feedbackTopic, invitationTTL, newOrgInvitations, orgInvitations, prepaid, keyPrefix,
	region, dynamoDBEndpoint, sesEndpoint,
}

var (
	tableName         = Variable{Name: "NEMO_TABLE", Meaning: "name of the DynamoDB table"}
	publicURL         = Variable{Name: "NEMO_PUBLIC_URL", Meaning: "origin that links in mails start with, such as https://team.acme.example"}
	mailFrom          = Variable{Name: "NEMO_MAIL_FROM", Meaning: "address that mails come from; SES must have verified it"}
	configurationSet  = Variable{Name: "NEMO_SES_CONFIGURATION_SET", Optional: true, Meaning: "SES configuration set of the mails; it reports bounces"}
	feedbackTopic     = Variable{Name: "NEMO_FEEDBACK_TOPIC", Meaning: "ARN of the SNS topic by which SES reports bounces and complaints"}
	invitationTTL     = Variable{Name: "NEMO_INVITATION_TTL", Default: invites.Lifetime.String(), Meaning: "how long an invitation is good, as a Go duration", Check: checkDuration}
	newOrgInvitations = Variable{Name: "NEMO_INVITATIONS_PER_DAY_NEW", Default: strconv.Itoa(invites.DefaultLimits.NewOrgPerDay), Meaning: "invitations a day of an org in its first 7 days", Check: checkNumber}
	orgInvitations    = Variable{Name: "NEMO_INVITATIONS_PER_DAY", Default: strconv.Itoa(invites.DefaultLimits.OrgPerDay), Meaning: "invitations a day of an older org", Check: checkNumber}
	prepaid           = Variable{Name: "NEMO_PREPAID", Default: "false", Meaning: "whether keys stop when an organization's credits are spent: true or false", Check: checkBool}
	keyPrefix         = Variable{Name: "NEMO_KEY_PREFIX", Default: string(keys.DefaultPrefix), Meaning: "what new keys begin with: sk-, then a-z, 0-9 and -, a - at the end", Check: checkPrefix}
	region            = Variable{Name: "AWS_REGION", Meaning: "set by Lambda"}
	dynamoDBEndpoint  = Variable{Name: "AWS_ENDPOINT_URL_DYNAMODB", Optional: true, Meaning: "another endpoint of DynamoDB, for development"}
	sesEndpoint       = Variable{Name: "AWS_ENDPOINT_URL_SES", Optional: true, Meaning: "another endpoint of SES, for development"}
)

// value reads the variable, or ends the program with one line that names it.
func (v Variable) value() string {
	if s := os.Getenv(v.Name); s != "" {
		if err := v.Wrong(s); err != nil {
			fail(fmt.Sprintf("the environment variable %s is no good: %v", v.Name, err))
		}
		return s
	}
	if v.Default == "" && !v.Optional {
		fail(fmt.Sprintf("the environment variable %s is not set: %s", v.Name, v.Meaning))
	}
	return v.Default
}

// Wrong is what is wrong with a value, if anything is.
func (v Variable) Wrong(value string) error {
	if v.Check == nil {
		return nil
	}
	return v.Check(value)
}

func checkPrefix(value string) error { return keys.Prefix(value).Check() }

func checkDuration(value string) error {
	if d, err := time.ParseDuration(value); err != nil || d <= 0 {
		return errors.New("it is not a positive duration such as 168h")
	}
	return nil
}

func checkNumber(value string) error {
	if n, err := strconv.Atoi(value); err != nil || n < 0 {
		return errors.New("it is not a whole number")
	}
	return nil
}

func checkBool(value string) error {
	if _, err := strconv.ParseBool(value); err != nil {
		return errors.New("it is neither true nor false")
	}
	return nil
}

// duration, number and on read variables whose Check has found nothing wrong.

func (v Variable) duration() time.Duration {
	d, _ := time.ParseDuration(v.value())
	return d
}

func (v Variable) number() int {
	n, _ := strconv.Atoi(v.value())
	return n
}

func (v Variable) on() bool {
	on, _ := strconv.ParseBool(v.value())
	return on
}

// fail ends the program: nothing can be served without its configuration.
func fail(line string) {
	slog.Error(line)
	os.Exit(1)
}
