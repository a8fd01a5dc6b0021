package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// maxInput bounds what is read of a file: far more than a feed may have.
const maxInput = 64 << 20

// input opens a file, or standard input for "-", which is there once. Its
// error names the file.
func (e *env) input(name string) (io.ReadCloser, error) {
	if name == "-" {
		if e.stdinRead {
			return nil, exit(exitUsage, unread(name, errors.New("it can be read once only")))
		}
		e.stdinRead = true
		return io.NopCloser(e.stdin), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unread(name, err)
	}
	return f, nil
}

// unreadError says which input could not be read, and why, each once.
type unreadError struct {
	name string
	err  error
}

func (u *unreadError) Error() string { return u.name + ": " + u.err.Error() }
func (u *unreadError) Unwrap() error { return u.err }

// unread names the input to an error that does not name it yet.
func unread(name string, err error) error {
	var u *unreadError
	if errors.As(err, &u) {
		return err
	}
	if name == "-" {
		name = "standard input"
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return &unreadError{name, err}
}

// readInput reads a file, or standard input for "-".
func readInput(e *env, name string) ([]byte, error) {
	r, err := e.input(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxInput))
	if err != nil {
		return nil, unread(name, err)
	}
	return b, nil
}

// eachInput calls read with each file in turn, or standard input for "-".
func eachInput(e *env, args []string, read func(io.Reader) error) error {
	for _, name := range args {
		r, err := e.input(name)
		if err != nil {
			return err
		}
		err = read(r)
		r.Close()
		if err != nil {
			return unread(name, err)
		}
	}
	return nil
}
