package app

import (
	"context"
	"fmt"
	"net/http"

	"watcher/internal/config"
	"watcher/internal/web"
	"watcher/internal/web/api"
	"watcher/internal/web/auth"
)

// probe answers ok, or 503 with the reason.
func probe(check func(*http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if err := check(r); err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, err)
			return
		}
		fmt.Fprintln(w, "ok")
	})
}

func (a *App) livez() http.Handler {
	return probe(func(r *http.Request) error { return a.live(r.Context()) })
}

func (a *App) readyz() http.Handler {
	return probe(func(r *http.Request) error { return a.readyNow(r.Context()) })
}

// metricsPage sets the gauges that mirror the store, then writes everything.
func (a *App) metricsPage() http.Handler {
	h := a.Metrics.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.gauges(r.Context()); err != nil {
			a.Log.Warn("metrics", "err", err)
		}
		h.ServeHTTP(w, r)
	})
}

// handler answers with the pages of the configuration in force; a reload makes
// them anew.
func (a *App) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*a.pages.Load()).ServeHTTP(w, r)
	})
}

// makePages makes the pages of a configuration.
func (a *App) makePages(c *Compiled) (http.Handler, error) {
	cfg := c.Config
	o := web.Options{Store: a.store, Actions: a.actions(c, a.fetcher), Rules: &Rules{Compiled: a.now.Load, Store: a.store, Fetch: a.fetcher, Now: a.Now}, Digests: c.Digests,
		Auth: authOf(cfg.Server.Auth), RunToken: func() string { return a.run.Token }, PublicURL: cfg.Server.PublicURL, Version: a.Version, RulesHash: cfg.Hash, Zone: c.Zone, Now: a.Now,
		Status: func(ctx context.Context) (api.Status, error) { return a.Status(ctx), nil },
		Config: cfg.Masked,
		Banner: func() string {
			if e := a.reloadE.Load(); e != nil {
				return "The newest configuration is not in force; the one before it is. " + *e
			}
			return ""
		},
		OptOuts: a.optOuts(), Hooks: a.hooks(cfg.Server.PublicURL), Livez: a.livez(), Readyz: a.readyz(), Metrics: a.metricsPage()}
	for i, t := range c.Topics {
		o.Topics = append(o.Topics, api.Topic{ID: t.ID, Name: t.Name, Priority: t.Priority, Source: cfg.TopicText(i)})
	}
	return web.New(o)
}

func authOf(s config.Auth) auth.Settings {
	out := auth.Settings{Mode: s.Mode, Token: s.Token, PasswordHash: s.PasswordHash}
	out.OIDC = auth.OIDCSettings{Issuer: s.OIDC.Issuer, ClientID: s.OIDC.ClientID, ClientSecret: s.OIDC.ClientSecret, Allow: s.OIDC.Allow}
	out.Proxy = auth.ProxySettings{Header: s.Proxy.Header, CIDR: s.Proxy.CIDR, SecretHeader: s.Proxy.SecretHeader, Secret: s.Proxy.Secret}
	return out
}
