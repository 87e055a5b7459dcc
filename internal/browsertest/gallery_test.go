package browsertest

import (
	"html/template"
	"os"
	"path/filepath"
)

// gallery shows all pictures on one page.
var gallery = template.Must(template.New("gallery").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Pictures</title>
<style>
body { margin: 2rem; background: #777; font: 14px system-ui; display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: start }
figure { margin: 0 } img { display: block; max-width: 45rem; max-height: 45rem }
</style>
{{range .}}<figure><figcaption>{{.}}</figcaption><a href="{{.}}"><img loading="lazy" src="{{.}}" alt=""></a></figure>
{{end}}`))

// hang puts the pictures that there are into artifacts/browser/index.html.
func hang() error {
	files, err := filepath.Glob(filepath.Join(artifacts, "*", "*.png"))
	if err != nil || files == nil {
		return err
	}
	for i, file := range files {
		if files[i], err = filepath.Rel(artifacts, file); err != nil {
			return err
		}
	}
	f, err := os.Create(filepath.Join(artifacts, "index.html"))
	if err != nil {
		return err
	}
	defer f.Close()
	return gallery.Execute(f, files)
}
