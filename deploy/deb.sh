#!/bin/sh
# deb.sh BINARY VERSION OUT.deb : the package of .goreleaser.yaml, with nothing
# but dpkg-deb. The binary must be static and for this machine.
set -e
binary=$1 version=$2 out=$3
here=$(cd "$(dirname "$0")/.." && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
install -D -m 755 "$binary" "$root/usr/bin/watcher"
install -D -m 644 "$here/deploy/watcher.service" "$root/usr/lib/systemd/system/watcher.service"
install -D -m 644 "$here/deploy/sysusers.conf" "$root/usr/lib/sysusers.d/watcher.conf"
install -D -m 644 "$here/config.example.yaml" "$root/usr/share/doc/watcher/config.example.yaml"
install -D -m 644 "$here/config.schema.json" "$root/usr/share/watcher/config.schema.json"
install -D -m 644 "$here/LICENSE" "$root/usr/share/doc/watcher/copyright"
"$binary" man --dir "$root/usr/share/man/man1"
install -d -m 750 "$root/etc/watcher"
install -D -m 755 "$here/deploy/postinstall.sh" "$root/DEBIAN/postinst"
install -D -m 755 "$here/deploy/preremove.sh" "$root/DEBIAN/prerm"
cat >"$root/DEBIAN/control" <<CONTROL
Package: watcher
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: watcher maintainers <watcher@example.org>
Section: net
Priority: optional
Description: watches news feeds and tells people, once a story,
 what meets their topics.
CONTROL
dpkg-deb --build --root-owner-group "$root" "$out" >/dev/null
