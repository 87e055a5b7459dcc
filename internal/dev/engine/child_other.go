//go:build !linux

package engine

import "os/exec"

// bindLife can do nothing where a child cannot be tied to its parent. The
// process stays in our group, so that an interrupt at the keyboard ends both.
func bindLife(*exec.Cmd) {}
