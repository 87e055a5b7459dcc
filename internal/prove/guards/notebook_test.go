package guards

import (
	"os"
	"path/filepath"
	"testing"
)

// A run that broke off in the middle of a line goes on after what it noted whole; other
// sources, but not other words about guards that stay, begin anew.
func TestNotebook_goesOn(t *testing.T) {
	root, dir := t.TempDir(), filepath.Join(t.TempDir(), "new")
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(root, "internal", name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(content), 0o600))
	}
	read := func(about string) string {
		t.Helper()
		n, err := openNotebook(root, dir)
		must(t, err)
		found, err := recall[string](n, about)
		must(t, err)
		if found == nil {
			return "nothing"
		}
		return *found
	}
	write("a.go", "package a")
	n, err := openNotebook(root, dir)
	must(t, err)
	must(t, n.keep("first", "one"))
	must(t, n.keep("second", ""))
	broken, err := os.OpenFile(n.path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = broken.WriteString(`{"About":"thi`)
	must(t, err)
	must(t, broken.Close())
	write("kept.txt", "words")
	if first, second, third := read("first"), read("second"), read("third"); first != "one" || second != "" || third != "nothing" {
		t.Errorf("read %q, %q and %q", first, second, third)
	}
	again, err := openNotebook(root, dir)
	must(t, err)
	must(t, again.keep("third", "three"))
	if third := read("third"); third != "three" {
		t.Errorf("after the break: %q", third)
	}
	write("a.go", "package b")
	if first := read("first"); first != "nothing" {
		t.Errorf("of other sources: %q", first)
	}
}
