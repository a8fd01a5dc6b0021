package sqlite

import (
	"context"
	"time"
)

const (
	checkpointPages = 1000  // of the journal that wait for the file: as many as SQLite itself waits for
	journalPages    = 16384 // 64 MiB: from here on the next writer waits for a checkpoint
	checkpointPause = 50 * time.Millisecond
)

// checkpoints moves what was written from the journal into the file, on a
// connection of its own until the store closes. SQLite has the writer do that
// within a commit, and with it everybody who waits to write: seconds, where the
// disk is slow to say that all is on it.
func (s *Store) checkpoints() {
	var c *conn
	defer func() {
		if c != nil {
			c.close()
			c.db.Close()
		}
	}()
	for {
		select {
		case <-s.closed:
			return
		case <-s.wrote:
		}
		if c == nil {
			db, err := openOne(dsn(s.path, Options{}, true))
			if err != nil {
				continue // the next write tries again
			}
			c = newConn(db, false)
		}
		s.explain(s.checkpoint(c)) // what fails is tried again after the next write; damage is noted
		select {
		case <-s.closed:
			return
		case <-time.After(checkpointPause):
		}
	}
}

// checkpoint does one where enough pages wait. A writer goes on meanwhile; only
// where writers leave the journal no end for too long, the next one waits for
// the last of it.
func (s *Store) checkpoint(c *conn) error {
	ctx := context.Background()
	pages, moved, err := wal(ctx, c, "NOOP")
	if err != nil || pages-moved < checkpointPages {
		return err
	}
	pages, _, err = wal(ctx, c, "PASSIVE")
	if err != nil || pages < journalPages {
		return err
	}
	select {
	case <-s.closed:
		return nil
	case <-s.writer.free:
	}
	w := s.writer.get()
	defer s.writer.put(w)
	_, _, err = wal(ctx, c, "PASSIVE")
	return err
}

// wal runs a checkpoint, and gives how many pages the journal has and how many
// of them are in the file as well.
func wal(ctx context.Context, c *conn, mode string) (pages, moved int, err error) {
	if c.c == nil {
		if c.c, err = c.db.Conn(ctx); err != nil {
			return 0, 0, err
		}
	}
	rows, err := c.Query(ctx, "PRAGMA wal_checkpoint("+mode+")")
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	var busy int
	if rows.Next() {
		err = rows.Scan(&busy, &pages, &moved)
	}
	if err == nil {
		err = rows.Err()
	}
	return pages, moved, err
}
