package main

import (
	"slices"
	"strings"

	"github.com/nemorouter/nemo-team/internal/address"
)

// reservedDomains cannot be registered (RFC 2606, RFC 6761), so nobody can verify them.
var reservedDomains = []string{"example", "example.com", "example.net", "example.org", "test", "invalid", "localhost", "local"}

// mailboxProviders let nobody else send for them: SES could verify an address there, and
// receivers would refuse its mails all the same.
var mailboxProviders = []string{
	"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "aol.com", "gmx.net", "gmx.de", "proton.me",
}

// sender reads the address that mails come from. SES must be able to verify it.
func (r *reader) sender(production bool) string {
	value := r.need("mailFrom", "the address that mails come from, such as team@acme.com")
	if value == "" {
		return ""
	}
	from, err := address.Normalise(value)
	if err != nil {
		r.refuse("mailFrom", "%q is not a mail address", value)
		return ""
	}
	domain := domainOf(from)
	switch {
	case production && slices.ContainsFunc(reservedDomains, func(d string) bool { return within(domain, d) }):
		r.refuse("mailFrom", "SES cannot verify %s, because nobody can own that domain", from)
	case slices.Contains(mailboxProviders, domain):
		r.refuse("mailFrom", "SES cannot verify %s, because %s lets nobody else send its mails: use a domain of your own", from, domain)
	}
	return from
}

// mailIdentity reads the identity that SES has for the sender. It covers its own address,
// or all of its domain and the domains below.
func (r *reader) mailIdentity(from string) string {
	identity := strings.ToLower(r.get("mailIdentity"))
	if identity != "" && from != "" && identity != from && !within(domainOf(from), identity) {
		r.refuse("mailIdentity", "%q is neither %s nor a domain that it is in", identity, from)
	}
	return identity
}

// within reports whether a domain is another or below it.
func within(domain, other string) bool {
	return domain == other || strings.HasSuffix(domain, "."+other)
}
