#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# build.sh FOLDER [NAME...]: builds small kernels from Debian's linux-source into FOLDER/NAME/bzImage, with the configuration
# beside it (FOLDER/NAME/config): base, and base with each fragment here. What is there and as the fragments ask is kept.
# A kernel takes one to some minutes; they share a build tree, in which only what differs is compiled again.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd); shift
packed=$(ls /usr/src/linux-source-*.tar.xz 2>/dev/null | sort -V | tail -n 1)
[ -n "$packed" ] || { echo "kernels: no /usr/src/linux-source-*.tar.xz (Debian: linux-source)" >&2; exit 1; }
source=$out/$(basename "$packed" .tar.xz)
package=$(dpkg-query -W "$(basename "$packed" .tar.xz)" 2>/dev/null || echo "$packed")
[ $# -gt 0 ] || set -- $(cd "$here" && ls ./*.config | sed 's/^\.\///; s/\.config$//')

unpacked() {
	[ "$(cat "$source/.unpacked" 2>/dev/null)" = "$package" ] && return
	rm -rf "$source"
	tar -C "$out" -xf "$packed"
	echo "$package" >"$source/.unpacked"
}

# asked NAME: the options of a kernel; its own come last and count
asked() {
	echo "# $package"
	cat "$here/base.config"
	[ "$1" = base ] || cat "$here/$1.config"
	echo "CONFIG_LOCALVERSION=\"-$(echo "$1" | tr _ -)\""
}

# Each option that was asked for must be in the result: Kconfig drops silently what depends on another one.
kept() {
	awk -F= '/^CONFIG_/ { if (NR == FNR) want[$1] = $2; else have[$1] = $2 }
		END { for (o in want) { is = o in have ? have[o] : "n"; if (is != want[o]) { print "kernels: " o " is " is ", not " want[o]; bad = 1 } }
			exit bad }' "$1" "$2" >&2
}

for name in "$@"; do
	[ -e "$here/$name.config" ] || { echo "kernels: no $name.config" >&2; exit 2; }
	asked "$name" >"$out/asked"
	if cmp -s "$out/asked" "$out/$name/asked" && [ -e "$out/$name/bzImage" ]; then continue; fi
	echo "kernels: $name" >&2
	unpacked
	mkdir -p "$out/tree" "$out/$name"
	{
		make -s -C "$source" O="$out/tree" tinyconfig
		(cd "$source" && scripts/kconfig/merge_config.sh -m -O "$out/tree" "$out/tree/.config" "$out/asked")
		make -s -C "$source" O="$out/tree" olddefconfig
	} >"$out/log" 2>&1 || { tail -n 5 "$out/log" >&2; exit 1; }
	kept "$out/asked" "$out/tree/.config"
	make -s -C "$source" O="$out/tree" ${JOBS:--j$(nproc)} bzImage >"$out/log" 2>&1 || { tail -n 20 "$out/log" >&2; exit 1; }
	cp "$out/tree/arch/x86/boot/bzImage" "$out/tree/.config" "$out/$name/"
	mv "$out/$name/.config" "$out/$name/config"
	mv "$out/asked" "$out/$name/asked"
done
