package docs_test

import (
	"net/http"
	"testing"
)

func TestAssets_lastForEver(t *testing.T) {
	urls := matches(`href="(/docs/[a-z]+\.[0-9a-f]{16}\.(?:css|svg))"`, get(t, "/docs").Body.String())
	if len(urls) != 2 {
		t.Fatalf("assets %v, want a style sheet and an icon", urls)
	}
	for _, url := range urls {
		rec := get(t, url)
		if rec.Code != http.StatusOK || rec.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %d, Cache-Control %q", url, rec.Code, rec.Header().Get("Cache-Control"))
		}
	}
	for _, url := range []string{"/docs/docs.css", "/docs/docs.0000000000000000.css", "/docs/docs.go"} {
		if rec := get(t, url); rec.Code != http.StatusNotFound || rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d, %s", url, rec.Code, rec.Header().Get("Content-Type"))
		}
	}
}
