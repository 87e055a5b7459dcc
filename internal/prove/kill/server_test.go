package kill_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
)

// The server of make dev dies under load, and its engine with it: no handler ends its
// request, no transaction its rest. It is started again in the same folder.
func TestKill_server(t *testing.T) {
	s := newServer(t)
	s.start(t)
	before, counted := s.world(t).Books().Orgs[s.orgID], tallied(t, s.world(t), s.orgID)
	counts := map[string]int{}
	for _, action := range []string{"team.created", "invitation.created", "key.created", "key.revoked", "credits.added"} {
		counts[action] = before.Entries(action)
	}
	l := &load{orgID: s.orgID, keyID: s.keyID, send: s.send}
	l.start()
	kills := prove.Times(1, 10)
	for range kills {
		time.Sleep(moment())
		s.kill(t)
		l.killed()
		s.start(t)
	}
	time.Sleep(moment())
	l.end()
	l.check(t, s.world(t), counts, counted)
	prove.Count(t, kills, "kills of the server under load")
}

// server is make dev's, in a folder of its own.
type server struct {
	binary, dir, address string
	cmd                  *exec.Cmd
	ended                chan struct{}     // closed when the server has ended
	tokens               map[string]string // of the owner and the gateway
	orgID, keyID         string
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{binary: filepath.Join(t.TempDir(), "dev"), address: freeAddress(t), ended: make(chan struct{})}
	close(s.ended)
	build := exec.Command("go", "build", "-o", s.binary, "github.com/nemorouter/nemo-team/internal/dev")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Cleanup(func() { s.kill(t) })
	return s
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

const startTime = 2 * time.Minute // many times what it takes on a busy machine

// start starts the server and returns when it answers. On a busy machine its engine may be too
// slow for it: then it ends by itself, and is started again; before there is anything to keep,
// in a fresh folder.
func (s *server) start(t *testing.T) {
	t.Helper()
	var log bytes.Buffer
	for range 3 {
		if s.keyID == "" {
			s.dir = t.TempDir()
		}
		if s.run(t, &log) {
			return
		}
		s.kill(t)
	}
	t.Fatalf("the server does not answer:\n%s", log.String())
}

// run runs the server, and reports whether it answers.
func (s *server) run(t *testing.T, log *bytes.Buffer) bool {
	t.Helper()
	log.Reset()
	s.cmd, s.ended = exec.Command(s.binary), make(chan struct{})
	s.cmd.Dir = s.dir
	s.cmd.Env = append(os.Environ(), "NEMO_ADDR="+s.address, "NEMO_INVITATIONS_PER_DAY_NEW=1000000")
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = s.cmd.Wait() // it says how it ended
		close(s.ended)
	}()
	for end := time.After(startTime); ; {
		select {
		case <-s.ended:
			return false
		case <-end:
			return false
		case <-time.After(50 * time.Millisecond):
			if s.ready() {
				return true
			}
		}
	}
}

// ready reports whether the server answers, and learns who may call it.
func (s *server) ready() bool {
	var demo struct {
		Key   string `json:"api_key"`
		Token string `json:"gateway_token"`
	}
	content, err := os.ReadFile(filepath.Join(s.dir, ".dev", "demo.json"))
	if err != nil || json.Unmarshal(content, &demo) != nil {
		return false
	}
	s.tokens = map[string]string{owner: demo.Key, gateway: demo.Token}
	status, content := s.send(owner, "GET", "/v1/me", nil, "")
	if status != http.StatusOK {
		return false
	}
	if s.keyID == "" {
		var me struct{ Org struct{ ID string } }
		var key struct{ ID string }
		_ = json.Unmarshal(content, &me) // its absence shows in every check
		s.orgID = me.Org.ID
		_, content = s.send(owner, "POST", "/v1/keys", m{"name": "pays"}, "")
		_ = json.Unmarshal(content, &key)
		s.keyID = key.ID
	}
	return true
}

// kill is SIGKILL. The engine dies with the server that started it.
func (s *server) kill(t *testing.T) {
	select {
	case <-s.ended:
		return
	default:
	}
	if err := s.cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	<-s.ended
}

var client = &http.Client{Timeout: 30 * time.Second}

func (s *server) send(as, method, path string, body any, idempotencyKey string) (int, []byte) {
	content, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	r, err := http.NewRequest(method, "http://"+s.address+path, bytes.NewReader(content))
	if err != nil {
		panic(err)
	}
	if token := s.tokens[as]; token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	r.Header.Set("Content-Type", "application/json")
	if idempotencyKey != "" {
		r.Header.Set("Idempotency-Key", idempotencyKey)
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, nil
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil { // it broke off: nothing is acknowledged
		return 0, nil
	}
	return answer.StatusCode, read
}

// world is the server's table, read past the server.
func (s *server) world(t *testing.T) *apitest.World {
	t.Helper()
	var cloud struct{ DynamoDB string }
	content, err := os.ReadFile(filepath.Join(s.dir, ".dev", "cloud.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &cloud); err != nil {
		t.Fatal(err)
	}
	apitest.Connect(cloud.DynamoDB)
	return apitest.Over(t, "nemo-team")
}
