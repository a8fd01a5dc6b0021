package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
	"watcher/internal/web/api"
)

// hand does things to what is stored: by the API of the daemon when it
// answers, so that it sees the change at once, else in the store itself. The
// configuration is read, and the store opened, once for all of them.
type hand struct {
	e *env
	c *config.Config
	s store.Store // nil while only the daemon was asked
	a *app.Actions
}

func (e *env) hand() (*hand, error) {
	c, err := e.loadConfig()
	return &hand{e: e, c: c}, err
}

func (h *hand) act(ctx context.Context, method, path string, body, answer any, local func(*app.Actions) error) error {
	if resp, err := h.e.ask(ctx, h.c, method, path, body); err == nil {
		return daemonSaid(resp, answer)
	}
	if h.s == nil {
		if !app.StoreExists(h.c) {
			return exit(exitNothing, noStoreYet(h.c, "nothing was ever found or told"))
		}
		s, err := app.OpenStore(ctx, h.c, app.Write)
		if err != nil {
			return err
		}
		h.s, h.a = s, app.NewActions(s, h.c, version)
	}
	return found(local(h.a))
}

func (h *hand) close() {
	if h.s != nil {
		h.s.Close()
	}
}

// act does one thing to what is stored.
func (e *env) act(ctx context.Context, method, path string, body, answer any, local func(*app.Actions) error) error {
	h, err := e.hand()
	if err != nil {
		return err
	}
	defer h.close()
	return h.act(ctx, method, path, body, answer, local)
}

// noStoreYet says what that means for a verb, and what makes a store.
func noStoreYet(c *config.Config, so string) error {
	return fmt.Errorf("there is no store at %s yet: %s; `watcher run` makes it, `watcher once` polls one round into it", app.StorePath(c), so)
}

// ask sends a request with a JSON body to the daemon.
func (e *env) ask(ctx context.Context, c *config.Config, method, path string, body any) (*http.Response, error) {
	var text io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(data)
	}
	return e.daemon(ctx, c, method, path, text)
}

func daemonSaid(resp *http.Response, answer any) error {
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return fmt.Errorf("the daemon's answer: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		var p api.Problem
		if json.Unmarshal(data, &p) != nil || p.Error == "" {
			p.Error = "the daemon answered " + resp.Status
		}
		if resp.StatusCode == http.StatusNotFound {
			text, _, _ := strings.Cut(p.Error, "; GET ") // where programs look
			return exit(exitNothing, errors.New(text+lists(text)))
		}
		return exit(exitFailed, errors.New(p.Error))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(data, answer)
}

// found gives exit 3 to what is not there.
func found(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, os.ErrNotExist) {
		return exit(exitNothing, fmt.Errorf("%w%s", err, lists(err.Error())))
	}
	return err
}

// lists names, to a text that begins with the kind of what is not there, the
// verb that lists what is.
func lists(text string) string {
	kind, _, _ := strings.Cut(text, " ")
	verb, ok := map[string]string{"delivery": "deliveries", "feed": "feeds", "receiver": "receivers", "silence": "silence", "story": "stories"}[kind]
	if !ok {
		return ""
	}
	return "; `watcher " + verb + " list` lists what there is"
}

// view reads the store; nothing is found where there is none.
func (e *env) view(ctx context.Context, fn func(c *config.Config, r store.Reader) error) error {
	c, err := e.loadConfig()
	if err != nil {
		return err
	}
	if !app.StoreExists(c) {
		return exit(exitNothing, noStoreYet(c, "nothing was ever found or told"))
	}
	s, err := app.OpenStore(ctx, c, app.Read)
	if err != nil {
		return err
	}
	defer s.Close()
	return found(s.View(ctx, func(r store.Reader) error { return fn(c, r) }))
}
