package story

import (
	"testing"

	"watcher/feeds"
)

func TestAgencyOf(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"PORT ALBA (Reuters) - The harbour was closed on Monday.", "reuters"},
		{"PORT ALBA, March 3 (AP) — The harbour was closed.", "ap"},
		{"PORT ALBA/TARVIN, AFP – The harbour was closed.", "afp"},
		{"W poniedziałek zamknięto port w Tarvin. (PAP)", "pap"},
		{"W poniedziałek zamknięto port w Tarvin./PAP/", "pap"},
		{"Der Hafen wurde am Montag geschlossen. dpa", "dpa"},
		{"The harbour was closed on Monday. (Reporting by Ana Bell; Editing by Jo Marsh)", "reuters"},
		{"Cerraron el puerto el lunes. EFE", "efe"},
		{"The harbour was closed, Reuters reported, citing a pilot who asked for an ap to be sent.", ""},
		{"The company builds an app and a map of the harbour.", ""},
		{"", ""},
	} {
		if got := agencyOf(c.text); got != c.want {
			t.Errorf("agencyOf(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestPublishers(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []Article
		want int
	}{
		{"none", nil, 0},
		{"owner group once", []Article{{Publisher: "bell"}, {Publisher: "Bell"}, {Publisher: "marsh"}}, 2},
		{"wire copy once", []Article{{Publisher: "bell", Wire: "afp"}, {Publisher: "marsh", Wire: "afp"}, {Publisher: "afp", Kind: feeds.Wire}}, 1},
		{"wire copy and own report", []Article{{Publisher: "bell", Wire: "afp"}, {Publisher: "bell"}}, 2},
		{"aggregator never", []Article{{Publisher: "collector", Kind: feeds.Aggregator}, {Publisher: "bell", Wire: "", Kind: feeds.Public}}, 1},
	} {
		if got := Publishers(c.in); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// TestWire follows who speaks through copies: an agency that the first copy
// credits, or the first publisher of a text; an aggregator's copy is nobody's.
func TestWire(t *testing.T) {
	text := `The glass roof of the city museum in Tarvin gave way under a metre of snow early on Monday, the fire brigade said. Nobody was inside, and the collection, stored in the cellar since autumn, is safe.`
	g := New(Default())
	add := func(id, publisher string, kind feeds.Kind, text string) Decision {
		return g.Add(Item{ID: id, Publisher: publisher, Kind: kind, Title: "Museum roof falls in Tarvin", Text: text, Published: noon, Seen: noon})
	}
	if d := add("1", "collector", feeds.Aggregator, text); d.Wire != "" {
		t.Errorf("aggregator: wire %q", d.Wire)
	}
	if d := add("2", "bell", feeds.Independent, text); d.Kind != Copy || d.Wire != "" {
		t.Errorf("first publisher: %s, wire %q", d.Kind, d.Wire)
	}
	if d := add("3", "marsh", feeds.Independent, text); d.Kind != Copy || d.Wire != "bell" {
		t.Errorf("second publisher: %s, wire %q, want bell", d.Kind, d.Wire)
	}
	if d := add("4", "dunes", feeds.Independent, "TARVIN (AFP) - "+text); d.Kind != Copy || d.Wire != "bell" {
		t.Errorf("credited copy: %s, wire %q, want the voice of the text", d.Kind, d.Wire)
	}
}
