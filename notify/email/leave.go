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

// took remembers, until a message is told in full, who has it already: a try
// that failed for one of them is not repeated to the others.
func (e *Email) took(id string, to ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	const most = 1000 // messages half told; past them some come twice, under one Message-ID
	if len(e.taken) >= most {
		clear(e.taken)
	}
	e.taken[id] = append(e.taken[id], to...)
}

func (e *Email) has(id string, to []string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !slices.ContainsFunc(to, func(a string) bool { return !slices.Contains(e.taken[id], a) })
}

func (e *Email) told(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.taken, id)
}
