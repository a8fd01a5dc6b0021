#!/bin/sh
# The user that watcher runs as; nothing is started before it is configured.
set -e
if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers /usr/lib/sysusers.d/watcher.conf
elif ! getent passwd watcher >/dev/null; then
  useradd --system --home-dir /var/lib/watcher --shell /usr/sbin/nologin watcher
fi
chown root:watcher /etc/watcher
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
echo "watcher: next, watcher init -c /etc/watcher/config.yaml, then systemctl enable --now watcher"
