package sesmail

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"sync"
)

// maxRequest is what SES takes: 10 MB of mail, in base64 and with parameters.
const maxRequest = 14 << 20

// Server is an SES endpoint for SendEmail and SendRawEmail. It refuses what SES
// would refuse of a request that was put together wrongly; it checks neither
// signatures nor whether the sender is verified.
type Server struct {
	box *Mailbox

	mu     sync.Mutex
	faults Faults
}

// Faults are what a test lets go wrong. Either function may also sleep.
type Faults struct {
	// Before runs before a mail is kept, and its error refuses the mail: an
	// *Error goes to the client as it is, any other as ServiceUnavailable, which
	// the SDK tries again.
	Before func(Mail) error
	// After runs when the mail is kept, and its error cuts the connection: the
	// mail goes out, and the client never learns it.
	After func(Mail) error
}

// NewServer returns an endpoint whose mail ends up in the box.
func NewServer(box *Mailbox) *Server {
	return &Server{box: box}
}

// Fail lets things go wrong from now on; Fail(Faults{}) ends that.
func (s *Server) Fail(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

func (s *Server) currentFaults() Faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults
}

// ServeHTTP answers one call of the AWS Query protocol.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := rand.Text()
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "SES takes POST", http.StatusMethodNotAllowed)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxRequest)
	if err := r.ParseForm(); err != nil {
		writeError(w, requestID, refuse("MalformedQueryString", "%v", err))
		return
	}
	faults := s.currentFaults()
	m, err := s.send(r.PostForm, faults)
	if err != nil {
		writeError(w, requestID, err)
		return
	}
	if faults.After != nil && faults.After(m) != nil {
		panic(http.ErrAbortHandler)
	}
	writeAnswer(w, r.PostForm.Get("Action"), requestID, m.ID)
}

func (s *Server) send(form url.Values, faults Faults) (Mail, error) {
	m, err := parse(form)
	if err != nil {
		return Mail{}, err
	}
	m = s.box.stamp(m)
	if faults.Before != nil {
		if err := faults.Before(m); err != nil {
			return Mail{}, asError(err)
		}
	}
	return m, s.box.keep(m)
}

func parse(form url.Values) (Mail, error) {
	switch action := form.Get("Action"); action {
	case "SendEmail":
		return parseSendEmail(form)
	case "SendRawEmail":
		return parseSendRawEmail(form)
	default:
		return Mail{}, refuse("InvalidAction", "Could not find operation %s for version 2010-12-01", action)
	}
}

func asError(err error) *Error {
	if refusal, ok := errors.AsType[*Error](err); ok {
		return refusal
	}
	return &Error{Status: http.StatusServiceUnavailable, Code: "ServiceUnavailable", Message: err.Error()}
}
