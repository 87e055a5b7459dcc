package web

import (
	"errors"
	"net/http"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// maxAnswer bounds the body of an answer, as a part of a string of JSON. Lambda takes 6 MB;
// some of it is for the headers.
const maxAnswer = 6<<20 - 64<<10

var errAnswerTooLarge = fault.New(fault.Invalid, "answer_too_large", "The answer is larger than 6 MB, which is the most that can be sent. Ask for less.")

// Answerable reports whether a function can answer with the body.
func Answerable(body string) bool { return inAnswer(body) <= maxAnswer }

// TooLarge answers in place of what is not answerable, on which Lambda would end the process
// and the caller see a bare 500. What reads can ask for less; what changes is bounded by what
// was sent, so that this is a fault of ours.
func TooLarge() http.Handler {
	return identified(hardened(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := errAnswerTooLarge
		if r.Method != http.MethodGet {
			err = fault.ErrInternal.Because(errors.New("web: the answer is too large"))
		}
		WriteProblem(w, r, err)
	})))
}

// inAnswer is how many bytes text takes at most as a part of a string of JSON.
func inAnswer[T string | []byte](text T) (n int) {
	for i := range len(text) {
		switch b := text[i]; {
		case b < ' ':
			n += len(`\u0000`)
		case b == '"' || b == '\\':
			n += 2
		case b == "\u2028"[0]: // of its three bytes, six are made
			n += 4
		default:
			n++
		}
	}
	return n
}
