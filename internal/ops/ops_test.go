package ops

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"watcher/internal/config"
)

func unset(string) (string, bool) { return "", false }

func TestConfigLoads(t *testing.T) {
	for name, a := range map[string]Answers{
		"nothing": {Zone: "UTC", Listen: "127.0.0.1:8377"},
		"all": {Zone: "Asia/Muscat", Listen: "127.0.0.1:0", Match: "oman AND (mediat* OR \"nuclear talks\")\nOR muscat", Private: true, Webhook: "https://hooks.example/x?a=1#b",
			Feeds: []Feed{{"http://127.0.0.1:1/feed.xml", `An "odd": name # of \ all`}, {"https://example.org/روز", "روز"}}},
	} {
		c, ps := config.Parse("config.yaml", []byte(Config(a)), unset)
		for _, p := range ps {
			if !p.Warning {
				t.Errorf("%s: %s", name, p.Error())
			}
		}
		if c == nil {
			continue
		}
		if c.Timezone != a.Zone || c.Server.Listen != a.Listen || c.Polling.AllowPrivate != a.Private || len(c.Feeds) != len(a.Feeds) {
			t.Errorf("%s: read back as %+v", name, c)
		}
		for i, f := range a.Feeds {
			if c.Feeds[i].URL != f.URL || c.Feeds[i].Name != f.Name {
				t.Errorf("%s: feed %+v became %+v", name, f, c.Feeds[i])
			}
		}
		if a.Match != "" && strings.TrimSpace(c.Topics[0].Match.Value) != a.Match {
			t.Errorf("%s: rule %q", name, c.Topics[0].Match.Value)
		}
	}
}

// TestConfigComments: what stands commented out works when it is taken in.
func TestConfigComments(t *testing.T) {
	text := Config(Answers{Zone: "UTC", Listen: ""})
	text = strings.NewReplacer("feeds: []  ", "feeds:  ", "topics: []  ", "topics:  ", "# routes:", "routes:", "# digests:", "digests:", "\n#   -", "\n   -", "\n  # ", "\n  ", "\n  #   ", "\n    ").Replace(text)
	_, ps := config.Parse("config.yaml", []byte(text), func(string) (string, bool) { return "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3", true })
	for _, p := range ps {
		if !p.Warning {
			t.Errorf("%s\n%s", p.Error(), text)
		}
	}
}

func TestDisk(t *testing.T) {
	for free, want := range map[uint64]State{0: Fail, LowDisk / 2: Warn, LowDisk: OK} {
		if c := Disk("/x", free); c.State != want {
			t.Errorf("%d bytes free: %+v", free, c)
		}
	}
}

func TestClock(t *testing.T) {
	now := time.Date(2026, 2, 6, 9, 0, 0, 0, time.UTC)
	for newest, want := range map[time.Time]State{{}: OK, now.Add(-time.Hour): OK, now.Add(24 * time.Hour): Fail} {
		if c := Clock(now, newest); c.State != want {
			t.Errorf("newest %s: %+v", newest, c)
		}
	}
}

type names map[string]bool

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if n[host] {
		return []netip.Addr{netip.IPv6Loopback()}, nil
	}
	return nil, errors.New("no such host")
}

func TestNames(t *testing.T) {
	urls := []string{"https://a.example/x", "https://b.example/", "http://127.0.0.1:9/", "https://a.example/y"}
	for _, c := range []struct {
		known names
		want  State
		text  string
	}{
		{names{"a.example": true, "b.example": true}, OK, "2 names"},
		{names{"a.example": true}, Warn, "1 of 2 names cannot be looked up: b.example"},
		{names{}, Fail, "no name"},
	} {
		got := Names(t.Context(), c.known, urls, 10)
		if got.State != c.want || !strings.Contains(got.Text, c.text) {
			t.Errorf("%v: %+v", c.known, got)
		}
	}
	if got := Worst([]Check{{State: OK}, {State: Warn}}); got != Warn {
		t.Errorf("the worst of ok and warn is %s", got)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[uint64]string{5: "5 B", 2_500_000: "2.5 MB", 3 << 40: "3.3 TB"} {
		if got := Size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
