package sesmail

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Mailbox keeps mails. It may be used by several goroutines at once, and is the
// only writer of its directory.
type Mailbox struct {
	dir string // one JSON file per mail; empty keeps them in memory alone

	mu    sync.RWMutex
	mails []Mail // oldest first
	last  time.Time
}

// Open returns the mailbox that is kept in dir, which is made if need be. An
// empty dir stands for a mailbox in memory.
func Open(dir string) (*Mailbox, error) {
	b := &Mailbox{dir: dir}
	if dir == "" {
		return b, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		m, err := read(name)
		if err != nil {
			return nil, err
		}
		b.mails = append(b.mails, m)
	}
	slices.SortFunc(b.mails, func(a, b Mail) int { return cmp.Compare(a.ID, b.ID) })
	return b, nil
}

func read(name string) (Mail, error) {
	content, err := os.ReadFile(name)
	if err != nil {
		return Mail{}, err
	}
	var m Mail
	if err := json.Unmarshal(content, &m); err != nil {
		return Mail{}, fmt.Errorf("%s is not a mail: %w", name, err)
	}
	return m, nil
}

// stamp gives a mail its id and time, each greater than the one before.
func (b *Mailbox) stamp(m Mail) Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now().UTC()
	if !now.After(b.last) {
		now = b.last.Add(time.Nanosecond)
	}
	b.last = now
	m.At = now
	m.ID = fmt.Sprintf("%016x-%s-000000", now.UnixNano(), rand.Text())
	return m
}

// keep files a stamped mail. When it returns nil, the mail survives a restart.
func (b *Mailbox) keep(m Mail) error {
	if err := b.write(m); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mails = append(b.mails, m)
	slices.SortFunc(b.mails, func(a, b Mail) int { return cmp.Compare(a.ID, b.ID) })
	return nil
}

// write renames a complete file into place: a reader or a crash never sees half
// a mail.
func (b *Mailbox) write(m Mail) error {
	if b.dir == "" {
		return nil
	}
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	partial, err := os.CreateTemp(b.dir, "*.partial")
	if err != nil {
		return err
	}
	defer os.Remove(partial.Name())
	_, err = partial.Write(content)
	if err := errors.Join(err, partial.Close()); err != nil {
		return err
	}
	return os.Rename(partial.Name(), filepath.Join(b.dir, m.ID+".json"))
}

// List returns the mails to an address, or all when it is empty, newest first.
func (b *Mailbox) List(to string) []Mail {
	b.mu.RLock()
	defer b.mu.RUnlock()
	found := []Mail{}
	for _, m := range slices.Backward(b.mails) {
		if to == "" || m.isFor(to) {
			found = append(found, m)
		}
	}
	return found
}
