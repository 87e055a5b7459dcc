package pages

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// API Gateway does not compress, and a page with a table shrinks to a tenth. Only the
// pages of orgs are compressed: those behind emailed links hold their tokens, and sizes
// could tell of them.

// zippers are kept, because making one costs more than using it. They are quick ones: what
// the better ones save is less than a packet.
var zippers = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is one
	return z
}}

// zipped returns the body compressed, if the browser takes that.
func zipped(r *http.Request, body []byte) ([]byte, bool) {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		return body, false
	}
	var b bytes.Buffer
	z := zippers.Get().(*gzip.Writer)
	defer zippers.Put(z)
	z.Reset(&b)
	_, _ = z.Write(body) // a buffer takes everything
	_ = z.Close()
	return b.Bytes(), true
}
