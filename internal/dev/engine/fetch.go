package engine

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// DynamoDB Local 1.25.1 comes inside an npm package. The integrity is the one
// that the registry publishes; a tarball that differs from it is not unpacked.
const (
	npmPackage = "amplify-dynamodb-simulator@2.9.30"
	integrity  = "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
	inPackage  = "package/emulator"
	homeName   = "dynamodb-local-2.9.30"
	jarName    = "DynamoDBLocal.jar"
)

// fetch returns the folder that holds DynamoDB Local, after downloading it the
// first time. Several processes may fetch at once: one does the work and the
// others wait for it.
func fetch(ctx context.Context, log io.Writer) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	home := filepath.Join(cache, homeName)
	if installed(home) {
		return home, nil
	}
	unlock, err := lock(ctx, home+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if installed(home) {
		return home, nil
	}
	fmt.Fprintln(log, "fetching DynamoDB Local (55 MB, once)")
	if err := install(ctx, home, log); err != nil {
		return "", fmt.Errorf("fetch DynamoDB Local: %w", err)
	}
	return home, nil
}

// cacheDir returns the folder in which this project keeps what it downloads.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, "nemo-team")
	return dir, os.MkdirAll(dir, 0o755)
}

// installed needs to look at no more than the folder: it appears complete.
func installed(home string) bool {
	_, err := os.Stat(home)
	return !errors.Is(err, fs.ErrNotExist)
}

// install works beside home and renames at the end, so that home is either
// absent or complete.
func install(ctx context.Context, home string, log io.Writer) error {
	work := home + ".partial"
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	if err := os.Mkdir(work, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	tarball, err := download(ctx, work, log)
	if err != nil {
		return err
	}
	if err := verify(tarball, integrity); err != nil {
		return err
	}
	unpacked := filepath.Join(work, "emulator")
	if err := unpack(tarball, inPackage, unpacked); err != nil {
		return err
	}
	return os.Rename(unpacked, home)
}

func download(ctx context.Context, dir string, log io.Writer) (string, error) {
	npm, err := Need(ctx, NPM, log)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", npmPackage)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack %s: %w\n%s", npmPackage, err, out)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("npm pack %s left %d tarballs", npmPackage, len(found))
	}
	return found[0], nil
}

// verify compares a file with its integrity as npm writes it.
func verify(path, want string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha512.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(h.Sum(nil)); got != want {
		return fmt.Errorf("%s is not what was published: integrity %s, want %s", filepath.Base(path), got, want)
	}
	return nil
}
