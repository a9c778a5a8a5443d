package mirror

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// answer is that to a request, over HTTP or not.
type answer struct {
	status int
	kind   string // Content-Type
	body   []byte
	retry  time.Duration // Retry-After
}

// The content types of C2SP tlog-witness and tlog-mirror.
const (
	kindText = "text/plain; charset=utf-8"
	kindSize = "text/x.tlog.size"
	kindInfo = "text/x.tlog.mirror-info"
)

// refuse is an answer that says why.
func refuse(status int, format string, a ...any) *answer {
	return &answer{status: status, kind: kindText, body: fmt.Appendf(nil, format+"\n", a...)}
}

// busy is an answer to come again.
func busy(status int, wait time.Duration, reason string) *answer {
	a := refuse(status, "%s", reason)
	a.retry = wait
	return a
}

// conflictSize says which checkpoint was cosigned last.
func conflictSize(size int64) *answer {
	return &answer{status: http.StatusConflict, kind: kindSize, body: append(strconv.AppendInt(nil, size, 10), '\n')}
}

// infoAnswer says where an upload goes on.
func infoAnswer(status int, i mirrorInfo) *answer {
	return &answer{status: status, kind: kindInfo, body: i.encode()}
}

// RefusedError is an answer of a mirror or witness that repeating the request does not change.
type RefusedError struct {
	Request string // add-checkpoint or add-entries
	Status  int    // of HTTP
	Reason  string // what the other side said
}

// Error says what was refused, and why.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s refused: %d %s: %s", e.Request, e.Status, http.StatusText(e.Status), e.Reason)
}
