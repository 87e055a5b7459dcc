package apitest_test

import (
	"encoding/json"
	"strings"

	"github.com/nemorouter/nemo-team/internal/prove"
)

// mark is in every nasty value that can hold it, so that an answer that quotes one is found.
const mark = "zq9xk"

// hostile is a value that no caller means well with.
type hostile struct {
	what string
	text string // for paths, queries and headers; "" where it has no such form
	json string // for bodies
}

func nastyText(what, text string) hostile {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return hostile{what, text, string(b)}
}

// nastyJSON has no form but that of a body.
func nastyJSON(what, json string) hostile { return hostile{what, "", json} }

// hostiles are the nasty values. The short form leaves out what is near to another.
func hostiles() []hostile {
	sharp := []hostile{
		nastyText("NUL", mark+"\x00"),
		nastyText("CR LF and a header", mark+"\r\nSet-Cookie: x=y"),
		nastyText("right-to-left override", "a\u202e"+mark),
		nastyText("markup", "<script>"+mark+"</script>"),
		nastyText("path traversal", "../../"+mark),
		nastyText("number signs, as between the parts of keys", mark+"#ORG#TEAM#"),
		nastyText("40 KB", strings.Repeat(mark, 8000)),
		{"no UTF-8", mark + "\xff\xfe", `"` + mark + "\xff\xfe\""},
		nastyJSON("half of a surrogate pair", `"`+mark+`\ud800"`),
		nastyJSON("empty", `""`),
		nastyJSON("null", `null`),
		nastyJSON("number", `-1e400`),
		nastyJSON("object", `{"`+mark+`":1}`),
		nastyJSON("array", `["`+mark+`"]`),
	}
	if !prove.Long() {
		return sharp
	}
	return append(sharp,
		nastyText("tab", mark+"\ta"),
		nastyText("escape", mark+"\x1b[31m"),
		nastyText("C1 control", mark+"\u0085"),
		nastyText("DEL", mark+"\x7f"),
		nastyText("line separator", mark+"\u2028"),
		nastyText("zero-width space", "a\u200b"+mark),
		nastyText("byte order mark", "\ufeff"+mark),
		nastyText("isolates", "\u2066"+mark+"\u2069"),
		nastyText("Cyrillic look-alikes", "\u0430dmin"+mark),
		nastyText("full-width", "\uff41\uff44\uff4din"+mark),
		nastyText("combining marks", mark+strings.Repeat("\u0301", 200)),
		nastyText("a family in one emoji", "👩\u200d👩\u200d👧\u200d👦"+mark),
		nastyText("attribute", `"onmouseover=alert(1) x="`+mark),
		nastyText("template", "{{.Token}}${7*7}"+mark),
		nastyText("formula", `=HYPERLINK("http://evil.example","`+mark+`")`),
		nastyText("formula, minus", "-1+1|cmd'"+mark),
		nastyText("SQL", "' OR '1'='1' -- "+mark),
		nastyText("query of documents", `{"$gt":"`+mark+`"}`),
		nastyText("expression of DynamoDB", mark+" OR attribute_exists(pk)"),
		nastyText("names and values of DynamoDB", "#"+mark+" :"+mark),
		nastyText("shell", "$(touch /tmp/"+mark+")`id`"),
		nastyText("log line", mark+`{"level":"ERROR"}`),
		nastyText("percent-encoding", "%00%0d%0a"+mark),
		nastyText("backslashes", `..\..\`+mark),
		nastyText("absolute path", "/etc/passwd/"+mark),
		nastyText("URL", "https://evil.example/"+mark),
		nastyText("digits", strings.Repeat("9", 500)+mark),
		nastyText("long id", strings.Repeat("a", 1100)+mark),
		nastyText("spaces", "   "),
		nastyJSON("1 MB", `"`+strings.Repeat(mark, 200<<10)+`"`),
		nastyJSON("escaped NUL", `"`+mark+`\u0000"`),
		nastyJSON("surrogates the wrong way round", `"`+mark+`\udc00\ud800"`),
		nastyJSON("no escape", `"`+mark+`\x41"`),
		nastyJSON("true", `true`),
		nastyJSON("zero", `0`),
		nastyJSON("fraction", `0.1e-30`),
		nastyJSON("huge", `123456789012345678901234567890`),
		nastyJSON("not a number", `NaN`),
		nastyJSON("deep", strings.Repeat("[", 20000)+strings.Repeat("]", 20000)),
		nastyJSON("same field twice", `"a","a":"`+mark+`"`),
	)
}
