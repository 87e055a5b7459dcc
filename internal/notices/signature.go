package notices

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// Message is one notification of SNS, as functions get it.
type Message struct {
	Type             string
	MessageID        string `json:"MessageId"`
	TopicARN         string `json:"TopicArn"`
	Subject          string
	Message          string
	Timestamp        string // as it was signed, so not parsed
	SignatureVersion string
	Signature        string // base64
	SigningCertURL   string `json:"SigningCertUrl"`
}

// verify returns nil if SNS signed the message for the topic. Lambda takes events only from
// whom the function's policy names, so this holds even where that policy went wrong.
func (m Message) verify(ctx context.Context, topic string, c *Certificates) error {
	if m.Type != "Notification" || m.TopicARN != topic || topic == "" {
		return fmt.Errorf("%w: %s of the topic %q", errRefused, m.Type, m.TopicARN)
	}
	hash, digest, err := m.digest()
	if err != nil {
		return err
	}
	signature, err := base64.StdEncoding.DecodeString(m.Signature)
	if err != nil || len(signature) == 0 {
		return fmt.Errorf("%w: no signature", errRefused)
	}
	key, err := c.key(ctx, m.SigningCertURL)
	if err != nil {
		return err
	}
	if err := rsa.VerifyPKCS1v15(key, hash, digest, signature); err != nil {
		return fmt.Errorf("%w: the signature is not of this message", errRefused)
	}
	return nil
}

// digest is what the signature signs. Our topic signs with version 2; version 1 is what SNS
// does unless told otherwise, and SHA-1 still holds where, as here, forging takes a second
// text for a given hash.
func (m Message) digest() (crypto.Hash, []byte, error) {
	switch m.SignatureVersion {
	case "1":
		sum := sha1.Sum([]byte(m.signed()))
		return crypto.SHA1, sum[:], nil
	case "2":
		sum := sha256.Sum256([]byte(m.signed()))
		return crypto.SHA256, sum[:], nil
	default:
		return 0, nil, fmt.Errorf("%w: signature of version %q", errRefused, m.SignatureVersion)
	}
}

// signed is the text that SNS signs: names and values in alphabetical order, a line each.
func (m Message) signed() string {
	var b strings.Builder
	line := func(name, value string) { b.WriteString(name + "\n" + value + "\n") }
	line("Message", m.Message)
	line("MessageId", m.MessageID)
	if m.Subject != "" {
		line("Subject", m.Subject)
	}
	line("Timestamp", m.Timestamp)
	line("TopicArn", m.TopicARN)
	line("Type", m.Type)
	return b.String()
}
