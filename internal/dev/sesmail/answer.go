package sesmail

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/http"
)

const namespace = "http://ses.amazonaws.com/doc/2010-12-01/"

// Error is a refusal in SES's words.
type Error struct {
	Status  int    // of HTTP; 0 means 400
	Code    string // such as MessageRejected
	Message string
}

func (e *Error) Error() string {
	return e.Code + ": " + e.Message
}

func refuse(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func writeError(w http.ResponseWriter, requestID string, err error) {
	type fault struct {
		Type, Code, Message string
	}
	e := asError(err)
	status := cmp.Or(e.Status, http.StatusBadRequest)
	blame := "Sender"
	if status >= http.StatusInternalServerError {
		blame = "Receiver"
	}
	writeXML(w, status, struct {
		XMLName   xml.Name
		Error     fault
		RequestID string `xml:"RequestId"`
	}{xml.Name{Space: namespace, Local: "ErrorResponse"}, fault{blame, e.Code, e.Message}, requestID})
}

func writeAnswer(w http.ResponseWriter, action, requestID, messageID string) {
	type result struct {
		XMLName   xml.Name
		MessageID string `xml:"MessageId"`
	}
	writeXML(w, http.StatusOK, struct {
		XMLName   xml.Name
		Result    result
		RequestID string `xml:"ResponseMetadata>RequestId"`
	}{
		XMLName:   xml.Name{Space: namespace, Local: action + "Response"},
		Result:    result{xml.Name{Local: action + "Result"}, messageID},
		RequestID: requestID,
	})
}

func writeXML(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	// What may fail from here is the connection, and then nobody listens.
	_ = xml.NewEncoder(w).Encode(document)
}
