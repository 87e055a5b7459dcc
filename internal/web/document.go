package web

import (
	"net/http"

	"github.com/nemorouter/nemo-team/internal/asset"
)

// document serves bytes that are made once.
func document(mediaType string, doc []byte, err error) http.Handler {
	if err != nil {
		panic("web: the API has no document: " + err.Error())
	}
	whole := asset.NewDocument(mediaType, doc)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "public, max-age=300")
		whole.ServeHTTP(w, r)
	})
}
