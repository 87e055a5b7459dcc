package web

import "net/http"

func docsPage(whole *API) http.Handler {
	return document("text/html; charset=utf-8", []byte("<!doctype html>"), nil)
}
