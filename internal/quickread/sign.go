package quickread

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	target      = "DynamoDB_20120810.BatchGetItem"
	contentType = "application/x-amz-json-1.0"
	algorithm   = "AWS4-HMAC-SHA256"
	service     = "dynamodb"
)

// Values of headers that never change.
var (
	targetValue      = []string{target}
	contentTypeValue = []string{contentType}
	identityValue    = []string{"identity"} // the checksum is of what is sent
)

// signingKey is what requests of one day are signed with.
type signingKey struct {
	day, secret string
	key         []byte
	scope       string
}

func (c *Client) signingKey(day, secret string) *signingKey {
	if k := c.key.Load(); k != nil && k.day == day && k.secret == secret {
		return k
	}
	key := []byte("AWS4" + secret)
	for _, part := range []string{day, c.options.Region, service, "aws4_request"} {
		key = mac(key, []byte(part), nil)
	}
	k := &signingKey{day, secret, key, day + "/" + c.options.Region + "/" + service + "/aws4_request"}
	c.key.Store(k)
	return k
}

func mac(key, message, into []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(into)
}

// sign returns the headers of a request with the body, by AWS's Signature Version 4.
func (c *Client) sign(now time.Time, with aws.Credentials, body []byte) http.Header {
	date := now.UTC().Format("20060102T150405Z")
	k := c.signingKey(date[:8], with.SecretAccessKey)
	header := make(http.Header, 8)
	header["Accept-Encoding"] = identityValue
	header["Content-Type"] = contentTypeValue
	header["X-Amz-Target"] = targetValue
	header["X-Amz-Date"] = []string{date}
	signed := "content-type;host;x-amz-date;x-amz-target"

	b := make([]byte, 0, 512+len(with.SessionToken))
	b = append(b, "POST\n"+"/\n\n"+"content-type:"+contentType+"\nhost:"...)
	b = append(append(b, c.endpoint.Host...), "\nx-amz-date:"...)
	b = append(b, date...)
	if with.SessionToken != "" {
		header["X-Amz-Security-Token"] = []string{with.SessionToken}
		signed = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
		b = append(append(b, "\nx-amz-security-token:"...), with.SessionToken...)
	}
	b = append(append(b, "\nx-amz-target:"+target+"\n\n"...), signed...)
	b = appendSum(append(b, '\n'), body)
	canonical := sha256.Sum256(b)

	b = append(append(b[:0], algorithm+"\n"...), date...)
	b = append(append(append(b, '\n'), k.scope...), '\n')
	b = hex.AppendEncode(b, canonical[:])
	var sum [sha256.Size]byte
	signature := mac(k.key, b, sum[:0])

	b = append(append(b[:0], algorithm+" Credential="...), with.AccessKeyID...)
	b = append(append(b, '/'), k.scope...)
	b = append(append(b, ", SignedHeaders="...), signed...)
	b = hex.AppendEncode(append(b, ", Signature="...), signature)
	header["Authorization"] = []string{string(b)}
	return header
}

func appendSum(b, body []byte) []byte {
	sum := sha256.Sum256(body)
	return hex.AppendEncode(b, sum[:])
}
