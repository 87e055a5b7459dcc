// Package fuzz runs every fuzz target of the program for a while: each decoder of what
// strangers send has one, beside it, with seeds.
package fuzz

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// target is one fuzz target.
type target struct {
	name   string
	dir    string // of its package
	seeded bool
}

// targets finds all fuzz targets below root.
func targets(root string) (found []target, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Fuzz") {
				found = append(found, target{f.Name.Name, filepath.Dir(path), seeded(f, filepath.Dir(path))})
			}
		}
		return nil
	})
	return found, err
}

// seeded reports whether a target has seeds: in its code or in a folder of its name.
func seeded(f *ast.FuncDecl, dir string) bool {
	if files, err := os.ReadDir(filepath.Join(dir, "testdata", "fuzz", f.Name.Name)); err == nil && len(files) > 0 {
		return true
	}
	adds := func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return false
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		return ok && method.Sel.Name == "Add"
	}
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		found = found || adds(n)
		return !found
	})
	return found
}

// decodes are the packages that read what strangers send, by what.
var decodes = map[string]string{
	"secret": "tokens", "ident": "ids", "store": "cursors", "address": "addresses", "names": "names and slugs", "money": "amounts",
	"gateway": "keys", "keys": "limits and expiries of keys", "spend": "events, native and LiteLLM's", "quickread": "the table's answers",
	"pages": "pasted lists of people", "web": "cells of CSV", "wiring": "API Gateway's events", "notices": "SES's notices",
	"sessions": "network addresses",
}

// unfuzzed are what is decoded without a target.
func unfuzzed(all []target) (missing []string) {
	for name, what := range decodes {
		if !slices.ContainsFunc(all, func(t target) bool { return filepath.Base(t.dir) == name }) {
			missing = append(missing, name+": "+what)
		}
	}
	return missing
}
