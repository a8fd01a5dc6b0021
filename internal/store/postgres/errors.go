package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"watcher/internal/store"
)

// explain says what an error of the server means: where, what and what next.
func (s *Store) explain(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || strings.HasPrefix(err.Error(), s.where) {
		return err
	}
	var c *pgconn.ConnectError
	var e *pgconn.PgError
	pg := errors.As(err, &e)
	switch {
	case pg && (e.Code == "53100" || e.Code == "53200"):
		return fmt.Errorf("%s: %w: %w; nothing that was kept is lost: give the server room and it goes on", s.where, store.ErrFull, err)
	case pg && (e.Code == "XX001" || e.Code == "XX002"):
		return fmt.Errorf("%s: %w: %w; restore a backup of the server", s.where, store.ErrCorrupt, err)
	case pg && (e.Code == "25006" || e.Code == "42501"):
		return fmt.Errorf("%s: %w: %w; is this a standby, or may the user not write?", s.where, store.ErrReadOnly, err)
	case pg && (e.Code == "40001" || e.Code == "40P01" || e.Code == "23505"):
		return fmt.Errorf("%w: %w", store.ErrConflict, err)
	case pg && e.Code == "3D000":
		return fmt.Errorf("%s: there is no such database: run: createdb %s (%w)", s.where, s.where[strings.LastIndexByte(s.where, '/')+1:], err)
	case pg && (e.Code == "28P01" || e.Code == "28000"):
		return fmt.Errorf("%s: the server does not let this user in: %w; look at the user and password of store", s.where, err)
	case errors.As(err, &c):
		return fmt.Errorf("%s: no connection: %w; is the server up, and the address in store: right?", s.where, err)
	case errors.Is(err, store.ErrNewer):
		return fmt.Errorf("%s: %w", s.where, err)
	}
	return err
}
