#!/bin/sh
# Only when it goes for good: an upgrade (deb "upgrade", rpm 1) goes on running.
set -e
case "$1" in
remove | 0) if [ -d /run/systemd/system ]; then systemctl disable --now watcher || true; fi ;;
esac
