package quickread

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value is an attribute of an item. It is the zero Value if it is null, or of a type that
// is not one of these.
type Value struct {
	Text   string
	Number int64    // numbers are whole
	List   []string // of strings
}

var errForm = errors.New("quickread: the answer does not have the form of one")

// parse reads the engine's answer about a table.
func parse[T any, R Row[T]](s, table string) (a Answer[T], err error) {
	in := scanner{s: s}
	in.object(func(part string) {
		switch part {
		case "Responses":
			in.object(func(name string) {
				if name != table {
					in.skip()
					return
				}
				in.array(func() {
					a.Items = append(a.Items, *new(T))
					row := R(&a.Items[len(a.Items)-1])
					in.object(func(name string) { row.Set(name, in.value()) })
				})
			})
		case "UnprocessedKeys":
			in.object(func(string) {
				in.object(func(name string) {
					if name != "Keys" {
						in.skip()
						return
					}
					in.array(func() { a.Unprocessed = append(a.Unprocessed, in.key()) })
				})
			})
		default:
			in.skip()
		}
	})
	if in.space(); in.bad || in.at != len(s) {
		return Answer[T]{}, errForm
	}
	return a, nil
}

func (in *scanner) key() (k Key) {
	in.object(func(name string) {
		switch v := in.value(); name {
		case "pk":
			k.PK = v.Text
		case "sk":
			k.SK = v.Text
		}
	})
	return k
}

// value reads an attribute: {"S":"text"}, {"N":"7"}, {"L":[{"S":"text"}]} or another type.
func (in *scanner) value() (v Value) {
	in.object(func(kind string) {
		switch kind {
		case "S":
			v.Text = in.text()
		case "N":
			n, err := strconv.ParseInt(in.text(), 10, 64)
			v.Number, in.bad = n, in.bad || err != nil
		case "L":
			in.array(func() { v.List = append(v.List, in.value().Text) })
		default:
			in.skip()
		}
	})
	return v
}

// scanner reads JSON from front to back. Its texts are parts of s. When something is not
// JSON it turns bad, and reads on to nowhere.
type scanner struct {
	s   string
	at  int
	bad bool
}

func (in *scanner) space() {
	for in.at < len(in.s) && strings.IndexByte(" \t\r\n", in.s[in.at]) >= 0 {
		in.at++
	}
}

// next reports whether c comes next, and reads it if so.
func (in *scanner) next(c byte) bool {
	in.space()
	if in.bad || in.at >= len(in.s) || in.s[in.at] != c {
		return false
	}
	in.at++
	return true
}

func (in *scanner) want(c byte) {
	if !in.next(c) {
		in.bad = true
	}
}

// object calls field behind the name of each field; it must read the value.
func (in *scanner) object(field func(name string)) {
	in.want('{')
	if in.next('}') {
		return
	}
	for !in.bad {
		name := in.text()
		in.want(':')
		if in.bad {
			return
		}
		field(name)
		if !in.next(',') {
			in.want('}')
			return
		}
	}
}

// array calls element before each element; it must read it.
func (in *scanner) array(element func()) {
	in.want('[')
	if in.next(']') {
		return
	}
	for !in.bad {
		element()
		if !in.next(',') {
			in.want(']')
			return
		}
	}
}

// text reads a string.
func (in *scanner) text() string {
	in.want('"')
	from, escaped := in.at, false
	for ; !in.bad && in.at < len(in.s); in.at++ {
		switch c := in.s[in.at]; {
		case c == '\\':
			escaped = true
			in.at++
		case c == '"':
			in.at++
			if plain := in.s[from : in.at-1]; !escaped && utf8.ValidString(plain) {
				return plain
			}
			var text string // apart, for it is an allocation
			if json.Unmarshal([]byte(in.s[from-1:in.at]), &text) != nil {
				in.bad = true
			}
			return text
		case c < ' ':
			in.bad = true
		}
	}
	in.bad = true
	return ""
}

// skip reads any value.
func (in *scanner) skip() {
	in.space()
	if in.bad || in.at >= len(in.s) {
		in.bad = true
		return
	}
	switch in.s[in.at] {
	case '{':
		in.object(func(string) { in.skip() })
	case '[':
		in.array(in.skip)
	case '"':
		in.text()
	default:
		length := strings.IndexAny(in.s[in.at:], ",]} \t\r\n")
		if length < 0 || !json.Valid([]byte(in.s[in.at:in.at+length])) {
			in.bad = true
			return
		}
		in.at += length
	}
}
