package setup

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

// A Package is an npm package of which some part of development needs a folder.
// Its dependencies are not installed.
type Package struct {
	Name      string // with its version, as in axe-core@4.14.1
	Integrity string // that the registry publishes; a tarball that differs is not unpacked
	Folder    string // in the tarball
	Home      string // what the folder is called in the cache; it tells versions apart
	Title     string // for people
}

// Fetch returns the folder, after downloading it the first time. Several processes
// may fetch at once: one does the work and the others wait for it.
func Fetch(ctx context.Context, p Package, log io.Writer) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	home := filepath.Join(cache, p.Home)
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
	fmt.Fprintf(log, "fetching %s, once\n", p.Title)
	if err := p.install(ctx, home, log); err != nil {
		return "", fmt.Errorf("fetch %s: %w", p.Title, err)
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
func (p Package) install(ctx context.Context, home string, log io.Writer) error {
	work := home + ".partial"
	if err := os.RemoveAll(work); err != nil {
		return err
	}
	if err := os.Mkdir(work, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(work)
	tarball, err := p.download(ctx, work, log)
	if err != nil {
		return err
	}
	if err := verify(tarball, p.Integrity); err != nil {
		return err
	}
	unpacked := filepath.Join(work, "folder")
	if err := unpack(tarball, p.Folder, unpacked); err != nil {
		return err
	}
	return os.Rename(unpacked, home)
}

func (p Package) download(ctx context.Context, dir string, log io.Writer) (string, error) {
	npm, err := Need(ctx, NPM, log)
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", p.Name)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack %s: %w\n%s", p.Name, err, out)
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("npm pack %s left %d tarballs", p.Name, len(found))
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
