package asset

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func newSet(css string) Set {
	return NewSet("/assets/", fstest.MapFS{"assets/app.css": {Data: []byte(css)}})
}

// get asks a set for what a source is served as.
func get(t *testing.T, s Set, source string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	url, err := s.URL(source)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(s.Pattern(), s.Handler(http.NotFoundHandler()))
	r := httptest.NewRequest("GET", url, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		t.Fatalf("%s: %d", url, rec.Code)
	}
	return rec
}

// All pages have one file of tokens, and none asks for it.
func TestSet_styleSheetsHoldTheTokens(t *testing.T) {
	css := get(t, newSet("/* Ours */\n\n@import \"tokens.css\";\n\np { margin: 0 }\n"), "app.css").Body.String()
	for _, want := range []string{"/* Ours */", "--color-accent: light-dark(", "p { margin: 0 }"} {
		if !strings.Contains(css, want) {
			t.Errorf("there is no %q", want)
		}
	}
	if strings.Contains(css, "@import") {
		t.Error("the browser is sent for more")
	}
}

// A name stands for one content, with the tokens that are in it.
func TestSet_namesHoldTheContent(t *testing.T) {
	names := map[string]bool{}
	for _, css := range []string{"a{}", "b{}", "@import \"tokens.css\";\n"} {
		url, err := newSet(css).URL("app.css")
		if err != nil {
			t.Fatal(err)
		}
		names[url] = true
	}
	if len(names) != 3 {
		t.Errorf("three contents have the names %v", names)
	}
	if url, err := newSet("").URL("none.css"); err == nil {
		t.Errorf("what is not there is at %q", url)
	}
}

func TestSet_compresses(t *testing.T) {
	s := newSet(strings.Repeat("p { margin: 0 }\n", 100))
	plain, zipped := get(t, s, "app.css"), get(t, s, "app.css", "Accept-Encoding", "gzip, br")
	if plain.Header().Get("Content-Encoding") != "" || zipped.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("encoded as %q and %q", plain.Header().Get("Content-Encoding"), zipped.Header().Get("Content-Encoding"))
	}
	z, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(z); err != nil || !bytes.Equal(content, plain.Body.Bytes()) {
		t.Errorf("unpacked it is not the same: %v", err)
	}
	for _, rec := range []*httptest.ResponseRecorder{plain, zipped} {
		if rec.Header().Get("Vary") != "Accept-Encoding" || rec.Header().Get("Content-Type") != "text/css; charset=utf-8" {
			t.Errorf("it came with %v", rec.Header())
		}
	}
}
