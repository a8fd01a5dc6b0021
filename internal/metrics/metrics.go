// Package metrics holds every metric's name, help and labels in one struct.
// Counters are fed by those who do the work; gauges that mirror the store are
// set by internal/app just before they are read.
package metrics

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is the set of a running daemon.
type Metrics struct {
	Registry *prometheus.Registry

	BuildInfo    *prometheus.GaugeVec
	Polls        *prometheus.CounterVec // result
	PollSeconds  prometheus.Histogram
	Feeds        *prometheus.GaugeVec   // state
	Items        *prometheus.CounterVec // kind: new, revised, baseline
	Matches      *prometheus.CounterVec // topic
	LastMatch    *prometheus.GaugeVec   // topic
	StoriesOpen  *prometheus.GaugeVec   // topic
	PublishSend  *prometheus.HistogramVec
	Deliveries   *prometheus.CounterVec // receiver, outcome
	Pending      *prometheus.GaugeVec   // receiver
	OldestQueued *prometheus.GaugeVec   // receiver
	DeadLetters  *prometheus.GaugeVec   // receiver
	Suppressed   *prometheus.CounterVec // receiver, reason
	DigestOK     *prometheus.GaugeVec   // digest
	ReloadOK     prometheus.Gauge
	DBBytes      prometheus.Gauge
	WriteWait    prometheus.Histogram
	SchedulerLag prometheus.Gauge

	FeedPolls  *prometheus.CounterVec // feed, result; served while SetPerFeed is on
	FeedLastOK *prometheus.GaugeVec   // feed; served while SetPerFeed is on
	perFeed    atomic.Bool
}

// New makes a set with a registry of its own; perFeed as in SetPerFeed.
func New(version string, perFeed bool) *Metrics {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "watcher_" + name, Help: help}, labels)
		r.MustRegister(c)
		return c
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "watcher_" + name, Help: help}, labels)
		r.MustRegister(g)
		return g
	}
	plain := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "watcher_" + name, Help: help})
		r.MustRegister(g)
		return g
	}
	histogram := func(name, help string, buckets []float64) prometheus.Histogram {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "watcher_" + name, Help: help, Buckets: buckets})
		r.MustRegister(h)
		return h
	}
	seconds := []float64{.01, .03, .1, .3, 1, 3, 10, 30, 60, 120, 300, 900, 3600}
	m := &Metrics{
		Registry:     r,
		BuildInfo:    gauge("build_info", "1, labelled with the version that runs.", "version"),
		Polls:        counter("poll_total", "Polls by result: new, unchanged, failed, refused.", "result"),
		PollSeconds:  histogram("poll_duration_seconds", "Time of a poll from request to commit.", seconds),
		Feeds:        gauge("feeds", "Feeds by state: active, backoff, gone, paused.", "state"),
		Items:        counter("items_total", "Items stored, by kind: new, baseline, revised.", "kind"),
		Matches:      counter("matches_total", "Items that met a topic.", "topic"),
		LastMatch:    gauge("topic_last_match_timestamp_seconds", "When an item last met the topic.", "topic"),
		StoriesOpen:  gauge("stories_open", "Stories of a topic with an article in the last 24 hours.", "topic"),
		Deliveries:   counter("deliveries_total", "Tries by outcome: delivered, retry, dead.", "receiver", "outcome"),
		Pending:      gauge("outbox_pending", "Deliveries that wait.", "receiver"),
		OldestQueued: gauge("outbox_oldest_seconds", "Age of the oldest delivery that is due.", "receiver"),
		DeadLetters:  gauge("dead_letters", "Deliveries given up.", "receiver"),
		Suppressed:   counter("suppressed_total", "Alerts not told, by reason: quiet hours, silence, budget, away, muted, network, superseded, expired.", "receiver", "reason"),
		DigestOK:     gauge("digest_last_success_timestamp_seconds", "When a digest was last delivered.", "digest"),
		ReloadOK:     plain("config_last_reload_successful", "1 when the newest configuration is in force, 0 when it was refused or could not be kept yet."),
		DBBytes:      plain("db_size_bytes", "Size of the database."),
		WriteWait:    histogram("db_write_wait_seconds", "Time a writer waited for its turn.", []float64{.0001, .001, .01, .1, 1, 10}),
		SchedulerLag: plain("scheduler_lag_seconds", "How late the newest poll started."),
	}
	m.PublishSend = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "watcher_publish_to_send_seconds",
		Help: "From the time an item was published to the time a receiver took its alert.", Buckets: seconds}, []string{"receiver"})
	r.MustRegister(m.PublishSend)
	m.FeedPolls = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "watcher_feed_polls_total", Help: "Polls of a feed by result."}, []string{"feed", "result"})
	m.FeedLastOK = prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "watcher_feed_last_success_timestamp_seconds", Help: "When a feed was last read."}, []string{"feed"})
	m.SetPerFeed(perFeed)
	m.BuildInfo.WithLabelValues(version).Set(1)
	m.ReloadOK.Set(1)
	return m
}

// SetPerFeed adds the series that grow with the number of feeds, or takes them
// away.
func (m *Metrics) SetPerFeed(on bool) {
	if m.perFeed.Swap(on) == on {
		return
	}
	if on {
		m.Registry.MustRegister(m.FeedPolls, m.FeedLastOK)
		return
	}
	m.Registry.Unregister(m.FeedPolls)
	m.Registry.Unregister(m.FeedLastOK)
	m.FeedPolls.Reset()
	m.FeedLastOK.Reset()
}

// FeedPolled counts a poll of a feed, read at an instant unless that is zero.
func (m *Metrics) FeedPolled(feed, result string, read time.Time) {
	if !m.perFeed.Load() {
		return
	}
	m.FeedPolls.WithLabelValues(feed, result).Inc()
	if !read.IsZero() {
		m.FeedLastOK.WithLabelValues(feed).Set(float64(read.Unix()))
	}
}

// Handler serves the set in the Prometheus text form.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{})
}
