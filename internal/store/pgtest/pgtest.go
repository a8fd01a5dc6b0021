// Package pgtest gives tests a PostgreSQL: the one that $WATCHER_POSTGRES
// names, else a cluster of their own from Debian's package, in a temporary
// folder, on a Unix socket, that ends with the test program. Each test gets a
// database of its own. Only tests import it.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Main runs a package's tests and ends the cluster that they started:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
func Main(m *testing.M) int {
	code := m.Run()
	if c := started.Load(); c != nil {
		c.stop()
	}
	return code
}

// started is the cluster of this test program: one, whatever its tests.
var (
	started   atomic.Pointer[Cluster]
	cluster   = sync.OnceValues(start)
	databases atomic.Int64
)

// URL makes an empty database and gives its address. The test is skipped where
// there is no PostgreSQL.
func URL(t testing.TB) string {
	t.Helper()
	c := Get(t)
	name := fmt.Sprintf("t%d_%d", os.Getpid(), databases.Add(1))
	if err := c.admin("CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Log(err)
		}
	})
	return c.database(name)
}

// Get gives the cluster, for tests that restart it.
func Get(t testing.TB) *Cluster {
	t.Helper()
	c, err := cluster()
	if errors.Is(err, errNone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var errNone = errors.New("no PostgreSQL: set WATCHER_POSTGRES to an address whose user may create databases, or install postgresql (on Debian: apt-get install postgresql)")

// Cluster is a running PostgreSQL.
type Cluster struct {
	url  string
	dir  string // empty: not ours
	bin  string
	cred *syscall.Credential
	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan error
}

// Own tells whether the cluster was started here, and so may be restarted.
func (c *Cluster) Own() bool { return c.dir != "" }

func start() (*Cluster, error) {
	if u := os.Getenv("WATCHER_POSTGRES"); u != "" {
		return &Cluster{url: u}, nil
	}
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(bins) == 0 {
		return nil, errNone
	}
	c := &Cluster{bin: filepath.Dir(bins[len(bins)-1])}
	var err error
	if c.dir, err = os.MkdirTemp("", "pg"); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		u, err := user.Lookup("postgres")
		if err != nil {
			return nil, fmt.Errorf("%w: and the user postgres", errNone)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		c.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(c.dir, uid, gid); err != nil {
			return nil, err
		}
	}
	c.url = "postgres://postgres@/postgres?host=" + url.QueryEscape(c.dir)
	init := exec.Command(filepath.Join(c.bin, "initdb"), "-D", filepath.Join(c.dir, "data"), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C.UTF-8")
	init.Dir, init.SysProcAttr = c.dir, &syscall.SysProcAttr{Credential: c.cred}
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	started.Store(c)
	return c, c.Start()
}

// Start starts the server and waits until it answers.
func (c *Cluster) Start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = make(chan error, 1)
	began := make(chan error, 1)
	go func() {
		// The server is told to end when the thread that made it ends, and so
		// when this program is killed: the thread must live that long.
		runtime.LockOSThread()
		cmd := exec.Command(filepath.Join(c.bin, "postgres"), "-D", filepath.Join(c.dir, "data"), "-k", c.dir, "-c", "listen_addresses=",
			"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "shared_buffers=64MB", "-c", "max_connections=120", "-c", "autovacuum_naptime=10s")
		log, err := os.Create(filepath.Join(c.dir, "log"))
		if err == nil {
			cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, c.dir
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.cred, Pdeathsig: syscall.SIGQUIT, Setpgid: true}
			err = cmd.Start()
		}
		c.cmd = cmd
		began <- err
		if err == nil {
			c.done <- cmd.Wait()
			log.Close()
		}
	}()
	if err := <-began; err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	for i := 0; ; i++ {
		err := c.admin("SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case werr := <-c.done:
			out, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			return fmt.Errorf("postgres ended: %w\n%s", werr, out)
		case <-time.After(20 * time.Millisecond):
		}
		if i > 1500 {
			return fmt.Errorf("postgres does not answer: %w", err)
		}
	}
}

// PID is the server's first process; 0 where it is not ours.
func (c *Cluster) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd == nil || c.cmd.Process == nil {
		return 0
	}
	return c.cmd.Process.Pid
}

// Kill ends the server as a power cut of the machine would end it.
func (c *Cluster) Kill() { c.end(syscall.SIGQUIT) }

func (c *Cluster) end(sig syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd == nil || c.cmd.Process == nil {
		return
	}
	c.cmd.Process.Signal(sig)
	<-c.done
	c.cmd = nil
}

func (c *Cluster) stop() {
	if c.Own() {
		c.end(syscall.SIGQUIT)
		os.RemoveAll(c.dir)
	}
}

func (c *Cluster) admin(q string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, q)
	return err
}

// database is the address of another database of the cluster.
func (c *Cluster) database(name string) string {
	u, err := url.Parse(c.url)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return c.url + " dbname=" + name
	}
	u.Path = "/" + name
	return u.String()
}
