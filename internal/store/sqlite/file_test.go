package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"watcher/internal/store"
	"watcher/internal/store/sqlite"
	"watcher/internal/store/storetest"
)

// failing opens a file that must be refused, and wants words in the refusal.
func failing(t *testing.T, path string, o sqlite.Options, want error, words ...string) {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, o)
	if err == nil {
		s.Close()
		t.Fatalf("%s was opened", path)
	}
	if want != nil && !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	for _, w := range append(words, path) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func exec1(t *testing.T, path string, qs ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range qs {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
}

func addItem(t testing.TB, s store.Store, guid string) error {
	t.Helper()
	return s.Update(context.Background(), func(tx store.Tx) error {
		return tx.InsertItems(context.Background(), []*store.Item{storetest.Item("a", guid, "Title "+guid, storetest.T0)})
	})
}

func count(t testing.TB, s store.Store) (n int) {
	t.Helper()
	err := s.View(context.Background(), func(r store.Reader) (err error) {
		n, err = r.CountItems(context.Background(), time.Time{}, time.Time{})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	s := open(t, path, sqlite.Options{Exclusive: true})
	failing(t, path, sqlite.Options{Exclusive: true}, store.ErrLocked, "process "+strconv.Itoa(os.Getpid()))
	r := open(t, path, sqlite.Options{ReadOnly: true}) // verbs read beside the daemon
	if err := addItem(t, s, "g1"); err != nil {
		t.Fatal(err)
	}
	if n := count(t, r); n != 1 {
		t.Errorf("a reader beside the daemon sees %d items", n)
	}
	if err := addItem(t, r, "g2"); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("a reader wrote: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path, sqlite.Options{Exclusive: true})
}

func TestFolderMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "w.db")
	open(t, path, sqlite.Options{})
	for p, want := range map[string]fs.FileMode{filepath.Dir(path): 0o700, path: 0o600} {
		info, err := os.Stat(p)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", p, info.Mode(), err, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }

	failing(t, at("none.db"), sqlite.Options{ReadOnly: true}, fs.ErrNotExist, "watcher run")
	failing(t, dir, sqlite.Options{}, nil, "folder")
	failing(t, dir, sqlite.Options{ReadOnly: true, AsIs: true}, nil, "folder")
	os.WriteFile(at("empty.db"), nil, 0o600)
	failing(t, at("empty.db"), sqlite.Options{ReadOnly: true, AsIs: true}, nil, "is empty")

	os.WriteFile(at("text.db"), bytes.Repeat([]byte("this is no database\n"), 400), 0o600)
	failing(t, at("text.db"), sqlite.Options{}, store.ErrCorrupt, "restore a backup")

	os.WriteFile(at("file"), nil, 0o600)
	failing(t, at("file/w.db"), sqlite.Options{}, store.ErrReadOnly, "uid")

	open(t, at("newer.db"), sqlite.Options{}).Close()
	exec1(t, at("newer.db"), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
	before, _ := os.ReadFile(at("newer.db"))
	failing(t, at("newer.db"), sqlite.Options{}, store.ErrNewer, "999", "newer watcher")
	failing(t, at("newer.db"), sqlite.Options{ReadOnly: true}, store.ErrNewer)
	if after, _ := os.ReadFile(at("newer.db")); !bytes.Equal(before, after) {
		t.Error("a database from a newer version was changed")
	}

	exec1(t, at("other.db"), `CREATE TABLE bookmarks (id INTEGER)`)
	failing(t, at("other.db"), sqlite.Options{}, nil, "another program")

	exec1(t, at("old.db"), `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER, is_applied INTEGER, tstamp TIMESTAMP)`)
	failing(t, at("old.db"), sqlite.Options{ReadOnly: true}, nil, "watcher run")
}

func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	s := open(t, path, sqlite.Options{})
	for i := range 400 {
		if err := addItem(t, s, fmt.Sprint("g", i)); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := f.Stat()
	for at := info.Size() / 2; at < info.Size()/2+3*4096; at += 512 {
		f.WriteAt(bytes.Repeat([]byte{0xa5}, 300), at)
	}
	f.Close()
	if err := sqlite.CheckFile(context.Background(), path); !errors.Is(err, store.ErrCorrupt) || !strings.HasPrefix(err.Error(), path) {
		t.Errorf("a damaged file passed: %v", err)
	}
	s = open(t, path, sqlite.Options{})
	if err := s.Damage(); err != nil {
		t.Errorf("nothing was read yet: %v", err)
	}
	to := open(t, filepath.Join(t.TempDir(), "to.db"), sqlite.Options{})
	err = store.Copy(t.Context(), s, to, nil)
	if !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), to.Path()) {
		t.Errorf("copy of a damaged file: %v", err)
	}
	if s.Damage() == nil || to.Damage() != nil {
		t.Errorf("damage of the file %v, of the copy %v", s.Damage(), to.Damage())
	}
}

func TestUnwritableFolder(t *testing.T) {
	if os.Getuid() == 0 {
		rerun(t, 65534, "TestUnwritableFolder")
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "w.db")
	s := open(t, path, sqlite.Options{})
	addItem(t, s, "g")
	s.Close()
	os.Chmod(dir, 0o500)
	defer os.Chmod(dir, 0o700)
	failing(t, path, sqlite.Options{}, store.ErrReadOnly, fmt.Sprintf("uid %d", os.Getuid()), "chown", "journal")
	if n := count(t, open(t, path, sqlite.Options{ReadOnly: true})); n != 1 {
		t.Errorf("read-only in a folder that cannot be written: %d items", n)
	}
}

// rerun runs one test of this program as another user.
func rerun(t *testing.T, uid int, name string) {
	self, err := os.ReadFile(must(os.Executable()))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "watcher-test-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	exe := filepath.Join(dir, "test")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(exe, self, 0o755), os.Mkdir(dir+"/tmp", 0o777), os.Chmod(dir+"/tmp", 0o777)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run", "^"+name+"$", "-test.v")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TMPDIR="+dir+"/tmp", "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("as uid %d: %v\n%s", uid, err, out)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestFull limits the size of files in a process of its own, as a full disk
// would: what was kept stays, and writing goes on once there is room.
func TestFull(t *testing.T) {
	path := os.Getenv("TEST_FULL_STORE")
	if path == "" {
		path = filepath.Join(t.TempDir(), "w.db")
		cmd := exec.Command(must(os.Executable()), "-test.run", "^TestFull$", "-test.v")
		cmd.Env = append(os.Environ(), "TEST_FULL_STORE="+path)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var kept int
		if i := bytes.Index(out, []byte("kept ")); i >= 0 {
			fmt.Sscanf(string(out[i:]), "kept %d", &kept)
		}
		s := open(t, path, sqlite.Options{})
		if n := count(t, s); n != kept || n == 0 {
			t.Errorf("%d items after the disk was full, %d were kept", n, kept)
		}
		if err := errors.Join(s.Check(t.Context()), addItem(t, s, "later")); err != nil {
			t.Error(err)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	s := open(t, path, sqlite.Options{})
	addItem(t, s, "first")
	limit := syscall.Rlimit{Cur: 2 << 20, Max: 2 << 20}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Skip("no limit on file sizes here")
	}
	kept, failed := 1, 0
	for i := 0; failed < 3 && i < 20000; i++ {
		err := addItem(t, s, fmt.Sprint("g", i, strings.Repeat("x", 2000)))
		switch {
		case err == nil:
			kept++
		case errors.Is(err, store.ErrFull) && strings.Contains(err.Error(), path):
			failed++
		default:
			t.Fatalf("not a full disk: %v", err)
		}
	}
	if failed == 0 {
		t.Fatal("the limit was never met")
	}
	if n := count(t, s); n != kept {
		t.Errorf("%d items, %d kept", n, kept)
	}
	fmt.Printf("kept %d\n", kept)
}

func TestKilled(t *testing.T) {
	path := os.Getenv("TEST_KILLED_STORE")
	if path != "" {
		s := open(t, path, sqlite.Options{Exclusive: true})
		for i := count(t, s); ; i++ {
			if err := addItem(t, s, fmt.Sprint("g", i)); err != nil {
				t.Fatal(err)
			}
			fmt.Println("kept", i+1)
		}
	}
	path = filepath.Join(t.TempDir(), "w.db")
	kept := 0
	for range 5 {
		cmd := exec.Command(must(os.Executable()), "-test.run", "^TestKilled$")
		cmd.Env = append(os.Environ(), "TEST_KILLED_STORE="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for want := kept + 30; kept < want; {
			if _, err := fmt.Fscanf(out, "kept %d\n", &kept); err != nil {
				t.Fatal(err)
			}
		}
		cmd.Process.Kill()
		for {
			if _, err := fmt.Fscanf(out, "kept %d\n", &kept); err != nil {
				break
			}
		}
		cmd.Wait()
	}
	s := open(t, path, sqlite.Options{Exclusive: true}) // the lock went with the process
	if n := count(t, s); n < kept || n > kept+1 {
		t.Errorf("%d items, %d were said to be kept", n, kept)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestBackup(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	s := open(t, filepath.Join(dir, "w.db"), sqlite.Options{Exclusive: true})
	for i := range 20 {
		addItem(t, s, fmt.Sprint("g", i))
	}
	var paths []string
	for i := range 4 {
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() { // others write meanwhile
			defer close(stopped)
			for j := 0; ; j++ {
				select {
				case <-stop:
					return
				default:
					addItem(t, s, fmt.Sprint("during", i, "-", j))
				}
			}
		}()
		p, err := store.BackupInto(ctx, s, filepath.Join(dir, "backups"), 2, storetest.T0.Add(time.Duration(i)*time.Hour))
		close(stop)
		<-stopped
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, p)
	}
	left, err := store.Backups(filepath.Join(dir, "backups"))
	if err != nil || len(left) != 2 || left[0] != paths[2] || left[1] != paths[3] {
		t.Errorf("left %v of %v (%v)", left, paths, err)
	}
	if err := sqlite.CheckFile(ctx, paths[3]); err != nil {
		t.Error(err)
	}
	b := open(t, paths[3], sqlite.Options{})
	if n := count(t, b); n < 20 {
		t.Errorf("%d items in the backup", n)
	}
	if err := s.Backup(ctx, paths[3]); err == nil {
		t.Error("a backup was written over")
	}
	if other, err := filepath.Glob(filepath.Join(dir, "backups", "*.part*")); len(other) > 0 || err != nil {
		t.Errorf("left behind: %v", other)
	}
}

func TestCopy(t *testing.T) {
	ctx := t.Context()
	from := open(t, filepath.Join(t.TempDir(), "a.db"), sqlite.Options{})
	storetest.Populate(t, from)
	to := open(t, filepath.Join(t.TempDir(), "b.db"), sqlite.Options{})
	rows := map[string]int64{}
	if err := store.Copy(ctx, from, to, func(table string, n int64) { rows[table] = n }); err != nil {
		t.Fatal(err)
	}
	storetest.Same(t, from, to)
	if rows["items"] == 0 {
		t.Errorf("progress: %v", rows)
	}
	if err := store.Copy(ctx, from, to, nil); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("copied over data: %v", err)
	}
}

// TestBubble runs a store under a fake clock: it leaves no goroutine behind.
func TestBubble(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	synctest.Test(t, func(t *testing.T) {
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{Exclusive: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		for i := range 50 {
			time.Sleep(10 * time.Minute / 50)
			if err := addItem(t, s, fmt.Sprint("g", i)); err != nil {
				t.Fatal(err)
			}
			err := s.View(ctx, func(r store.Reader) error { _, err := r.Items(ctx, store.ItemFilter{}); return err })
			if err != nil {
				t.Fatal(err)
			}
		}
		n, err := store.PruneAll(ctx, s, store.Keep{Items: time.Hour}, storetest.T0.Add(48*time.Hour), 50*time.Millisecond)
		if err != nil || n < 50 {
			t.Errorf("pruned %d, %v", n, err)
		}
	})
}
