#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs the package in a fresh Debian and runs its tests there: check_deb.sh FOLDER. As root; takes
# a minute or two, and Debian's archive.
set -eu
folder=$(realpath "${1:?usage: check_deb.sh FOLDER}")
export PATH=$PATH:/usr/sbin
for tool in debootstrap lintian autopkgtest; do
	command -v "$tool" >/dev/null || { echo "check_deb: no $tool: apt install $tool" >&2; exit 1; }
done
. /etc/os-release
root=$(mktemp -d)
unmounted() { for m in sys proc; do umount -R "$root/$m" 2>/dev/null || ! mountpoint -q "$root/$m" || return 1; done; }
# what is mounted there is this machine's: nothing is removed while it is
trap 'unmounted && rm -rf "$root"' EXIT
mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' \
	/etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1)

lintian --fail-on error,warning --tag-display-limit 0 --allow-root "$folder"/*.changes
debootstrap --variant=minbase "$VERSION_CODENAME" "$root" "$mirror" >"$folder/debootstrap.log"
# this machine's sources instead of debootstrap's; apt reads what it got as a user of its own
chmod 755 "$root"
rm -f "$root/etc/apt/sources.list"
cp -r /etc/apt/sources.list* "$root/etc/apt/"
[ ! -d /etc/apt/apt.conf.d ] || cp -r /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/"
mount --bind /proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --make-rslave "$root/sys"
tree=$(find "$folder" -mindepth 1 -maxdepth 1 -type d -name 'bpftoll-*')
# 2: some tests were skipped
autopkgtest --no-built-binaries "$folder"/bpftoll_*.deb "$tree" -- chroot "$root" && code=0 || code=$?
[ "$code" = 0 ] || [ "$code" = 2 ]
chroot "$root" apt-get -qq purge -y bpftoll >/dev/null
left=$(find "$root/usr" "$root/etc" "$root/var" -name '*bpftoll*' ! -path '*/cache/*' ! -path '*/dpkg/*' ! -path '*/apt/*')
if [ -n "$left" ]; then
	echo "left behind by the package: $left" >&2
	exit 1
fi
echo "installs, passes its tests and leaves nothing behind in a fresh $PRETTY_NAME"
