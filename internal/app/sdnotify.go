package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// sdNotify tells systemd of a change (sd_notify(3)); without $NOTIFY_SOCKET it
// does nothing.
func sdNotify(state string) error {
	addr := os.Getenv("NOTIFY_SOCKET")
	if addr == "" {
		return nil
	}
	if strings.HasPrefix(addr, "@") {
		addr = "\x00" + addr[1:]
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: addr, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("tell systemd: %w", err)
	}
	defer conn.Close()
	_, err = conn.Write([]byte(state))
	return err
}

func (a *App) notify(state string) {
	if err := sdNotify(state); err != nil {
		a.Log.Warn("systemd was not told", "err", err)
	}
}

func (a *App) notifyReady()    { a.notify("READY=1") }
func (a *App) notifyStopping() { a.notify("STOPPING=1") }

// notifyReloading is for Type=notify-reload, which wants the monotonic time.
func (a *App) notifyReloading() {
	if usec, ok := monotonic(); ok {
		a.notify(fmt.Sprintf("RELOADING=1\nMONOTONIC_USEC=%d", usec))
	}
}

// watchdog feeds systemd's watchdog only while the engine's and the writer's
// loops beat, and keeps STATUS up to date.
func (a *App) watchdog(ctx context.Context) error {
	every := 20 * time.Second
	if usec, err := strconv.ParseInt(os.Getenv("WATCHDOG_USEC"), 10, 64); err == nil && usec > 0 {
		every = min(every, time.Duration(usec)*time.Microsecond/3)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if os.Getenv("NOTIFY_SOCKET") == "" {
			continue
		}
		state := "STATUS=" + a.Status(ctx).Line
		if a.live(ctx) == nil {
			state += "\nWATCHDOG=1"
		}
		a.notify(state)
	}
}
