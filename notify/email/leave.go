package email

import (
	"context"
	"errors"
	"html"
	"net/url"
	"slices"
	"strings"

	"watcher/notify"
)

// parcel is one mail to its recipients. Where they can leave with one click
// each has a mail of its own, as the link in it is theirs alone.
type parcel struct {
	to    []string
	leave string // empty: only by answering
}

// parcels are the mails of a message, to all who have not left.
func (e *Email) parcels(ctx context.Context) ([]parcel, error) {
	to := slices.Clone(e.to)
	if e.env.Left != nil {
		left, err := e.env.Left(ctx, e.env.Receiver)
		if err != nil {
			return nil, notify.Retry(0, errors.New("who unsubscribed could not be read"))
		}
		to = slices.DeleteFunc(to, func(a string) bool {
			return slices.ContainsFunc(left, func(l string) bool { return strings.EqualFold(a, l) })
		})
	}
	if len(to) == 0 {
		return nil, notify.Reject("every recipient has unsubscribed: `watcher receivers enable %s --address ADDRESS` takes one back", e.env.Receiver)
	}
	var out []parcel
	for _, a := range to {
		link := ""
		if e.env.LeaveURL != nil {
			var err error
			if link, err = e.env.LeaveURL(ctx, e.env.Receiver, a); err != nil {
				return nil, notify.Retry(0, errors.New("the link to unsubscribe could not be made"))
			}
		}
		if link == "" {
			return []parcel{{to: to}}, nil
		}
		out = append(out, parcel{[]string{a}, link})
	}
	return out, nil
}

// unsubscribe gives the headers by which mail programs offer to leave.
func (e *Email) unsubscribe(p parcel, h map[string]string) {
	h["List-Unsubscribe"] = "<mailto:" + e.from.Address + "?subject=" + url.PathEscape("unsubscribe "+e.env.Receiver) + ">"
	if p.leave != "" {
		h["List-Unsubscribe"] = "<" + p.leave + ">, " + h["List-Unsubscribe"]
	}
	if strings.HasPrefix(p.leave, "https://") { // RFC 8058, 3.1: one click needs https
		h["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
	}
}

// foot adds the link to both forms of the mail.
func (p parcel) foot(text, page string) (string, string) {
	if p.leave == "" {
		return text, page
	}
	text = strings.TrimRight(text, "\n") + "\n\nUnsubscribe: " + p.leave + "\n"
	link := `<p style="margin:16px auto 0;max-width:640px;font-size:13px"><a href="` + html.EscapeString(p.leave) + `" style="color:#666">Unsubscribe</a></p>`
	if i := strings.LastIndex(page, "</body>"); i >= 0 {
		return text, page[:i] + link + "\n" + page[i:]
	}
	return text, page + link
}

// half is a message that some have yet to take: a try that failed for one of
// them is repeated neither to those who took it nor to those refused for good.
type half struct {
	took, refused []string
	last          error // of a refusal
}

func (h *half) settled(to []string) bool {
	return !slices.ContainsFunc(to, func(a string) bool { return !slices.Contains(h.took, a) && !slices.Contains(h.refused, a) })
}

func (h *half) take(to, refused []string) {
	h.refused = append(h.refused, refused...)
	for _, a := range to {
		if !slices.Contains(refused, a) {
			h.took = append(h.took, a)
		}
	}
}

func (h *half) refuse(err error, to []string) { h.refused, h.last = append(h.refused, to...), err }

// begun gives what is known of a message. One message is sent by one goroutine
// at a time.
func (e *Email) begun(id string) *half {
	e.mu.Lock()
	defer e.mu.Unlock()
	const most = 1000 // messages half told; past them some come twice, under one Message-ID
	h := e.half[id]
	if h == nil {
		if len(e.half) >= most {
			clear(e.half)
		}
		h = &half{}
		e.half[id] = h
	}
	return h
}

func (e *Email) told(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.half, id)
}
