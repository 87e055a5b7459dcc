package browsertest

import (
	"os/exec"
	"syscall"
)

// bindLife lets the kernel end the server when the tests die, however that happens. It
// takes "the parent died" to mean the thread that started it: TestMain's, which is locked.
// The server ends its engine.
func bindLife(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
