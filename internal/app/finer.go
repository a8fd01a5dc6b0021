package app

import (
	"fmt"
	"time"

	"watcher/internal/config"
	"watcher/internal/schedule"
)

// slotsSeen is how many slots tell how fine a schedule is: a day of half hours.
const slotsSeen = 48

// Finer says where a schedule has slots closer together than adaptive.min lets
// feeds be polled: no mistake, but without the effect that it looks to have.
func (out *Compiled) Finer(now time.Time) []config.Problem {
	var ps []config.Problem
	said := map[config.Pos]bool{}
	for i, f := range out.Config.Feeds {
		g := out.Feeds[i]
		text, of := f.Schedule, fmt.Sprintf("feeds[%d]", i)
		if text.Value == "" {
			text, of = out.Config.Polling.Schedule, "polling"
		}
		if g.AdaptiveOff || text.Pos.Line == 0 || said[text.Pos] {
			continue
		}
		s, err := out.slots.get(text.Value)
		if err != nil {
			continue
		}
		if step := finest(s, now); step < g.AdaptiveMin {
			said[text.Pos] = true
			ps = append(ps, config.Problem{File: out.Config.File, Pos: text.Pos, Path: text.Path,
				Msg: fmt.Sprintf("slots %s apart are finer than adaptive.min, which is %s: a feed is polled no more often than that; write adaptive: off, or a smaller min, in %s if every slot is meant",
					config.Duration(step), config.Duration(g.AdaptiveMin), of)})
		}
	}
	return ps
}

// finest is the shortest time between two of the next slots.
func finest(s schedule.Slots, now time.Time) time.Duration {
	least := time.Duration(1<<63 - 1)
	at := s.Next(now)
	for range slotsSeen {
		next := s.Next(at)
		if at.IsZero() || next.IsZero() {
			break
		}
		least, at = min(least, next.Sub(at)), next
	}
	return least
}
