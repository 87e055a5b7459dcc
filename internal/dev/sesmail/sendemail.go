package sesmail

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// parseSendEmail reads a mail that SES composes.
func parseSendEmail(form url.Values) (Mail, error) {
	m := Mail{
		From:             form.Get("Source"),
		Subject:          form.Get("Message.Subject.Data"),
		Text:             form.Get("Message.Body.Text.Data"),
		HTML:             form.Get("Message.Body.Html.Data"),
		Tags:             tags(form),
		ConfigurationSet: form.Get("ConfigurationSetName"),
	}
	recipients := slices.Concat(
		list(form, "Destination.ToAddresses"),
		list(form, "Destination.CcAddresses"),
		list(form, "Destination.BccAddresses"),
	)
	if !form.Has("Message.Subject.Data") {
		return Mail{}, missing("message.subject")
	}
	if m.Text == "" && m.HTML == "" {
		return Mail{}, missing("message.body")
	}
	if err := checkAddresses(list(form, "ReplyToAddresses")); err != nil {
		return Mail{}, err
	}
	return addressed(m, recipients)
}

// addressed returns the mail with its recipients, when everything about it is
// as SES wants it.
func addressed(m Mail, recipients []string) (Mail, error) {
	if m.From == "" {
		return Mail{}, missing("source")
	}
	if err := checkRecipients(recipients); err != nil {
		return Mail{}, err
	}
	if err := checkAddresses([]string{m.From}); err != nil {
		return Mail{}, err
	}
	if err := checkSubject(m.Subject); err != nil {
		return Mail{}, err
	}
	if err := checkTags(m.Tags); err != nil {
		return Mail{}, err
	}
	m.To = strings.Join(bareAddresses(recipients), recipientSeparator)
	return m, nil
}

// list reads name.member.1, name.member.2 and so on.
func list(form url.Values, name string) []string {
	var found []string
	for i := 1; form.Has(member(name, i)); i++ {
		found = append(found, form.Get(member(name, i)))
	}
	return found
}

func tags(form url.Values) map[string]string {
	found := map[string]string{}
	for i := 1; form.Has(member("Tags", i) + ".Name"); i++ {
		at := member("Tags", i)
		found[form.Get(at+".Name")] = form.Get(at + ".Value")
	}
	return found
}

func member(name string, i int) string {
	return name + ".member." + strconv.Itoa(i)
}
