package sqlite

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"

	"watcher/internal/store/sqlstore"
)

// maxStatements bounds the prepared statements of a connection.
const maxStatements = 400

// conn is one connection with its prepared statements. One goroutine at a
// time holds it. (database/sql prepares a statement anew for each transaction,
// which costs more than most of them take to run.)
type conn struct {
	db    *sql.DB
	c     *sql.Conn
	stmts map[string]*sql.Stmt
	write bool
	ran   atomic.Int64 // statements, for who counts what work costs
}

func newConn(db *sql.DB, write bool) *conn {
	return &conn{db: db, stmts: map[string]*sql.Stmt{}, write: write}
}

// pool hands out the connection that was used last: its cache is warm, and
// those that are never needed at the same time are never opened.
type pool struct {
	free  chan struct{} // one for each that is free
	mu    sync.Mutex
	conns []*conn
}

func newPool(n int) *pool { return &pool{free: make(chan struct{}, n)} }

// get takes a connection, after one was received from free.
func (p *pool) get() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.conns[len(p.conns)-1]
	p.conns = p.conns[:len(p.conns)-1]
	return c
}

func (p *pool) put(c *conn) {
	p.mu.Lock()
	p.conns = append(p.conns, c)
	p.mu.Unlock()
	p.free <- struct{}{}
}

func (c *conn) close() error {
	for _, s := range c.stmts {
		s.Close()
	}
	clear(c.stmts)
	if c.c == nil {
		return nil
	}
	err := c.c.Close()
	c.c = nil
	return err
}

// short is the context of a statement. The driver starts a goroutine for each
// that may be interrupted, which costs as much as most writes do: those are
// short, and end before the caller's patience is looked at again.
func (c *conn) short(ctx context.Context) (context.Context, error) {
	if !c.write || ctx.Done() == nil {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

func (c *conn) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	c.ran.Add(1)
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		for q, s := range c.stmts {
			s.Close()
			delete(c.stmts, q)
		}
	}
	s, err := c.c.PrepareContext(ctx, query)
	if err == nil {
		c.stmts[query] = s
	}
	return s, err
}

// transact runs fn between begin and COMMIT. The end of a transaction does not
// depend on the caller's patience.
func (c *conn) transact(ctx context.Context, begin string, fn func(*conn) error) (err error) {
	if c.c == nil {
		if c.c, err = c.db.Conn(ctx); err != nil {
			return err
		}
	}
	last := context.WithoutCancel(ctx)
	if _, err := c.Exec(ctx, begin); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			c.Exec(last, "ROLLBACK") // fails where SQLite rolled back by itself
		}
	}()
	if err := fn(c); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err = c.Exec(last, "COMMIT")
	done = err == nil
	return err
}

// Exec implements sqlstore.Conn.
func (c *conn) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx, err := c.short(ctx)
	if err != nil {
		return 0, err
	}
	s, err := c.stmt(ctx, query)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query implements sqlstore.Conn.
func (c *conn) Query(ctx context.Context, query string, args ...any) (sqlstore.Rows, error) {
	ctx, err := c.short(ctx)
	if err != nil {
		return nil, err
	}
	s, err := c.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// openOne opens a pool of a single connection.
func openOne(dsn string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}
