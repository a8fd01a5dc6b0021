package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shells complete "watcher feeds li" with the script in $1.
var shells = map[string]string{
	"bash": `source /usr/share/bash-completion/bash_completion && source "$1" &&
COMP_WORDS=(watcher feeds li) COMP_CWORD=2 COMP_LINE="watcher feeds li" COMP_POINT=16 COMP_TYPE=9 && __start_watcher && printf '%s\n' "${COMPREPLY[@]}"`,
	"zsh": `compdef() { : }; _describe() { print -l -- $completions }
source "$1"; words=(watcher feeds li); CURRENT=3; _watcher`,
	"fish": `source $argv[1]; complete -C "watcher feeds li"`,
}

// TestCompletion: each shell takes its script, and completes with it by asking
// the program.
func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	wrapper := fmt.Sprintf("#!/bin/sh\nWATCHER_TEST_MAIN=1 exec %q \"$@\"\n", os.Args[0])
	if err := os.WriteFile(filepath.Join(dir, "watcher"), []byte(wrapper), 0o755); err != nil {
		t.Fatal(err)
	}
	for shell, text := range shells {
		t.Run(shell, func(t *testing.T) {
			r := call(t, "", "completion", shell)
			if r.code != exitOK {
				t.Fatalf("%+v", r)
			}
			program, err := exec.LookPath(shell)
			if err != nil {
				t.Skipf("no %s here: install it to run its script", shell)
			}
			if _, err := os.Stat("/usr/share/bash-completion/bash_completion"); shell == "bash" && err != nil {
				t.Skip("install bash-completion to run the script for bash")
			}
			script := filepath.Join(dir, shell+".script")
			if err := os.WriteFile(script, []byte(r.stdout), 0o644); err != nil {
				t.Fatal(err)
			}
			args := []string{"-c", text, shell, script}
			if shell == "fish" {
				args = []string{"-c", text, script}
			}
			cmd := exec.Command(program, args...)
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "HOME="+dir)
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.Contains(string(out), "list") || strings.Contains(string(out), "pause") {
				t.Errorf("watcher feeds li<tab>: %v: %s", err, out)
			}
		})
	}
	if r := call(t, "", "completion", "tcsh"); r.code != exitUsage {
		t.Errorf("tcsh: %+v", r)
	}
}
