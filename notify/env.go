package notify

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Env is what a kind of receiver gets from its surroundings.
type Env struct {
	Receiver     string // id
	Version      string // of watcher, for User-Agent
	PublicURL    string // of the pages; empty: none
	OnUpdate     string // edit, thread, new or none; empty: new
	Dir          string // of the config file: relative *_file paths start there
	Stdout       io.Writer
	Zone         *time.Location // for clock times in text; nil: UTC
	Now          func() time.Time
	AllowCommand bool                                             // receivers of kind command may run programs
	Sleep        func(ctx context.Context, d time.Duration) error // nil: a timer
	// LeaveURL is where an address leaves a receiver with one click; empty
	// without public pages. Left lists the addresses that did. nil: nobody can.
	LeaveURL func(ctx context.Context, receiver, address string) (string, error)
	Left     func(ctx context.Context, receiver string) ([]string, error)
	// Turns has change read and replace the times of a receiver's last sends, of
	// all processes one at a time; nil: each Pace remembers its own.
	Turns     func(ctx context.Context, receiver string, change func([]time.Time) []time.Time) error
	Transport http.RoundTripper // nil: one with TLS verified that refuses link-local addresses
}

// Clock gives the time of day of an instant in the configured zone.
func (e Env) Clock(t time.Time) string { return e.Local(t).Format("15:04") }

// moment is Clock, with the day where it is not that of now.
func (e Env) moment(t, now time.Time) string {
	t, now = e.Local(t), e.Local(now)
	switch days := now.Sub(t); {
	case now.IsZero(), t.YearDay() == now.YearDay() && t.Year() == now.Year():
		return t.Format("15:04")
	case days < 6*24*time.Hour:
		return t.Format("Mon 15:04")
	}
	return t.Format("2 Jan 15:04")
}

// Local gives an instant in the configured zone.
func (e Env) Local(t time.Time) time.Time {
	if e.Zone == nil {
		return t.UTC()
	}
	return t.In(e.Zone)
}

// Time is the current time.
func (e Env) Time() time.Time {
	if e.Now == nil {
		return time.Now()
	}
	return e.Now()
}

// Updates reports how updates are told, given the ways that a kind knows
// besides new and none.
func (e Env) Updates(can ...string) (string, error) {
	switch e.OnUpdate {
	case "":
		return "new", nil
	case "new", "none":
		return e.OnUpdate, nil
	}
	for _, c := range can {
		if e.OnUpdate == c {
			return c, nil
		}
	}
	return "", fmt.Errorf("on_update: %q is not possible here: use %s", e.OnUpdate, strings.Join(append(can, "new", "none"), ", "))
}

// Secret is a text that is never shown: it prints as ***.
type Secret string

// String hides the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString hides the secret.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret in JSON, YAML and logs.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal gives the secret itself.
func (s Secret) Reveal() string { return string(s) }

// MissingSecret says that a secret's file cannot be read or that it is empty:
// a warning until the receiver is used.
type MissingSecret struct {
	Key string // of the settings
	Err error
}

func (e *MissingSecret) Error() string { return e.Key + ": " + e.Err.Error() }
func (e *MissingSecret) Unwrap() error { return e.Err }

// Secret gives the value of the key, or what the file of key_file holds. Both
// may be absent; that is for the kind to judge.
func (e Env) Secret(key string, value Secret, file string) (Secret, error) {
	if file == "" {
		return value, nil
	}
	if value != "" {
		return "", fmt.Errorf("%s and %s_file are both set: keep one", key, key)
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(e.Dir, file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", &MissingSecret{Key: key + "_file", Err: err}
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", &MissingSecret{Key: key + "_file", Err: fmt.Errorf("%s is empty", file)}
	}
	return Secret(text), nil
}
