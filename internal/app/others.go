package app

import (
	"context"
	"os"
	"time"
)

// lookForOthers is how often a daemon without a server looks whether somebody
// else wrote to its store.
const lookForOthers = 3 * time.Second

// othersWrote looks whether the store's write-ahead log changed, and then has
// the daemon look for what is due. A verb acts through the daemon's server;
// where there is none it writes to the store beside it, and this is the sign:
// a look at one file, where asking SQLite would take its locks. What the daemon
// wrote itself changes the file as well and costs one look more.
func (a *App) othersWrote(context.Context) error {
	c := a.now.Load().Config
	path := StorePath(c)
	if path == "" || c.Server.Listen != "" {
		return nil
	}
	fi, err := os.Stat(path + "-wal")
	if err != nil {
		return nil // not made yet
	}
	mark := walMark{fi.ModTime(), fi.Size()}
	if before := a.wal; before != (walMark{}) && before != mark {
		a.engine.Wake()
		a.wakeSender()
	}
	a.wal = mark
	return nil
}

type walMark struct {
	at   time.Time
	size int64
}
