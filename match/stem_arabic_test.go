package match

import "testing"

// TestArabicArticle: with article, conjunction and preposition a noun is the same.
func TestArabicArticle(t *testing.T) {
	for _, c := range []struct {
		bare  string
		forms []string
	}{
		{"مفاوضات", []string{"المفاوضات", "والمفاوضات", "بالمفاوضات", "وبالمفاوضات", "للمفاوضات", "فالمفاوضات", "بمفاوضات"}},
		{"انتخابات", []string{"الانتخابات", "والانتخابات", "للانتخابات"}},
		{"حرب", []string{"الحرب", "والحرب", "كالحرب", "للحرب"}},
		{"التزام", []string{"الالتزام", "والالتزام"}},
		{"حكومة", []string{"الحكومة", "والحكومة", "للحكومة"}},
	} {
		for _, f := range c.forms {
			if got, want := stem(f, "ar"), stem(c.bare, "ar"); got != want {
				t.Errorf("%s: %q, want %q as of %s", f, got, want, c.bare)
			}
		}
	}
	// Letters that look like an article, but leave no word.
	for _, w := range []string{"والد", "بالغ", "الله", "والي", "لله", "وزير", "فلسطين", "كتاب"} {
		if got := arabicBare(w); got != w {
			t.Errorf("%s: %q", w, got)
		}
	}
	if stem("والحرب", "ar") == stem("حكومة", "ar") {
		t.Error("everything is one stem")
	}
}
