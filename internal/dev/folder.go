package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// dir holds everything that survives a restart.
const dir = ".dev"

var errHeld = errors.New("make dev is running in this folder already")

// hold keeps the folder from other commands until release is called or this process ends:
// two engines on one database would damage it.
func hold() (release func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errHeld
		}
		return nil, err
	}
	return func() { f.Close() }, nil
}

// joinTime bounds the wait for a cloud that another command is starting.
const joinTime = 30 * time.Second

// join returns the cloud that another command runs, or the folder to start one in.
func join(ctx context.Context) (c *cloud, release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, joinTime)
	defer cancel()
	for {
		release, err = hold()
		if !errors.Is(err, errHeld) {
			return nil, release, err
		}
		if c, found := running(); found {
			return c, nil, nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, nil, errHeld
		}
	}
}

// reset forgets the data, the mail and the demo.
func reset() error {
	release, err := hold()
	if err != nil {
		return fmt.Errorf("%w: stop it first", err)
	}
	defer release()
	for _, name := range []string{"db", "mail", filepath.Base(demoFile), filepath.Base(cloudFile)} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	fmt.Println("The development data and mail are gone.")
	return nil
}
