package river

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"watcher/internal/engine"
	"watcher/internal/store/postgres"
)

// A replica that lives holds a lock of the session on a connection of its own.
// When its process or machine dies the server lets go of the lock, and any
// other replica that can take it knows: the jobs that were running there run
// no more. River itself would wait for RescueStuckJobsAfter, which still serves
// a replica that hangs.
type alive struct {
	e    *Engine
	conn *pgx.Conn
}

// lease is what a replica's polls begin under. It ends when the lock may be
// lost: others may have taken the shards, and nothing could be kept anyway.
type lease struct {
	mu  sync.Mutex
	ctx context.Context
	end context.CancelFunc
}

// now gives the present lease; without one it has ended.
func (l *lease) now() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ctx == nil {
		l.ctx, l.end = context.WithCancel(context.Background())
	}
	return l.ctx
}

// lost ends the lease; got begins another.
func (l *lease) lost() {
	l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end()
}

func (l *lease) got() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ctx, l.end = context.WithCancel(context.Background())
}

// announce takes this replica's lock.
func (e *Engine) announce(ctx context.Context) (*alive, error) {
	a := &alive{e: e}
	return a, a.connect(ctx)
}

func (a *alive) connect(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, a.e.o.Store.Pool().Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("announce this replica: %w", err)
	}
	// A machine that vanished without a word is noticed by the server within 20 s.
	for _, q := range []string{"SET tcp_keepalives_idle = 10", "SET tcp_keepalives_interval = 5", "SET tcp_keepalives_count = 2"} {
		if _, err := conn.Exec(ctx, q); err != nil {
			conn.Close(ctx)
			return fmt.Errorf("announce this replica: %w", err)
		}
	}
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", lockOf(a.e.id)); err != nil {
		conn.Close(ctx)
		return fmt.Errorf("announce this replica: %w", err)
	}
	a.conn = conn
	a.e.lease.got()
	return nil
}

// guard ends the lease as soon as the connection breaks; the server says
// nothing on it by itself.
func (a *alive) guard(ctx context.Context) {
	if a.conn == nil {
		return
	}
	if _, err := a.conn.WaitForNotification(ctx); err != nil && ctx.Err() == nil {
		a.e.lease.lost()
		a.close()
	}
}

func (a *alive) close() error {
	if a.conn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	a.conn.Close(ctx) // nothing is lost with it
	a.conn = nil
	return nil
}

// lockOf is the advisory lock of a replica.
func lockOf(id string) int64 {
	h := fnv.New64a()
	h.Write([]byte("watcher replica " + id))
	return int64(h.Sum64())
}

// pulse keeps the lock and takes back the jobs of replicas that are gone.
func (a *alive) pulse(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if a.conn == nil || a.conn.IsClosed() || a.conn.Ping(ctx) != nil {
		a.e.lease.lost()
		a.close()
		if err := a.connect(ctx); err != nil {
			return err
		}
	}
	rows, err := a.conn.Query(ctx, `SELECT attempted_by[array_upper(attempted_by, 1)] AS by, array_agg(id) FROM river_job
		WHERE kind = $1 AND state = 'running' GROUP BY 1`, kind)
	if err != nil {
		return err
	}
	type held struct {
		By  string
		IDs []int64
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[held])
	if err != nil {
		return err
	}
	for _, h := range all {
		if h.By == a.e.id {
			err = a.recall(ctx)
		} else {
			err = a.inherit(ctx, h.By)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// inherit puts back the jobs of another replica, if it is gone.
func (a *alive) inherit(ctx context.Context, id string) error {
	var gone bool
	if err := a.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", lockOf(id)).Scan(&gone); err != nil || !gone {
		return err
	}
	tag, err := a.conn.Exec(ctx, putBack+` AND attempted_by[array_upper(attempted_by, 1)] = $3`, kind, a.rest(), id)
	if err == nil && tag.RowsAffected() > 0 {
		a.e.o.Log.Warn("a replica is gone: its shards go on elsewhere", "count", tag.RowsAffected())
	}
	if _, uerr := a.conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", lockOf(id)); err == nil {
		err = uerr
	}
	return err
}

// putBack makes jobs available after a rest: their hosts may have been asked a
// moment ago.
const putBack = `UPDATE river_job SET state = 'available', scheduled_at = now() + make_interval(secs => $2), attempt = greatest(attempt - 1, 0) WHERE kind = $1 AND state = 'running'`

// rest is that time, in seconds.
func (a *alive) rest() float64 { return max(a.e.o.MinRest, a.e.o.HostGap()).Seconds() }

// recall puts back jobs that the database believes to run here and that do
// not: their end was lost with a connection.
func (a *alive) recall(ctx context.Context) error {
	var here []int
	a.e.mu.Lock()
	for k, ended := range a.e.active {
		if ended.IsZero() || time.Since(ended) < 5*time.Second { // River writes an end a little later
			here = append(here, k)
		}
	}
	a.e.mu.Unlock()
	_, err := a.conn.Exec(ctx, putBack+` AND attempted_by[array_upper(attempted_by, 1)] = $3 AND attempted_at < now() - interval '10 s'
		AND NOT ((args->>'shard')::int = ANY($4))`, kind, a.rest(), a.e.id, append(here, -1))
	return err
}

// watch looks after the jobs and the other replicas until ctx ends.
func (e *Engine) watch(ctx context.Context, client *river.Client[pgx.Tx], a *alive) {
	down := false
	for n := 1; ; n++ {
		beat, cancel := context.WithTimeout(ctx, e.o.Pulse)
		a.guard(beat)
		<-beat.Done()
		cancel()
		if ctx.Err() != nil {
			return
		}
		err := a.pulse(ctx)
		if err == nil && n%15 == 0 {
			err = e.insert(ctx, client) // somebody emptied the table
		}
		if err != nil && ctx.Err() == nil && !down {
			e.o.Log.Warn("the database does not answer", "err", err)
		}
		down = err != nil
		if !down && e.o.Beat != nil {
			e.o.Beat()
		}
		if k := e.polled.Swap(0); k > 0 && e.o.Idle != nil {
			e.o.Idle(engine.Round{Feeds: int(k), Elapsed: time.Duration(e.elapsed.Swap(0))})
		}
	}
}

// migrateLock keeps replicas that start together from migrating together.
const migrateLock = 0x7761746368657210

// Migrate brings River's tables up to date: a step of the store's start.
func Migrate(ctx context.Context, s *postgres.Store) error {
	conn, err := s.Pool().Acquire(ctx)
	if err != nil {
		return fmt.Errorf("river: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrateLock)); err != nil {
		return fmt.Errorf("river: %w", err)
	}
	defer conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrateLock))
	m, err := rivermigrate.New(riverpgxv5.New(s.Pool()), nil)
	if err != nil {
		return fmt.Errorf("river: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("bring River's tables up to date: %w", err)
	}
	return nil
}
