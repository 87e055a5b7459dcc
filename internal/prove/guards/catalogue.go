// Package guards removes each condition from each step of each transaction in turn, and
// looks whether some test notices. A condition that nobody misses is a test that is missing
// or a condition that is not needed.
//
// No source is edited. The tests are compiled once, with a file laid over the store that
// notes its conditions and removes the one that the environment names; see watch. A first
// run of every test tells which conditions each test sees refused. Only those tests can
// notice that a condition is gone, so only they are run without it. What was found out is
// noted in .dev, so that a run that was broken off goes on where it stopped.
package guards

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// A stated condition is one place in the store's source that states a condition.
type stated struct{ by, at string }

// wordsOf are the store's words for conditions. They are defined in write.go.
var wordsOf = map[string]bool{"when": true, "and": true, "insert": true, "require": true}

// wordFile defines the words.
const wordFile = "write.go"

// source is the store's functions, by file.
type source struct {
	files     *token.FileSet
	functions map[string][]*ast.FuncDecl
}

func readSource(store string) (source, error) {
	s := source{token.NewFileSet(), map[string][]*ast.FuncDecl{}}
	paths, err := filepath.Glob(filepath.Join(store, "*.go"))
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(s.files, path, nil, 0)
		if err != nil {
			return s, err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				s.functions[filepath.Base(path)] = append(s.functions[filepath.Base(path)], f)
			}
		}
	}
	return s, err
}

// catalogue finds every place in the store that states a condition.
func catalogue(store string) ([]stated, error) {
	return places(store, func(n ast.Node) token.Pos {
		if call, ok := n.(*ast.CallExpr); ok {
			if word := called(call); word != nil && wordsOf[word.Name] && !empty(call) {
				return word.Pos()
			}
		}
		return token.NoPos
	})
}

// unworded finds the places that state a condition without the words: nobody watches them.
func unworded(store string) ([]stated, error) {
	return places(store, func(n ast.Node) token.Pos {
		if a, ok := n.(*ast.AssignStmt); ok && slices.ContainsFunc(a.Lhs, addsTo(a.Tok)) {
			return a.Pos()
		}
		return token.NoPos
	})
}

// places are those in the store's functions at which something is, if at tells a position.
func places(store string, at func(ast.Node) token.Pos) (all []stated, err error) {
	s, err := readSource(store)
	for file, functions := range s.functions {
		if file == wordFile {
			continue
		}
		for _, f := range functions {
			ast.Inspect(f, func(n ast.Node) bool {
				if pos := at(n); pos.IsValid() {
					all = append(all, stated{f.Name.Name, fmt.Sprintf("%s:%d", file, s.files.Position(pos).Line)})
				}
				return true
			})
		}
	}
	return all, err
}

// addsTo reports whether what is assigned to is a write's condition, or a text of one that
// is put together in steps of which a test may not meet each.
func addsTo(how token.Token) func(ast.Expr) bool {
	return func(to ast.Expr) bool {
		switch to := to.(type) {
		case *ast.SelectorExpr:
			return to.Sel.Name == "condition"
		case *ast.Ident:
			return to.Name == "condition" && how == token.ADD_ASSIGN
		}
		return false
	}
}

// functionsOf are the names of the store's functions, methods as the watch knows them.
func functionsOf(store string) (map[string]bool, error) {
	s, err := readSource(store)
	names := map[string]bool{}
	for _, functions := range s.functions {
		for _, f := range functions {
			names[f.Name.Name] = true
		}
	}
	return names, err
}

// called is the name of the function or method that is called.
func called(call *ast.CallExpr) *ast.Ident {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	}
	return nil
}

// empty reports whether a call states no condition yet: require(key, "", nil).
func empty(call *ast.CallExpr) bool {
	for _, a := range call.Args {
		if l, ok := a.(*ast.BasicLit); ok && l.Value == `""` {
			return true
		}
	}
	return false
}
