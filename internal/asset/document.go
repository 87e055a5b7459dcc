package asset

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Document is an answer that is the same for everybody, whole or compressed: API Gateway
// does not compress. It holds no secret that its size could tell of.
type Document struct {
	contentType string
	content     []byte
	zipped      func() []byte // made when first asked for
}

// NewDocument returns the document with a content.
func NewDocument(contentType string, content []byte) Document {
	return Document{contentType, content, sync.OnceValue(func() []byte { return zip(content) })}
}

// zip compresses as well as it can: it is done once.
func zip(content []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // a known level
	_, _ = z.Write(content)                               // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// ServeHTTP answers with the document. How long it lasts is said by who serves it.
func (d Document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, body := w.Header(), d.content
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = d.zipped()
	}
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Type", d.contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // fails only when the reader went away
}
