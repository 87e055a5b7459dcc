package sesmail

import (
	"cmp"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"net/url"
	"strings"
)

// parseSendRawEmail reads a mail that the caller composed.
func parseSendRawEmail(form url.Values) (Mail, error) {
	raw, err := base64.StdEncoding.DecodeString(form.Get("RawMessage.Data"))
	if err != nil || len(raw) == 0 {
		return Mail{}, missing("rawMessage.data")
	}
	message, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return Mail{}, refuse("InvalidParameterValue", "The message cannot be read: %v", err)
	}
	header := textproto.MIMEHeader(message.Header)
	m := Mail{
		From:             cmp.Or(form.Get("Source"), header.Get("From")),
		Tags:             rawTags(form, header.Get("X-SES-MESSAGE-TAGS")),
		ConfigurationSet: cmp.Or(form.Get("ConfigurationSetName"), header.Get("X-SES-CONFIGURATION-SET")),
	}
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); err != nil {
		return Mail{}, refuse("InvalidParameterValue", "The subject cannot be read: %v", err)
	}
	if err := m.addPart(header, message.Body); err != nil {
		return Mail{}, refuse("InvalidParameterValue", "The message cannot be read: %v", err)
	}
	recipients := list(form, "Destinations")
	if len(recipients) == 0 {
		recipients = headerRecipients(message.Header)
	}
	return addressed(m, recipients)
}

// addPart takes the first text and the first HTML part, at any depth.
func (m *Mail) addPart(header textproto.MIMEHeader, body io.Reader) error {
	kind, parameters, err := mime.ParseMediaType(cmp.Or(header.Get("Content-Type"), "text/plain"))
	if err != nil {
		return err
	}
	if strings.HasPrefix(kind, "multipart/") {
		return m.addParts(multipart.NewReader(body, parameters["boundary"]))
	}
	content, err := io.ReadAll(decoded(header, body))
	if err != nil {
		return err
	}
	switch {
	case kind == "text/plain" && m.Text == "":
		m.Text = string(content)
	case kind == "text/html" && m.HTML == "":
		m.HTML = string(content)
	}
	return nil
}

func (m *Mail) addParts(parts *multipart.Reader) error {
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := m.addPart(part.Header, part); err != nil {
			return err
		}
	}
}

func decoded(header textproto.MIMEHeader, body io.Reader) io.Reader {
	switch strings.ToLower(header.Get("Content-Transfer-Encoding")) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	default:
		return body
	}
}

func headerRecipients(header mail.Header) []string {
	var found []string
	for _, name := range []string{"To", "Cc", "Bcc"} {
		// An unreadable list counts as none, and no recipient at all is refused.
		addresses, _ := header.AddressList(name)
		for _, a := range addresses {
			found = append(found, a.Address)
		}
	}
	return found
}

// rawTags reads the tags from the parameters, or else from the header, which
// writes them as "name=value, name=value".
func rawTags(form url.Values, header string) map[string]string {
	found := tags(form)
	if len(found) > 0 || header == "" {
		return found
	}
	for pair := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		found[name] = value
	}
	return found
}
