package pages

import (
	"net/http"

	"github.com/nemorouter/nemo-team/internal/web"
)

// askData is a page that says what will happen, and a form that lets it happen. All that
// cannot be undone is behind one, and every small change that needs an answer.
type askData struct {
	frame
	Lead   string
	Facts  []string // what will happen
	Action string   // where the form goes
	Do, ID string   // what it does, to what
	Nonce  string   // of a form that must not work twice
	Choice choice   // none if it has no options
	Fields []field
	Button string
	Danger bool
	Back   action
	Notice string
}

// choice is a question with a few answers.
type choice struct {
	Name, Label string
	Options     []option
}

// option is one answer.
type option struct {
	Value, Label, Hint string
	Chosen             bool
}

var askPage = newBoardPage[askData]("ask.html")

// ask shows the page. A fault, if there is one, is of an answer that was not good.
func (v visit) ask(at string, data askData, refused error) error {
	status := http.StatusOK
	data.frame = v.frame(at, data.Title)
	data.Action = v.path(at)
	if data.Back == (action{}) {
		data.Back = action{"Cancel", v.path(at)}
	}
	if refused != nil {
		flt, ok := mendable(refused)
		if !ok || len(data.Fields) == 0 {
			return refused
		}
		fields := make([]*field, len(data.Fields))
		for i := range data.Fields {
			fields[i] = &data.Fields[i]
		}
		data.Notice = notice(flt, fields...)
		answer(v.w, v.r, flt, refused)
		status = web.Status(flt.Kind)
	}
	askPage.render(v.w, v.r, status, data)
	return nil
}

// titled is an askData of that title; the frame comes later.
func titled(title string) frame { return frame{Title: title} }
