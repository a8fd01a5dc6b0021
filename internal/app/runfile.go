package app

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// RunFile says how to reach the running daemon. It stands beside the store,
// readable by its owner only.
type RunFile struct {
	PID     int    `json:"pid"`
	Address string `json:"address"` // host:port; empty: no server
	Token   string `json:"token"`
	Version string `json:"version"`
}

// writeRunFile writes it whole or not at all.
func writeRunFile(path string, r RunFile) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".run-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = tmp.Write(append(text, '\n'))
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// ReadRunFile reads the run file beside a store; it is missing when no daemon
// runs, and may be left over from one that was killed.
func ReadRunFile(path string) (RunFile, error) {
	var r RunFile
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, fmt.Errorf("no daemon runs here (%s is missing)", path)
	}
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

func newToken() string { return rand.Text() + rand.Text() }
