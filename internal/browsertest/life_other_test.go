//go:build !linux

package browsertest

import "os/exec"

func bindLife(*exec.Cmd) {}
