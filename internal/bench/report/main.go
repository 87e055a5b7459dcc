// report prints what `make bench` measured, from output in Go's benchmark format:
//
//	go run ./internal/bench/report [-chart FILE] FILE
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

func run() error {
	chartTo := flag.String("chart", "", "where to draw how costs grow with an org, as SVG")
	flag.Parse()
	if flag.NArg() != 1 {
		return fmt.Errorf("usage: report [-chart FILE] FILE")
	}
	content, err := os.ReadFile(flag.Arg(0))
	if err != nil {
		return err
	}
	results, err := parse(string(content))
	if err != nil {
		return err
	}
	if drawn := chart(results); *chartTo != "" && drawn != "" {
		if err := os.WriteFile(*chartTo, []byte(drawn), 0o644); err != nil {
			return err
		}
	}
	return print(os.Stdout, results)
}
