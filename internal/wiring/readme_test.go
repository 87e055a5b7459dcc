package wiring

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The README's table of variables says what the code says.
func TestReadmeVariables(t *testing.T) {
	content, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range Variables {
		value := "`" + v.Default + "`"
		switch {
		case v.Optional:
			value = "none"
		case v.Default == "":
			value = "–"
		}
		if row := fmt.Sprintf("| `%s` | %s | %s |", v.Name, value, v.Meaning); !strings.Contains(string(content), row+"\n") {
			t.Errorf("the README lacks the row\n%s", row)
		}
	}
}
