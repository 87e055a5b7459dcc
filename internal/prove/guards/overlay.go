package guards

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// unwatched are the functions of the store that testdata/watched.go stands in for, by file.
var unwatched = map[string][]string{
	"write.go":  {"when", "and"},
	"commit.go": {"transact", "apply", "refusal"},
	"store.go":  {"asFault"},
}

// overlay writes, into dir, what is to be compiled in place of the store's own files, and
// returns the file that tells the compiler.
func overlay(root, dir string) (string, error) {
	store := filepath.Join(root, "internal", "store")
	replace := map[string]string{
		filepath.Join(store, "watched.go"): filepath.Join(root, "internal", "prove", "guards", "testdata", "watched.go"),
	}
	for name, functions := range unwatched {
		source, err := renamed(filepath.Join(store, name), functions)
		if err != nil {
			return "", err
		}
		to := filepath.Join(dir, name)
		if err := os.WriteFile(to, source, 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(store, name)] = to
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, b, 0o600)
}

// renamed is a file in which the functions have other names, and a write knows its guard.
func renamed(path string, functions []string) ([]byte, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if slices.Contains(functions, n.Name.Name) {
				n.Name.Name += "Unwatched"
				found++
			}
		case *ast.TypeSpec:
			if s, ok := n.Type.(*ast.StructType); ok && n.Name.Name == "write" {
				s.Fields.List = append(s.Fields.List, &ast.Field{Names: []*ast.Ident{ast.NewIdent("watched")}, Type: ast.NewIdent("watched")})
			}
		}
		return true
	})
	if found != len(functions) {
		return nil, fmt.Errorf("%s has %d of the functions %v", path, found, functions)
	}
	var b bytes.Buffer
	err = format.Node(&b, files, file)
	return b.Bytes(), err
}

// suite is the tests of one package, compiled to be watched.
type suite struct {
	dir    string // of its source
	binary string
}

// compile builds the suites of the packages.
func compile(root, dir string, packages []string) (suites []suite, err error) {
	over, err := overlay(root, dir)
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		s := suite{filepath.Join(root, p), filepath.Join(dir, filepath.Base(p)+".test")}
		build := exec.Command("go", "test", "-c", "-overlay", over, "-o", s.binary, "./"+p)
		build.Dir = root
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("compile the tests of %s: %w\n%s", p, err, out)
		}
		suites = append(suites, s)
	}
	return suites, nil
}
