package query

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"iran", "araghchi", "muscat-round", "us", "talks", "body", "nuclear-deal", "Égypte"}
	for name, want := range map[string]string{
		"irna": "iran", "iram": "iran", "ian": "iran", "ran": "iran", "IRAN": "iran", "riran": "iran",
		"oman": "", "xran": "", "gran": "", "inan": "iran", "irno": "", // another name, another letter first, two slips in four letters
		"araqchi": "araghchi", "aragchi": "araghchi", "baraghchi": "araghchi", "karaqchi": "",
		"muscat-ruond": "muscat-round", "muscatround": "muscat-round", "moskat-raund": "muscat-round", "doha-round": "",
		"su": "", "u": "", "usa": "us", "uk": "", "": "",
		"taks": "talks", "walks": "", "topics": "", "nuclear-dael": "nuclear-deal", "egypte": "", "Egypte": "", "Égypt": "Égypte", "égypte": "Égypte",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
