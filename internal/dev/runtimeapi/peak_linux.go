package runtimeapi

import (
	"os"
	"syscall"
)

// peak is the most memory that a process had at once.
func peak(s *os.ProcessState) int64 {
	used, _ := s.SysUsage().(*syscall.Rusage)
	if used == nil {
		return 0
	}
	return used.Maxrss << 10 // it is in KiB here
}
