package members

import (
	"context"
	"log/slog"
	"time"
)

// seenEvery is how old the note of when somebody was seen grows before it is made anew:
// people who are there all day cost one write a day, not one for each page.
const seenEvery = 24 * time.Hour

// Watcher notes when people were last seen in their browsers.
type Watcher struct {
	// Store.MarkSeen notes the time, unless the person is no longer a member.
	Store interface {
		MarkSeen(ctx context.Context, orgID, userID string, at time.Time) error
	}
	Now func() time.Time
}

// Saw notes that the member is here now. It fails nobody's request.
func (w Watcher) Saw(ctx context.Context, m Member) {
	now := w.Now()
	if now.Sub(m.LastSeen()) < seenEvery {
		return
	}
	if err := w.Store.MarkSeen(ctx, m.OrgID, m.UserID, now); err != nil {
		slog.WarnContext(ctx, "not noted that a member was seen", "org_id", m.OrgID, "error", err)
	}
}

// LastSeen is when the member was last in their browser, to the day.
func (m Member) LastSeen() time.Time {
	if m.SeenAt.After(m.JoinedAt) {
		return m.SeenAt
	}
	return m.JoinedAt
}
