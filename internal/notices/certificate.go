package notices

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	maxCertificate = 64 << 10
	fetchTimeout   = 5 * time.Second
)

// Certificates are those that SNS signs with, fetched from where SNS of one topic's region
// keeps them, and from nowhere else.
type Certificates struct {
	host string
	http http.RoundTripper
	now  func() time.Time

	mu     sync.Mutex
	latest string // the URL of known; SNS changes it once in a while
	known  *x509.Certificate
}

// NewCertificates returns those for the topic of an ARN.
func NewCertificates(topic string, transport http.RoundTripper, now func() time.Time) *Certificates {
	return &Certificates{host: snsHost(topic), http: transport, now: now}
}

// snsHost is where SNS lives in the topic's region, or "" for what is no topic.
func snsHost(topic string) string {
	parts := strings.Split(topic, ":") // arn:partition:sns:region:account:name
	if len(parts) != 6 || parts[2] != "sns" || parts[3] == "" {
		return ""
	}
	host := "sns." + parts[3] + ".amazonaws.com"
	if parts[1] == "aws-cn" {
		host += ".cn"
	}
	return host
}

// key returns the public key of the certificate at an address. It fetches it once.
func (c *Certificates) key(ctx context.Context, address string) (*rsa.PublicKey, error) {
	u, err := url.Parse(address)
	if err != nil || c.host == "" || u.Scheme != "https" || u.Host != c.host || u.User != nil || !strings.HasSuffix(u.Path, ".pem") {
		return nil, fmt.Errorf("%w: a certificate from %q", errRefused, address)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.latest != address {
		certificate, err := c.fetch(ctx, address)
		if err != nil {
			return nil, err
		}
		c.latest, c.known = address, certificate
	}
	if now := c.now(); now.Before(c.known.NotBefore) || now.After(c.known.NotAfter) {
		return nil, fmt.Errorf("%w: the certificate is not valid now", errRefused)
	}
	key, ok := c.known.PublicKey.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: the certificate's key is a %T", errRefused, c.known.PublicKey)
	}
	return key, nil
}

// fetch goes round redirects by using the transport alone: they could lead anywhere.
func (c *Certificates) fetch(ctx context.Context, address string) (*x509.Certificate, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	answer, err := c.http.RoundTrip(request)
	if err != nil {
		return nil, fmt.Errorf("notices: fetch the certificate: %w", err)
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode >= http.StatusInternalServerError:
		return nil, fmt.Errorf("notices: fetch the certificate: %s", answer.Status)
	case answer.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w: there is no certificate at %q: %s", errRefused, address, answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxCertificate))
	if err != nil {
		return nil, fmt.Errorf("notices: fetch the certificate: %w", err)
	}
	return decode(body)
}

func decode(body []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(body)
	if block == nil {
		return nil, fmt.Errorf("%w: this is no certificate", errRefused)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errRefused, err)
	}
	return certificate, nil
}
