package engine

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// helperVariable turns this test binary into a process that starts a child.
const helperVariable = "NEMO_TEST_CHILD_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		c, err := startChild("sleep", []string{"60"})
		if err != nil {
			panic(err)
		}
		fmt.Println(c.cmd.Process.Pid)
		select {}
	}
	os.Exit(m.Run())
}

// Whatever kills the parent, no engine is left running.
func TestChild_diesWithItsParent(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), helperVariable+"=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	_ = parent.Process.Kill()
	_ = parent.Wait()
	wantGone(t, pid)
}

// wantGone takes a zombie for gone: in a container, nobody may be there to reap it.
func wantGone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return
		}
		if stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %d outlived its parent", pid)
}
