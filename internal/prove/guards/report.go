package guards

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// kept are the guards that stay though no test can notice that one is gone, and why. The
// file has lines of "step | item | by | conjunct: why"; * stands for any text of a part.
type kept []keptGuard

type keptGuard struct {
	parts [4]string
	why   string
}

func readKept(path string) (all kept, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, why, ok := strings.Cut(line, ": ")
		parts := strings.Split(name, " | ")
		if !ok || len(parts) != 4 {
			return nil, fmt.Errorf("%s: not a guard and a reason: %s", path, line)
		}
		all = append(all, keptGuard{[4]string(parts), why})
	}
	return all, nil
}

func (k keptGuard) matches(v verdict) bool {
	g := v.guard
	for i, part := range []string{g.Step, g.Item, g.By, g.Conjunct} {
		if k.parts[i] != "*" && k.parts[i] != part {
			return false
		}
	}
	return true
}

// why is the reason to keep the guard that nobody missed; "" if there is none.
func (all kept) why(v verdict) string {
	for _, k := range all {
		if k.matches(v) {
			return k.why
		}
	}
	return ""
}

// fate is what became of a guard that was removed.
type fate string

// The fates.
const (
	missed   fate = "missed"
	unmissed fate = "MISSED BY NOBODY"
	excused  fate = "kept"
	botched  fate = "BOTCHED"
)

// fate is what became of the guard, and by whom or why.
func (v verdict) fate(all kept) (fate, string) {
	switch {
	case v.botched != "":
		return botched, v.botched
	case v.missedBy != "":
		return missed, v.missedBy
	case all.why(v) != "":
		return excused, all.why(v)
	default:
		return unmissed, fmt.Sprintf("%d tests see it refused", len(v.seenBy))
	}
}
