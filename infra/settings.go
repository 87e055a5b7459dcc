package main

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/address"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// settings are what distinguishes one deployment from another. Each comes by context under
// the name that its comment begins with.
type settings struct {
	stage        string            // stage: dev, staging or prod
	publicURL    string            // publicUrl: the origin that links start with, or auto for the API's own
	mailFrom     string            // mailFrom: the sender of all mails
	mailIdentity string            // mailIdentity: the sender's identity in SES, if it is there already
	certificate  string            // certificateArn: of publicUrl's domain, which the API then answers at
	corsOrigins  []string          // corsOrigins: other origins whose pages may call, with commas
	tableKey     string            // tableKeyArn: the key that encrypts the table, instead of DynamoDB's
	alarmMail    string            // alarmMail: who gets the alarms
	sweepEvery   time.Duration     // sweepMinutes
	rate         int               // requestsPerSecond that the API takes
	reserve      bool              // reserveConcurrency: no for accounts that are too new to reserve any
	variables    map[string]string // those of the functions that have a default, under their own names

	dist string // where the binaries are
}

const (
	autoURL           = "auto"
	defaultSweepEvery = 5
	defaultRate       = 1000
)

// stages are those that there may be, and whether they hold what must not get lost.
var stages = map[string]bool{"dev": false, "staging": true, "prod": true}

// production reports whether the stage's data outlives its stack.
func (s settings) production() bool { return stages[s.stage] }

// readSettings takes the settings from what get finds, or says what is wrong with them,
// one line each.
func readSettings(get func(name string) string) (settings, error) {
	r := reader{get: get}
	s := settings{dist: "dist"}
	s.stage = r.need("stage", "one of dev, staging and prod")
	if _, known := stages[s.stage]; s.stage != "" && !known {
		r.refuse("stage", "there is no stage %q, but dev, staging and prod", s.stage)
	}
	s.publicURL = r.publicURL(s.production())
	s.mailFrom = r.sender(s.production())
	s.mailIdentity = r.mailIdentity(s.mailFrom)
	s.certificate = r.arn("certificateArn", "acm", "certificate/")
	if s.certificate != "" && s.publicURL != "https://"+certifiable(s.domain()) {
		r.refuse("certificateArn", "a certificate is for a domain: name it in publicUrl, in small letters and without a port, such as https://team.acme.com")
	}
	s.corsOrigins = r.origins("corsOrigins", s.production())
	s.tableKey = r.arn("tableKeyArn", "kms", "key/")
	s.alarmMail = r.alarmMail()
	s.sweepEvery = time.Duration(r.number("sweepMinutes", defaultSweepEvery, 1, 60)) * time.Minute
	s.rate = r.number("requestsPerSecond", defaultRate, 1, 10_000)
	s.reserve = r.yes("reserveConcurrency")
	s.variables = r.variables()
	return s, errors.Join(r.wrong...)
}

// domain is the host that the public URL names.
func (s settings) domain() string {
	u, err := url.Parse(s.publicURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// certifiable is a domain in small letters and without underscores: API Gateway refuses both.
func certifiable(domain string) string {
	return strings.ToLower(strings.ReplaceAll(domain, "_", ""))
}

// identity is what SES must have verified for the sender.
func (s settings) identity() string {
	if s.mailIdentity != "" {
		return s.mailIdentity
	}
	return domainOf(s.mailFrom)
}

func domainOf(mail string) string { return mail[strings.LastIndexByte(mail, '@')+1:] }

// reader reads settings and collects what is wrong with them.
type reader struct {
	get   func(string) string
	wrong []error
}

func (r *reader) refuse(name, format string, args ...any) {
	r.wrong = append(r.wrong, fmt.Errorf("-c "+name+": "+format, args...))
}

func (r *reader) need(name, what string) string {
	value := r.get(name)
	if value == "" {
		r.wrong = append(r.wrong, fmt.Errorf("-c %s=… is missing: %s", name, what))
	}
	return value
}

func (r *reader) publicURL(production bool) string {
	value := r.need("publicUrl", "the origin that links in mails start with, such as https://team.acme.com, or auto for the API's own")
	if value != "" && value != autoURL {
		r.origin("publicUrl", value, production)
	}
	return value
}

// origin refuses what is not an origin and nothing more, and plain HTTP where it matters.
func (r *reader) origin(name, value string, production bool) {
	u, err := url.Parse(value)
	switch {
	case err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.Scheme+"://"+u.Host != value:
		r.refuse(name, "%q is not an origin such as https://team.acme.com", value)
	case u.Scheme != "https" && production:
		r.refuse(name, "%q is not HTTPS, and tokens travel over it", value)
	}
}

func (r *reader) origins(name string, production bool) []string {
	if r.get(name) == "" {
		return nil
	}
	origins := strings.Split(r.get(name), ",")
	for _, o := range origins {
		r.origin(name, o, production)
	}
	return origins
}

func (r *reader) arn(name, service, kind string) string {
	value := r.get(name)
	parts := strings.SplitN(value, ":", 6)
	if value != "" && (len(parts) != 6 || parts[0] != "arn" || parts[2] != service || !strings.HasPrefix(parts[5], kind)) {
		r.refuse(name, "%q is not the ARN of a %s %s", value, service, strings.TrimSuffix(kind, "/"))
	}
	return value
}

func (r *reader) alarmMail() string {
	value := r.get("alarmMail")
	if value == "" {
		return ""
	}
	normal, err := address.Normalise(value)
	if err != nil {
		r.refuse("alarmMail", "%q is not a mail address", value)
	}
	return normal
}

func (r *reader) number(name string, otherwise, least, most int) int {
	value := r.get(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		r.refuse(name, "%q is not a number from %d to %d", value, least, most)
	}
	return n
}

func (r *reader) yes(name string) bool {
	value := r.get(name)
	if value != "" && value != "yes" && value != "no" {
		r.refuse(name, "%q is neither yes nor no", value)
	}
	return value != "no"
}

// variables reads those of the functions' variables that may be left alone.
func (r *reader) variables() map[string]string {
	set := map[string]string{}
	for _, v := range wiring.Variables {
		if v.Default == "" || r.get(v.Name) == "" {
			continue
		}
		set[v.Name] = r.get(v.Name)
		if err := v.Wrong(set[v.Name]); err != nil {
			r.refuse(v.Name, "%q: %v", set[v.Name], err)
		}
	}
	return set
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
