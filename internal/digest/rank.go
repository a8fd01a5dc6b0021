package digest

import (
	"fmt"
	"math"
	"time"
)

// Rank is a story's weight and the factors whose product it is.
type Rank struct {
	Total      float64 `json:"total"`
	Publishers float64 `json:"publishers"` // log2(1 + independent publishers)
	Kinds      float64 `json:"kinds"`      // 1 + 0.3 for each further kind of publisher
	Match      float64 `json:"match"`      // 1 to 2, by the score over the threshold
	Age        float64 `json:"age"`        // halves every 12 hours since the last article
	Velocity   float64 `json:"velocity"`   // 1 to 1.5: articles of the last quarter against the whole window
}

const (
	halfLife    = 12 * time.Hour
	kindBonus   = 0.3
	maxVelocity = 1.5
	maxMatch    = 2
)

// rank weighs a story. bars are its articles over the window.
func rank(publishers, kinds int, score float64, age time.Duration, bars []int) Rank {
	r := Rank{
		Publishers: math.Log2(1 + float64(max(publishers, 1))),
		Kinds:      1 + kindBonus*float64(max(kinds-1, 0)),
		Match:      min(maxMatch, 1+math.Log2(1+max(score, 0))/4),
		Age:        math.Pow(0.5, float64(max(age, 0))/float64(halfLife)),
		Velocity:   velocity(bars),
	}
	r.Total = r.Publishers * r.Kinds * r.Match * r.Age * r.Velocity
	for _, f := range []*float64{&r.Total, &r.Publishers, &r.Kinds, &r.Match, &r.Age, &r.Velocity} {
		*f = math.Round(*f*1000) / 1000
	}
	return r
}

// velocity compares the last quarter of the window with its average quarter.
// Two articles are added to both sides, so that few articles prove little.
func velocity(bars []int) float64 {
	all, late := 0, 0
	for i, n := range bars {
		all += n
		if i >= len(bars)*3/4 {
			late += n
		}
	}
	return min(maxVelocity, max(1, (float64(late)+2)/(float64(all)/4+2)))
}

// String shows the product: "3.41 = publishers 3.32 × kinds 1.60 × …".
func (r Rank) String() string {
	return fmt.Sprintf("%.2f = publishers %.2f × kinds %.2f × match %.2f × age %.2f × velocity %.2f",
		r.Total, r.Publishers, r.Kinds, r.Match, r.Age, r.Velocity)
}
