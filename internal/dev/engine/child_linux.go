package engine

import (
	"os/exec"
	"syscall"
)

// bindLife lets the kernel kill the process when ours dies, however that
// happens. The process gets a group of its own: an interrupt at the keyboard
// must not take the database away from tests that are still cleaning up.
func bindLife(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
