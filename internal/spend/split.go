package spend

import (
	"bytes"
	"encoding/json"
)

// split cuts a body into its records: the elements of a JSON array, JSON Lines, or values
// one after the other. It looks at quotes and brackets alone, so that a record which is no
// JSON costs none of its neighbours; where the body breaks off, the rest is the last record.
// Of a body with more than MaxEvents it cuts as many as tell that.
func split(body []byte) [][]byte {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	switch {
	case len(body) == 0:
		return nil
	case body[0] == '[':
		return elements(body[1:])
	case json.Valid(body):
		return [][]byte{body}
	case isLines(body):
		return lines(body)
	default:
		return elements(body)
	}
}

// isLines reports whether any line is an object by itself, as in JSON Lines: however the
// others are broken, they cost it nothing. What is indented is part of an object that is
// written over several lines.
func isLines(body []byte) bool {
	for line := range bytes.Lines(body) {
		if line[0] == '{' && json.Valid(line) {
			return true
		}
	}
	return false
}

func lines(body []byte) (records [][]byte) {
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) > 0 && len(records) <= MaxEvents {
			records = append(records, line)
		}
	}
	return records
}

// elements cuts at commas between values, and before and behind each object, down to the end
// of the array.
func elements(body []byte) (records [][]byte) {
	depth, quoted, start := 0, false, 0
	cut := func(end int) {
		if record := bytes.TrimSpace(body[start:end]); len(record) > 0 {
			records = append(records, record)
		}
	}
	for i := 0; i < len(body) && len(records) <= MaxEvents; i++ {
		switch c := body[i]; {
		case quoted:
			if c == '\\' {
				i++
			} else if c == '"' {
				quoted = false
			}
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if depth == 0 { // values without a comma between them
				cut(i)
				start = i
			}
			depth++
		case depth == 0 && c == ']':
			cut(i)
			start = i + 1 // what comes behind is one record, to be rejected: nothing is passed over in silence
			cut(len(body))
			return records
		case depth > 0 && (c == '}' || c == ']'):
			if depth--; depth == 0 {
				cut(i + 1)
				start = i + 1
			}
		case c == ',' && depth == 0:
			cut(i)
			start = i + 1
		}
	}
	cut(len(body))
	return records
}
