package setup

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestVerify(t *testing.T) {
	path := filepath.Join(t.TempDir(), "abc")
	writeTo(t, path, "abc")
	const good = "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw=="
	if err := verify(path, good); err != nil {
		t.Error(err)
	}
	writeTo(t, path, "abd")
	if err := verify(path, good); err == nil {
		t.Error("a changed file passes")
	}
}

func TestUnpack_takesOneFolder(t *testing.T) {
	tarball := tarballOf(t, map[string]string{
		"package/emulator/lib/a.jar": "a",
		"package/index.js":           "not ours",
	})
	dir := filepath.Join(t.TempDir(), "out")
	if err := unpack(tarball, "package/emulator", dir); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "lib/a.jar")); err != nil || string(got) != "a" {
		t.Errorf("lib/a.jar = %q, %v", got, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("unpacked %v, want lib alone", entries)
	}
}

func TestUnpack_refusesToLeaveItsFolder(t *testing.T) {
	tarball := tarballOf(t, map[string]string{"package/emulator/../../../evil": "x"})
	if err := unpack(tarball, "package/emulator", filepath.Join(t.TempDir(), "out")); err == nil {
		t.Error("a path that leaves the folder passes")
	}
}

func TestLock_oneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := lock(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second lock: %v, want %v", err, context.DeadlineExceeded)
	}
	unlock()
	unlock, err = lock(t.Context(), path)
	if err != nil {
		t.Fatalf("a lock after unlock: %v", err)
	}
	unlock()
}

func TestNeed_namesWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no apt-get either
	_, err := Need(t.Context(), Java, io.Discard)
	if err == nil || !strings.Contains(err.Error(), Java.Name) || strings.Contains(err.Error(), "\n") {
		t.Errorf("err = %v, want one line that names %s", err, Java.Name)
	}
}

func TestNeed_passesOverWhatDoesNotWork(t *testing.T) {
	broken, good := t.TempDir(), t.TempDir()
	for dir, script := range map[string]string{broken: "#!/bin/sh\nexit 1\n", good: "#!/bin/sh\n"} {
		name := Chromium.Commands[0]
		if dir == good {
			name = Chromium.Commands[1]
		}
		writeTo(t, filepath.Join(dir, name), script)
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", broken+string(filepath.ListSeparator)+good)
	if got, err := Need(t.Context(), Chromium, io.Discard); err != nil || filepath.Dir(got) != good {
		t.Errorf("found %q, %v", got, err)
	}
}

func TestAtLeastJava17(t *testing.T) {
	for version, good := range map[string]bool{"1.8.0_392": false, "11.0.2": false, "17.0.15": true, "21": true} {
		java := filepath.Join(t.TempDir(), "java")
		writeTo(t, java, "#!/bin/sh\necho 'openjdk version \""+version+"\"' >&2\n")
		if err := os.Chmod(java, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := atLeastJava17(java); (err == nil) != good {
			t.Errorf("version %s: %v", version, err)
		}
	}
}

func writeTo(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func tarballOf(t *testing.T, files map[string]string) string {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "it.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zipped := gzip.NewWriter(f)
	tarred := tar.NewWriter(zipped)
	for name, content := range files {
		if err := tarred.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(tarred, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tarred.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}
