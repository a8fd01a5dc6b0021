package app

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"watcher/notify"
	"watcher/notify/route"
	"watcher/notify/webhook"
)

// BenchmarkSend sends b.N queued notifications to a webhook on loopback from a
// real SQLite file, through the desk that asks for quiet hours and budgets.
// cpu-us/op is what the process spent on one, the webhook's own work included.
func BenchmarkSend(b *testing.B) {
	for _, delay := range []time.Duration{0, 5 * time.Millisecond} {
		b.Run(delay.String(), func(b *testing.B) { benchSend(b, delay) })
	}
}

func benchSend(b *testing.B, delay time.Duration) {
	var took atomic.Int64
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		time.Sleep(delay) // the receiver's own work is what is measured
		took.Add(1)
		w.WriteHeader(http.StatusNoContent)
	}))
	defer hook.Close()
	s := outboxStore(b)
	fillOutbox(b, s, b.N, 1)
	n, err := webhook.New(webhook.Settings{URL: hook.URL}, notify.Env{})
	if err != nil {
		b.Fatal(err)
	}
	rs := []route.Receiver{{ID: "r00"}}
	d := route.NewDesk(&route.Config{Receivers: rs}, desk{s, func(string) string { return "" }, func() bool { return false }}, newID)
	sender := notify.New(notify.Options{Outbox: newOutbox(s), Gate: d.Gate, Log: slog.New(slog.DiscardHandler)})
	sender.SetReceivers([]notify.Receiver{{ID: "r00", Notifier: n}})
	before := ownCPU()
	b.ResetTimer()
	if err := runUntil(b, sender, func() bool { return int(took.Load()) >= b.N }); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64((ownCPU()-before).Microseconds())/float64(b.N), "cpu-us/op")
}

// runUntil runs a sender until a condition holds, and does more before it is stopped.
func runUntil(t testing.TB, s *notify.Sender, done func() bool, more ...func()) error {
	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan error, 1)
	go func() { end <- s.Run(ctx) }()
	for !done() {
		time.Sleep(5 * time.Millisecond) // waits for a state, not for a time
	}
	for _, f := range more {
		f()
	}
	cancel()
	return <-end
}
