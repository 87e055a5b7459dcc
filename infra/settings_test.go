package main

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/wiring"
)

func TestSettings_eachMistakeIsOneLine(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]string
		want   string
	}{
		"no stage":              {map[string]string{"stage": ""}, "-c stage=… is missing"},
		"no public URL":         {map[string]string{"publicUrl": ""}, "-c publicUrl=… is missing"},
		"no sender":             {map[string]string{"mailFrom": ""}, "-c mailFrom=… is missing"},
		"unknown stage":         {map[string]string{"stage": "production"}, `there is no stage "production"`},
		"plain HTTP":            {map[string]string{"publicUrl": "http://team.acme.com"}, "is not HTTPS"},
		"no origin":             {map[string]string{"publicUrl": "https://team.acme.com/app"}, "is not an origin"},
		"no host":               {map[string]string{"publicUrl": "https://"}, "is not an origin"},
		"no URL":                {map[string]string{"publicUrl": "team.acme.com"}, "is not an origin"},
		"no address":            {map[string]string{"mailFrom": "acme.com"}, "is not a mail address"},
		"reserved domain":       {map[string]string{"mailFrom": "team@acme.example"}, "nobody can own that domain"},
		"someone else's domain": {map[string]string{"mailFrom": "nemo.team@gmail.com"}, "use a domain of your own"},
		"another identity":      {map[string]string{"mailIdentity": "acme.org"}, "neither team@mail.acme.com nor a domain that it is in"},
		"a domain like ours":    {map[string]string{"mailIdentity": "cme.com"}, "neither team@mail.acme.com nor a domain that it is in"},
		"no certificate":        {map[string]string{"certificateArn": "arn:aws:kms:eu-west-1:1:key/1"}, "not the ARN of a acm certificate"},
		"nothing to certify":    {map[string]string{"certificateArn": "arn:aws:acm:eu-west-1:1:certificate/1", "publicUrl": "auto"}, "name it in publicUrl"},
		"a port to certify":     {map[string]string{"certificateArn": "arn:aws:acm:eu-west-1:1:certificate/1", "publicUrl": "https://team.acme.com:8443"}, "without a port"},
		"capitals to certify":   {map[string]string{"certificateArn": "arn:aws:acm:eu-west-1:1:certificate/1", "publicUrl": "https://Team.acme.com"}, "in small letters"},
		"a line to certify":     {map[string]string{"certificateArn": "arn:aws:acm:eu-west-1:1:certificate/1", "publicUrl": "https://nemo_team.acme.com"}, "name it in publicUrl"},
		"no TLS to certify":     {map[string]string{"stage": "dev", "certificateArn": "arn:aws:acm:eu-west-1:1:certificate/1", "publicUrl": "http://team.acme.com"}, "certificateArn"},
		"any origin":            {map[string]string{"corsOrigins": "*"}, "is not an origin"},
		"no key":                {map[string]string{"tableKeyArn": "alias/nemo"}, "is not the ARN"},
		"nobody":                {map[string]string{"alarmMail": "ops"}, "is not a mail address"},
		"seldom":                {map[string]string{"sweepMinutes": "61"}, "not a number from 1 to 60"},
		"a word":                {map[string]string{"requestsPerSecond": "many"}, "not a number"},
		"perhaps":               {map[string]string{"reserveConcurrency": "perhaps"}, "neither yes nor no"},
		"days":                  {map[string]string{"NEMO_INVITATION_TTL": "7d"}, "not a positive duration"},
		"neither":               {map[string]string{"NEMO_PREPAID": "yes"}, "neither true nor false"},
		"no such prefix":        {map[string]string{"NEMO_KEY_PREFIX": "key-"}, "begins with sk-"},
		"less than none":        {map[string]string{"NEMO_INVITATIONS_PER_DAY": "-1"}, "not a whole number"},
	} {
		context := required("prod")
		maps.Copy(context, c.change)
		_, err := readSettings(func(name string) string { return context[name] })
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a function would end at its start for does not get so far.
func TestSettings_everyVariableIsChecked(t *testing.T) {
	for _, v := range wiring.Variables {
		if v.Default == "" {
			continue
		}
		context := required("prod")
		context[v.Name] = "!"
		if _, err := readSettings(func(name string) string { return context[name] }); err == nil || !strings.Contains(err.Error(), v.Name) {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}

func TestSettings_allMistakesAtOnce(t *testing.T) {
	_, err := readSettings(func(string) string { return "" })
	if err == nil || len(strings.Split(err.Error(), "\n")) != 3 {
		t.Errorf("got %v", err)
	}
}

func TestSettings_good(t *testing.T) {
	context := required("dev")
	context["publicUrl"] = "http://localhost:8080"
	context["mailFrom"] = " Team@Mail.Acme.EXAMPLE "
	s, err := readSettings(func(name string) string { return context[name] })
	if err != nil {
		t.Fatal(err)
	}
	if s.mailFrom != "team@mail.acme.example" || s.identity() != "mail.acme.example" || s.production() ||
		s.sweepEvery != 5*time.Minute || s.rate != defaultRate || !s.reserve {
		t.Errorf("got %+v", s)
	}
}

func TestRun_check(t *testing.T) {
	if err := run([]string{"check", "-c", "stage=dev", "-c", "publicUrl=auto", "-c", "mailFrom=team@acme.com"}); err != nil {
		t.Error(err)
	}
	if err := run([]string{"check", "-c", "stage=dev", "-c", "mailFrom=team@acme.com"}); err == nil {
		t.Error("no public URL passed")
	}
}

func TestRun_readsTheContext(t *testing.T) {
	t.Chdir(t.TempDir())
	for context, want := range map[string]string{
		``:               "-c stage=… is missing",
		`{"stage":"qa"}`: `no stage "qa"`,
		`{"stage":"dev","publicUrl":"auto","mailFrom":"team@acme.com","flag":true}`: "dist/accept/bootstrap is missing: run `make build` first",
	} {
		t.Setenv(contextVariable, context)
		if err := run(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", context, err)
		}
	}
}
