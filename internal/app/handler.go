package app

import (
	"fmt"
	"net/http"
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

// handler is everything that the daemon answers.
func (a *App) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/livez", a.livez())
	mux.Handle("/readyz", a.readyz())
	mux.Handle("/metrics", a.metricsPage())
	return mux
}
