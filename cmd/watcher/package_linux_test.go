package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is who the daemon is in the root of its own.
const nobody = 65534

// TestPackage: the .deb, unpacked into an empty root, holds all that the
// daemon needs: its ExecStart runs there as a user without rights, with no
// shell, no library, no zone data and no roots beside it.
func TestPackage(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("not root: run as root to change the root folder")
	}
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("no dpkg-deb here: install dpkg to build the package")
	}
	dir, err := os.MkdirTemp("", "watcher-root-") // open to nobody, unlike t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary, deb, root := filepath.Join(dir, "watcher"), filepath.Join(dir, "watcher.deb"), filepath.Join(dir, "root")
	command := func(env string, args ...string) {
		t.Helper()
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Env = append(os.Environ(), env)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	command("CGO_ENABLED=0", "go", "build", "-o", binary, ".")
	command("", filepath.Join("..", "..", "deploy", "deb.sh"), binary, "1.2.3", deb)
	command("", "dpkg-deb", "-x", deb, root)

	d := newDesk(t)
	text, err := os.ReadFile(d.config("@every 1m", "/one"))
	if err != nil {
		t.Fatal(err)
	}
	conf := strings.Replace(string(text), "sqlite:./watcher.db", "sqlite:/var/lib/watcher/watcher.db", 1) + "timezone: Asia/Muscat\n"
	if err := os.WriteFile(filepath.Join(root, "etc", "watcher", "config.yaml"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(root, "var", "lib", "watcher")
	for _, f := range []func() error{
		func() error { return os.MkdirAll(state, 0o755) },
		func() error { return os.Chown(state, nobody, nobody) },
		func() error { return os.Chmod(state, 0o700) },
		func() error { return os.Chmod(dir, 0o755) },
		func() error { return os.Chmod(root, 0o755) },
		func() error { return os.Chmod(filepath.Join(root, "etc", "watcher"), 0o755) },
	} {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	unit, err := os.ReadFile(filepath.Join(root, "usr", "lib", "systemd", "system", "watcher.service"))
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(unit), "ExecStart=")
	line, _, _ = strings.Cut(line, "\n")
	inside := func(args ...string) *exec.Cmd {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir, cmd.Env = "/var/lib/watcher", []string{"PATH=/usr/bin"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		return cmd
	}
	log := &safeBuffer{}
	daemon := inside(strings.Fields(line)...)
	daemon.Stdout, daemon.Stderr = log, log
	if err := daemon.Start(); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	defer daemon.Process.Kill()
	wait(t, "health", waitLong, func() bool {
		return inside("/usr/bin/watcher", "health", "-c", "/etc/watcher/config.yaml").Run() == nil
	})
	wait(t, "a poll", waitLong, func() bool { return d.pollsOf("/one") > 0 })
	for _, args := range [][]string{{"status"}, {"doctor"}, {"check"}, {"feeds", "list"}} {
		out, err := inside(append(append([]string{"/usr/bin/watcher"}, args...), "-c", "/etc/watcher/config.yaml")...).CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	daemon.Process.Signal(syscall.SIGTERM)
	if err := daemon.Wait(); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, log)
	}
	if pages, _ := filepath.Glob(filepath.Join(root, "usr", "share", "man", "man1", "watcher*.1")); len(pages) < 30 {
		t.Errorf("%d manual pages in the package", len(pages))
	}
	if t.Failed() {
		fmt.Println(log)
	}
}
