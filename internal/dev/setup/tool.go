// Package setup finds, fetches or installs what development needs from outside: programs
// from the distribution, and files from npm packages whose integrity is pinned.
package setup

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// A Tool is a program from outside that some part of development needs.
type Tool struct {
	Name     string                  // how a person would look for it
	Commands []string                // the names under which it may be found; the first that works is taken
	Packages [][]string              // what a Debian-like system installs to get it; sets to try in turn
	Works    func(path string) error // tells a good one from one too old; nil takes any
}

// The tools that development needs.
var (
	Java = Tool{
		Name:     "a Java 17 runtime",
		Commands: []string{"java"},
		Packages: [][]string{{"openjdk-17-jre-headless"}, {"default-jre-headless"}},
		Works:    atLeastJava17,
	}
	NPM = Tool{
		Name:     "Node.js with npm",
		Commands: []string{"npm"},
		Packages: [][]string{{"nodejs", "npm"}},
	}
	Chromium = Tool{
		Name:     "the browser Chromium",
		Commands: []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"},
		Packages: [][]string{{"chromium", "fonts-liberation"}, {"chromium"}},
		Works:    tellsVersion,
	}
	Python = Tool{
		Name:     "Python 3",
		Commands: []string{"python3"},
		Packages: [][]string{{"python3"}},
		Works:    tellsVersion,
	}
)

// Need returns the path of a tool. Where it is missing and the machine is
// Debian-like with root, it is installed from the distribution; elsewhere the
// error says in one line what to install.
func Need(ctx context.Context, t Tool, log io.Writer) (string, error) {
	if path, ok := t.find(); ok {
		return path, nil
	}
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return "", fmt.Errorf("%s is missing: please install it", t.Name)
	}
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	unlock, err := lock(ctx, filepath.Join(cache, "setup.lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	// Another process may have installed it while this one waited.
	if path, ok := t.find(); ok {
		return path, nil
	}
	return t.install(ctx, apt, log)
}

func (t Tool) find() (string, bool) {
	for _, name := range t.Commands {
		path, err := exec.LookPath(name)
		if err == nil && (t.Works == nil || t.Works(path) == nil) {
			return path, true
		}
	}
	return "", false
}

func (t Tool) install(ctx context.Context, apt string, log io.Writer) (string, error) {
	fmt.Fprintf(log, "installing %s\n", t.Name)
	err := run(ctx, log, apt, "update")
	for _, set := range t.Packages {
		args := append([]string{"install", "-y", "--no-install-recommends"}, set...)
		if err = run(ctx, log, apt, args...); err != nil {
			continue
		}
		if path, ok := t.find(); ok {
			return path, nil
		}
	}
	if err != nil {
		return "", fmt.Errorf("%s is missing and could not be installed: %w", t.Name, err)
	}
	return "", fmt.Errorf("%s is missing, also after installing %v", t.Name, t.Packages)
}

func run(ctx context.Context, log io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	cmd.Stdout, cmd.Stderr = log, log
	return cmd.Run()
}

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// atLeastJava17 asks the program itself: macOS has a java that only says
// that there is none.
func atLeastJava17(path string) error {
	out, err := exec.Command(path, "-version").CombinedOutput()
	if err != nil {
		return err
	}
	match := javaVersion.FindSubmatch(out)
	if match == nil {
		return fmt.Errorf("%s does not tell its version", path)
	}
	if major, err := strconv.Atoi(string(match[1])); err != nil || major < 17 {
		return fmt.Errorf("%s is version %s", path, match[1])
	}
	return nil
}

// tellsVersion refuses what only stands in a program's place, as where a distribution's
// package says to install another.
func tellsVersion(path string) error {
	return exec.Command(path, "--version").Run()
}
