package engine

import (
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"time"
)

// child is a process that does not outlive this one, as far as the system can
// promise that (see bindLife).
type child struct {
	cmd   *exec.Cmd
	out   *output
	done  chan struct{} // closed when the process has gone
	ended atomic.Bool   // somebody asked it to go
}

func startChild(name string, args []string) (*child, error) {
	c := &child{
		cmd:  exec.Command(name, args...),
		out:  &output{},
		done: make(chan struct{}),
	}
	c.cmd.Stdout, c.cmd.Stderr = c.out, c.out
	c.cmd.Dir = os.TempDir() // the engine leaves a file of metadata where it runs
	bindLife(c.cmd)
	started := make(chan error)
	go c.run(started)
	return c, <-started
}

// run starts the process and waits for its end on one thread of its own: Linux
// takes "the parent died" to mean that the thread which started it did, and the
// Go runtime ends a thread together with the goroutine that was locked to it.
func (c *child) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	_ = c.cmd.Wait() // how it went stands in cmd.ProcessState
	close(c.done)
}

// end sends the signal, kills the process if that was not enough, and returns
// when it has gone.
func (c *child) end(sig os.Signal) {
	c.ended.Store(true)
	// An error here means that it has gone already.
	_ = c.cmd.Process.Signal(sig)
	select {
	case <-c.done:
	case <-time.After(stopTimeout):
		_ = c.cmd.Process.Kill()
		<-c.done
	}
}

func (c *child) endedByItself() bool {
	select {
	case <-c.done:
		return !c.ended.Load()
	default:
		return false
	}
}
