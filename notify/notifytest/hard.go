package notifytest

import (
	"fmt"
	"io"
	"log"
	"strings"

	"watcher/notify"
)

// Hostile is a title with the markup of every service, control characters,
// overrides of writing direction and letters outside the first Unicode plane.
const Hostile = `<b>R&D</b> *bold* _under_ ~gone~ ` + "`code`" + ` [link](https://x.example/?a=1&b=2) @everyone <!channel> <@U123> \" {{.}} ${X} ` +
	"a\x00b\x1b[31mc\u202etxt\u202c \u202ax\u202by\u202dz\u202c \u2066x\u2067y\u2068z\u2069 \u200e\u200f\u061c 😀😀 خبر فوری — “quoted”"

// Hard gives messages that are long or hostile.
func Hard() map[string]notify.Message {
	hard := map[string]notify.Message{}
	base := func(i int) notify.Message {
		m := notify.Samples(Now)[i]
		m.Test = false
		return m
	}
	m := base(2)
	m.Story.Title, m.Topic.Name, m.Articles[0].Title, m.Articles[0].Summary, m.Articles[0].Outlet = Hostile, Hostile, Hostile, Hostile, Hostile
	m.Changes.PreviousTitle = &m.Story.Title
	m.Articles[0].Match.Hits[0].Text = Hostile
	hard["hostile"] = m

	long := strings.Repeat("😀 <very> & long text, ", 2000)
	m = base(2)
	m.Story.Title, m.Articles[0].Title, m.Articles[0].Summary = long, long, long
	m.Changes.PreviousTitle = &long
	hard["long texts"] = m

	m = base(1)
	for i := range 300 {
		a := m.Articles[0]
		a.ID, a.URL = fmt.Sprintf("a_%d", i), fmt.Sprintf("https://example.org/%d?x=1&y=2", i)
		a.Outlet, a.Title = fmt.Sprintf("Outlet & Sons %d", i), strings.Repeat("long & winding title ", 10)
		m.Articles = append(m.Articles, a)
	}
	hard["many articles"] = m

	m = base(3)
	for i := range 300 {
		m.Rollup = append(m.Rollup, notify.RollupRow{Story: fmt.Sprintf("st_%d", i), Topic: "t", Title: "Story & <more> 😀 " + strings.Repeat("x ", 80), URL: "https://example.org/?a=1&b=2", Publishers: i, Why: "budget"})
	}
	hard["many stories"] = m

	m = base(4)
	m.Digest.Text, m.Digest.HTML, m.Digest.Title = long, "<p>"+long+"</p>", long
	hard["long digest"] = m

	m = base(5)
	m.Event.Text, m.Event.Title, m.Event.Subject = long, long, Hostile
	hard["long event"] = m
	hard["empty"] = notify.Message{Schema: notify.Schema, Type: notify.StoryNew, ID: "msg_empty"}
	return hard
}

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
