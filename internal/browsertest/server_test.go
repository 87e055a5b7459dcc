package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is the program behind `make dev`, in a folder of its own.
type server struct {
	demo
	process *exec.Cmd
	ended   chan error
	dir     string
}

// demo is what `make dev` prints: how to get in.
type demo struct {
	URL          string `json:"url"`
	OwnerEmail   string `json:"owner_email"`
	APIKey       string `json:"api_key"`
	GatewayToken string `json:"gateway_token"`
	OrgSlug      string `json:"org_slug"`
}

func startServer(ctx context.Context) (*server, error) {
	dir, err := os.MkdirTemp("", "browsertest")
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(dir, "dev")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "../dev").CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("build the server: %w\n%s", err, out)
	}
	s := &server{process: exec.Command(binary), ended: make(chan error, 1), dir: dir}
	s.process.Dir, s.process.Stderr = dir, os.Stderr
	s.process.Env = append(withoutSettings(os.Environ()), "NEMO_ADDR=localhost:0")
	bindLife(s.process)
	if err := s.process.Start(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	go func() { s.ended <- s.process.Wait() }()
	if err := s.ready(ctx); err != nil {
		s.stop()
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	return s, nil
}

// withoutSettings drops what a person may have set for their own server.
func withoutSettings(environment []string) (kept []string) {
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "NEMO_") {
			kept = append(kept, variable)
		}
	}
	return kept
}

// ready returns when the server has founded its demo and answers.
func (s *server) ready(ctx context.Context) error {
	for {
		content, err := os.ReadFile(filepath.Join(s.dir, ".dev", "demo.json"))
		if err == nil && json.Unmarshal(content, &s.demo) == nil && s.answers() {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case err := <-s.ended:
			s.ended <- err
			return errors.Join(errors.New("it ended"), err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *server) answers() bool {
	answer, err := http.Get(s.URL + "/v1/health")
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// stop ends the server, which ends its engine.
func (s *server) stop() {
	_ = s.process.Process.Signal(syscall.SIGTERM) // an error means that it has ended
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		_ = s.process.Process.Kill()
	}
	os.RemoveAll(s.dir)
}

type object = map[string]any

// api calls the API with a key, a session's or the gateway's token or none, and fails the test unless the
// answer is good.
func (s *server) api(t *testing.T, token, method, path string, body any) (answer object) {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	content, err = io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, content)
	}
	_ = json.Unmarshal(content, &answer) // some answers have no body
	return answer
}
