package story

import (
	"fmt"
	"strings"
	"time"
)

// noon is the first minute of the made-up day.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// wire is an agency report and what follows it, in the words of this test.
const (
	ferry = `KALMIRA (AFP) - A passenger ferry with more than 140 people on board capsized in strong winds off the northern coast of Veland on Saturday, leaving at least 12 people dead, the coast guard said.
The Aurora Belle had left the harbour of Kalmira shortly before dawn when a wave struck it from the side, survivors told local radio. Fishing boats reached the wreck first and pulled dozens of passengers from the water.
Coast guard commander Petra Lindqvist said divers were searching the lower deck. Helicopters from two neighbouring islands joined the rescue, she said, and a field hospital was being set up on the quay.
The ferry company, Norlink Lines, said the ship had passed an inspection in January and carried life jackets for everyone on board.`
	ferryNineteen = `KALMIRA (AFP) - A passenger ferry with more than 140 people on board capsized in strong winds off the northern coast of Veland on Saturday, leaving at least 19 people dead, the coast guard said.
The Aurora Belle had left the harbour of Kalmira shortly before dawn when a wave struck it from the side, survivors told local radio. Fishing boats reached the wreck first and pulled dozens of passengers from the water.
Coast guard commander Petra Lindqvist said divers were searching the lower deck. Helicopters from two neighbouring islands joined the rescue, she said, and a field hospital was being set up on the quay.
The ferry company, Norlink Lines, said the ship had passed an inspection in January and carried life jackets for everyone on board.`
	ferryArrest = `Police in Veland took the captain of the Aurora Belle into custody on Saturday evening on suspicion of negligence, prosecutors announced.
` + ferry
	bakery = `The bakers' guild of Kalmira opened its spring fair on Saturday with a loaf of bread eleven metres long, baked overnight by forty apprentices. Visitors queued around the market square to taste it, and the money goes to a school kitchen.`
	budget = `Veland's parliament passed the budget for next year by 61 votes to 58 late on Friday after two small parties dropped their demand for lower fuel taxes. Finance minister Oskar Brandt said the deficit would fall below three percent.`
)

type row struct {
	after     time.Duration
	publisher string
	title     string
	text      string
	kind      Kind
	story     string // name of the story that the row should be in
}

// theDay is one event told by two dozen feeds, with what else the same people did.
func theDay() []row {
	m := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	return []row{
		{m(0), "islandpost", "Ferry capsizes off Veland, at least 12 dead", ferry, First, "ferry"},
		{m(2), "budgetwatch", "Veland parliament passes budget by three votes", budget, First, "budget"},
		{m(4), "dailyharbour", "At least 12 dead as ferry capsizes off Veland", ferry, Copy, "ferry"},
		{m(6), "northtimes", "Twelve dead in Veland ferry disaster", ferry[:strings.Index(ferry, "Coast guard commander")], Copy, "ferry"},
		{m(9), "kalmiranews", "Ferry Aurora Belle capsizes near Kalmira; 12 killed", "Share this story with friends. Sign up for our newsletter.\n" + ferry, Copy, "ferry"},
		{m(15), "radioone", "Aurora Belle: twelve people die after ferry overturns off Veland coast", "Twelve people have died after the ferry Aurora Belle overturned in high winds off the north coast of Veland, the coast guard says. Divers are searching the wreck near Kalmira for missing passengers.", Same, "ferry"},
		{m(22), "metro", "Dozens rescued after ferry Aurora Belle capsizes off Veland", "Fishermen pulled dozens of passengers out of the sea after the Aurora Belle ferry capsized off Kalmira in Veland on Saturday morning. The coast guard says 12 people are dead.", Same, "ferry"},
		{m(25), "townsquare", "Eleven-metre loaf opens Kalmira spring fair", bakery, First, "fair"},
		{m(31), "globe", "Veland ferry capsize: what we know about the Aurora Belle", "The Aurora Belle ferry capsized in strong winds shortly after leaving Kalmira harbour in Veland. At least 12 people died and dozens were rescued by fishing boats, the coast guard said.", Same, "ferry"},
		{m(55), "dailyharbour", "Ferry death toll rises to 19 off Veland", ferryNineteen, Update, "ferry"},
		{m(58), "northtimes", "19 dead in Veland ferry disaster", ferryNineteen, Copy, "ferry"},
		{m(70), "evening", "Aurora Belle ferry: death toll rises to 19 as divers search wreck off Veland", "The number of people killed when the ferry Aurora Belle capsized off Veland has risen to 19, the coast guard said, as divers continued to search the lower deck near Kalmira.", Same, "ferry"},
		{m(95), "budgetwatch", "Finance minister Oskar Brandt defends Veland budget deal", "Finance minister Oskar Brandt defended the budget that Veland's parliament passed by three votes, saying the deficit would fall below three percent and fuel taxes stay.", Same, "budget"},
		{m(420), "islandpost", "Captain of capsized Veland ferry taken into custody", ferryArrest, Update, "ferry"},
		{m(425), "metro", "Captain of capsized Veland ferry taken into custody", ferryArrest, Copy, "ferry"},
	}
}

func (r row) item(n int) Item {
	at := noon.Add(r.after)
	return Item{ID: fmt.Sprintf("item-%02d", n), Feed: r.publisher, Publisher: r.publisher, Title: r.title, Text: r.text, Published: at, Seen: at, Source: r.publisher}
}
