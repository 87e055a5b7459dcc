package engine

import (
	"bytes"
	"sync"
)

// tailSize is enough for a Java stack trace.
const tailSize = 4 << 10

// output remembers the end of what a process writes. The engine has nothing to
// say unless it fails.
type output struct {
	mu   sync.Mutex
	tail []byte
}

// Write never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.tail = append(o.tail, p...)
	if extra := len(o.tail) - tailSize; extra > 0 {
		o.tail = append(o.tail[:0], o.tail[extra:]...)
	}
	return len(p), nil
}

// Tail returns the last words of the process.
func (o *output) Tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(bytes.TrimSpace(o.tail))
}

// Contains reports whether the last words contain s.
func (o *output) Contains(s string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Contains(o.tail, []byte(s))
}
