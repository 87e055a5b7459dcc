package pages_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// served are all that the pages serve, as the code says: each route, and, behind it, each
// value of "do" that it knows, such as "POST /{org}/team invite".
func served(t *testing.T) (found []string) {
	t.Helper()
	functions := functionsHere(t)
	for _, table := range []string{"routes", "orgRoutes"} {
		ast.Inspect(functions[table], func(n ast.Node) bool {
			row, ok := n.(*ast.CompositeLit)
			if !ok || len(row.Elts) != 2 {
				return true
			}
			pattern, isText := row.Elts[0].(*ast.BasicLit)
			handler, isMethod := row.Elts[1].(*ast.SelectorExpr)
			if isText && isMethod {
				route := unquoted(t, pattern)
				deeds := deedsIn(t, functions[handler.Sel.Name])
				if !strings.HasPrefix(route, "POST") || len(deeds) == 0 {
					found = append(found, route)
				}
				for _, do := range deeds {
					found = append(found, route+" "+do)
				}
			}
			return true
		})
	}
	return found
}

// functionsHere are the package's functions and methods, by name.
func functionsHere(t *testing.T) map[string]*ast.FuncDecl {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	functions := map[string]*ast.FuncDecl{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && !strings.HasSuffix(path, "_test.go") {
				functions[f.Name.Name] = f
			}
		}
	}
	return functions
}

// deedsIn are the values of "do" among which a handler chooses.
func deedsIn(t *testing.T, handler *ast.FuncDecl) (deeds []string) {
	t.Helper()
	ast.Inspect(handler, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 {
			return true
		}
		name, ok := call.Fun.(*ast.Ident)
		if !ok || name.Name != "chosen" {
			return true
		}
		for _, e := range call.Args[1].(*ast.CompositeLit).Elts {
			deeds = append(deeds, unquoted(t, e.(*ast.KeyValueExpr).Key.(*ast.BasicLit)))
		}
		return true
	})
	return deeds
}

func unquoted(t *testing.T, literal *ast.BasicLit) string {
	t.Helper()
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
