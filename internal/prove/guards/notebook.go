package guards

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// notebook keeps what was found out, a line for each thing, so that a run that was broken
// off goes on where it stopped. It is about one state of the sources; a run that succeeds
// throws it away.
type notebook struct {
	path  string
	mu    sync.Mutex
	found map[string]json.RawMessage
}

// line is one of them: what it is about, and what was found.
type line struct {
	About string
	Found json.RawMessage
}

// openNotebook opens the notebook about the present sources, in dir.
func openNotebook(root, dir string) (*notebook, error) {
	sum, err := sumOfSources(filepath.Join(root, "internal"))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	n := &notebook{path: filepath.Join(dir, "mutants-"+sum[:12]+".jsonl"), found: map[string]json.RawMessage{}}
	written, err := os.ReadFile(n.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	whole := written[:bytes.LastIndexByte(written, '\n')+1] // the last line was being written when the run broke off
	for text := range bytes.Lines(whole) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, fmt.Errorf("%s: %w", n.path, err)
		}
		n.found[l.About] = l.Found
	}
	return n, os.WriteFile(n.path, whole, 0o600)
}

// sumOfSources is a sum over all that the trials depend on. What is said about guards that
// stay is not: it only judges what the trials find.
func sumOfSources(dir string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "kept.txt" || strings.HasSuffix(path, ".test") {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(content), content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// recall returns what was noted about something; nil if nothing was.
func recall[T any](n *notebook, about string) (*T, error) {
	n.mu.Lock()
	found := n.found[about]
	n.mu.Unlock()
	if found == nil {
		return nil, nil
	}
	v := new(T)
	return v, json.Unmarshal(found, v)
}

// keep notes what was found out about something.
func (n *notebook) keep(about string, v any) error {
	found, err := json.Marshal(v)
	if err != nil {
		return err
	}
	text, err := json.Marshal(line{about, found})
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	f, err := os.OpenFile(n.path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(append(text, '\n'))
	return err
}

func (n *notebook) throwAway() error { return os.Remove(n.path) }
