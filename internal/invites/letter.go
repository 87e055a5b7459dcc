package invites

// letterIDLength is enough of a hash to tell an invitation's mails apart.
const letterIDLength = 16

// LetterID names the mail that the present token went out with: each has a token of its
// own, and the id is the begin of its hash. A bounce or a complaint brings it back.
func (i Invitation) LetterID() string { return i.Hash[:min(len(i.Hash), letterIDLength)] }
