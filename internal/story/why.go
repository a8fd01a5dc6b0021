package story

import (
	"slices"
	"time"
)

// Why is the record of one decision: what was tried last and what it saw. It is
// stored with the item and shown by `stories show` and `group --json`.
type Why struct {
	Step      string    `json:"step"`               // identity, shared text, words, first
	Keys      []string  `json:"keys,omitempty"`     // keys that matched, for identity
	Share     float64   `json:"share,omitempty"`    // of the shorter text that stands in Text
	Text      string    `json:"text,omitempty"`     // the item that shares most text, where it is no copy
	Terms     []string  `json:"terms,omitempty"`    // the five words that weighed most
	Gap       string    `json:"gap,omitempty"`      // silence of the story before this item
	Near      string    `json:"near,omitempty"`     // the best story, where the item did not join it
	Score     float64   `json:"score,omitempty"`    // of the best story
	Threshold float64   `json:"threshold"`          // from which score on it would be the same story
	Runner    string    `json:"runner,omitempty"`   // second best story
	RunnerUp  float64   `json:"runnerup,omitempty"` // its score
	Figures   []string  `json:"figures,omitempty"`  // new figures, as they stand in the item
	Was       []float64 `json:"was,omitempty"`      // what the first of them was
	Lead      string    `json:"lead,omitempty"`     // a new first paragraph
	Events    []string  `json:"events,omitempty"`   // words of the headline that tell an event new to the story
}

func (w *Why) develops(dev development) {
	for i, c := range dev.figures {
		if i == 0 {
			w.Was = c.was
		}
		if i < 5 && !slices.Contains(w.Figures, c.text) {
			w.Figures = append(w.Figures, c.text)
		}
	}
	w.Lead, w.Events = dev.lead, dev.events
}

// explain records what the words of an item said about the best story.
func (g *Grouper) explain(d *document, best, second candidate, m match) Why {
	w := Why{Step: "first", Threshold: g.p.Same}
	if m.print != nil && m.share >= g.p.Shares {
		w.Share, w.Text = round(m.share), m.print.item
	}
	if best.s == nil {
		return w
	}
	w.Step, w.Score, w.Gap = "words", round(best.score), best.gap.Round(time.Minute).String()
	if best.score < g.p.Same {
		w.Near = best.s.id
	}
	if second.s != nil {
		w.Runner, w.RunnerUp = second.s.id, round(second.score)
	}
	var shared vector
	for _, t := range best.s.vec {
		if x := d.probe.find(t.h); x != nil {
			shared = append(shared, term{t.h, t.w * x.w})
		}
	}
	slices.SortFunc(shared, byWeight)
	for _, t := range shared[:min(len(shared), 5)] {
		if word := d.wordOf(t.h); word != "" {
			w.Terms = append(w.Terms, word)
		}
	}
	return w
}
