package web

import (
	"context"
	"errors"
	"net/http"

	"watcher/internal/store"
)

// OptOuts lets who is told by mail leave, without a login: the token of the
// link in the mail is the authority.
type OptOuts interface {
	// Who reads a token; store.ErrNotFound for one that was not made here.
	Who(ctx context.Context, token string) (receiver, address string, err error)
	// Leave takes the token's address out of its receiver's mails; twice is as once.
	Leave(ctx context.Context, token string) error
}

const leavePath = "/unsubscribe/"

// leaveRoutes answer the links of List-Unsubscribe. Looking changes nothing, as
// programs that check mails for danger look at every link; a POST leaves, with
// a body of "List-Unsubscribe=One-Click" (RFC 8058) or from the page's button.
func (s *site) leaveRoutes(page func(string, func(http.ResponseWriter, *http.Request) error)) {
	if s.OptOuts == nil {
		return
	}
	leave := func(do bool) func(http.ResponseWriter, *http.Request) error {
		return func(w http.ResponseWriter, r *http.Request) error {
			token := r.PathValue("token")
			receiver, address, err := s.OptOuts.Who(r.Context(), token)
			if err == nil && do {
				err = s.OptOuts.Leave(r.Context(), token)
			}
			if errors.Is(err, store.ErrNotFound) {
				s.fail(w, r, http.StatusNotFound, "This link is not whole", "Open it from the mail again, or answer the mail and ask to be taken off.")
				return nil
			}
			if err != nil {
				return err
			}
			title := "Unsubscribe"
			if do {
				title = "Unsubscribed"
			}
			return s.draw(w, r, http.StatusOK, bare(title), "unsubscribe", struct {
				Receiver, Address string
				Done              bool
			}{receiver, address, do})
		}
	}
	page("GET "+leavePath+"{token}", leave(false))
	page("POST "+leavePath+"{token}", leave(true))
}

// bare is a page without menus: its reader has no login here.
func bare(title string) page { return page{Title: title, Bare: true} }
