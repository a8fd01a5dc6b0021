package local_test

import (
	"context"
	"path/filepath"
	"testing"

	"watcher/internal/engine"
	"watcher/internal/engine/enginetest"
	"watcher/internal/engine/local"
	"watcher/internal/store/sqlite"
)

func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) enginetest.Fixture {
		s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "w.db"), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return enginetest.Fixture{Store: s, New: func(o enginetest.Setup) engine.Engine {
			return local.New(local.Options{Source: engine.StoreSource{Store: s}, Poller: o.Poller, Gate: o.Gate, Grace: o.Grace, Idle: o.Idle})
		}}
	})
}
