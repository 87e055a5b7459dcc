package runtimeapi

import (
	"fmt"
	"os"
	"strings"
)

// Peak is the most memory that the process has had, in bytes. It must still run: what the
// system says of one that has gone includes the program that started it.
func (p *Process) Peak() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	const name = "VmHWM:"
	var kib int64
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, name) {
			_, err := fmt.Sscan(strings.TrimPrefix(line, name), &kib)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("process %d does not say %s", p.cmd.Process.Pid, name)
}
