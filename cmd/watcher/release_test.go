package main

import (
	"crypto/sha256"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// releaseBuild builds the program as a release does, from the sources in dir.
func releaseBuild(t *testing.T, dir, goos, goarch string) (sum [32]byte) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "watcher")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version=v1.2.3", "-o", out, "./cmd/watcher")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s/%s: %v\n%s", goos, goarch, err, text)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s/%s: %.1f MB", goos, goarch, float64(len(data))/1e6)
	return sha256.Sum256(data)
}

// TestSoakRelease: every platform of a release builds, without C, and the same
// sources in another folder give the same bytes.
func TestSoakRelease(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1: it compiles everything for five platforms")
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	first := releaseBuild(t, root, "linux", "amd64")
	elsewhere := filepath.Join(t.TempDir(), "another", "place")
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case e.IsDir() && (strings.HasPrefix(e.Name(), ".git") || e.Name() == "bin" || e.Name() == "dist"):
			return filepath.SkipDir
		case e.IsDir():
			return os.MkdirAll(filepath.Join(elsewhere, rel), 0o755)
		case !e.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(filepath.Join(elsewhere, rel), data, 0o644)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if again := releaseBuild(t, elsewhere, "linux", "amd64"); again != first {
		t.Errorf("not reproducible: %x and %x", first, again)
	}
	for _, p := range [][2]string{{"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"}} {
		releaseBuild(t, root, p[0], p[1])
	}
}
