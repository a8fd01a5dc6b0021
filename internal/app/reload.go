package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/notify"
)

// notYet is a sound configuration that could not be put in force for now: the
// store is busy or its disk full. It is tried again.
type notYet struct{ error }

func (e notYet) Unwrap() error { return e.error }

// Reload reads the configuration again: all of it is put in force, or nothing.
func (a *App) Reload(ctx context.Context) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notifyReloading()
	defer a.notifyReady()
	c, ps, err := Load(a.Config, a.Getenv, a.env(), nil)
	if err == nil {
		err = c.NotReady()
	}
	if err == nil {
		err = a.changeable(c.Config)
	}
	configured := 0
	if err == nil {
		configured = len(c.Feeds)
		if err = a.adopt(ctx, c); err != nil {
			return a.postponed(err)
		}
	}
	if err != nil {
		a.refused(ctx, err)
		return err
	}
	a.inForce()
	for _, p := range ps {
		a.Log.Warn("configuration", "err", p.Error())
	}
	a.Log.Info("configuration reloaded", "feed", configured, "topic", len(c.Topics))
	a.engine.Wake()
	return nil
}

// inForce says that the file and what is in force are the same.
func (a *App) inForce() {
	a.reloadE.Store(nil)
	a.Metrics.ReloadOK.Set(1)
}

// changeable refuses what only a restart can change.
func (a *App) changeable(c *config.Config) error {
	old := a.now.Load().Config
	for _, x := range []struct{ key, was, is string }{
		{"store", old.Store, c.Store}, {"server.listen", old.Server.Listen, c.Server.Listen}, {"server.auth.mode", old.Server.Auth.Mode, c.Server.Auth.Mode},
	} {
		if x.was != x.is {
			return fmt.Errorf("%s: %s changed: restart watcher to put it in force", a.Config, x.key)
		}
	}
	return nil
}

// postponed keeps the running configuration until the store takes the new one.
// Said once: the file's watch tries again every few seconds.
func (a *App) postponed(err error) error {
	text := fmt.Sprintf("%v; it is tried again", err)
	a.Metrics.ReloadOK.Set(0)
	if old := a.reloadE.Swap(&text); old == nil || *old != text {
		a.Log.Error("configuration not in force yet, the running one stays", "err", text)
	}
	return notYet{errors.New(text)}
}

// refused keeps the running configuration, says why, and tells those who asked
// for config.rejected.
func (a *App) refused(ctx context.Context, err error) {
	text := err.Error()
	a.Metrics.ReloadOK.Set(0)
	a.Log.Error("configuration refused, the running one stays in force", "err", text)
	if old := a.reloadE.Swap(&text); old != nil && *old == text {
		return
	}
	a.owed = &store.Event{At: a.Now(), Type: notify.ConfigRejected, Subject: a.Config, Title: "the new configuration was refused", Text: text}
	a.payOwed(ctx)
}

// payOwed tells of a refusal; one that cannot be kept is told later.
func (a *App) payOwed(ctx context.Context) {
	if a.owed == nil {
		return
	}
	if err := a.store.Update(ctx, func(tx store.Tx) error { return a.tellEvent(ctx, tx, *a.owed) }); err != nil {
		a.Log.Warn("event not kept, it is tried again", "err", err)
		return
	}
	a.owed = nil
}

// watchConfig reloads when the file's content changed. A file that is gone is
// reported once and changes nothing.
func (a *App) watchConfig(ctx context.Context) error {
	a.mu.Lock()
	a.payOwed(ctx)
	a.mu.Unlock()
	text, err := os.ReadFile(a.Config)
	if err != nil {
		a.tried = ""
		if a.reloadE.Load() == nil {
			a.mu.Lock()
			a.refused(ctx, fmt.Errorf("%s cannot be read: %w", a.Config, errors.Unwrap(err)))
			a.mu.Unlock()
		}
		return nil
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:4])
	if hash == a.now.Load().Config.Hash {
		if a.reloadE.Load() != nil { // it came back as it was
			a.inForce()
		}
		return nil
	}
	if hash == a.tried {
		return nil // refused before
	}
	var later notYet
	if err := a.Reload(ctx); err != nil && !errors.As(err, &later) {
		a.tried = hash
	}
	return nil // Reload has said why
}
