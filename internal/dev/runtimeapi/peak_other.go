//go:build !linux

package runtimeapi

import "errors"

// Peak is known on Linux only, which is what functions run on.
func (p *Process) Peak() (int64, error) { return 0, errors.ErrUnsupported }
