#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the Debian package of the last commit: deb.sh FOLDER VERSION. Packages and what was built are
# left in the folder, which is made anew. The same commit gives the same bytes in any folder.
set -eu
folder=${1:?usage: deb.sh FOLDER VERSION} version=${2:?usage: deb.sh FOLDER VERSION}
tree=$folder/bpftoll-$version
for tool in dpkg-buildpackage dh; do
	command -v "$tool" >/dev/null || { echo "deb: no $tool: apt install dpkg-dev debhelper" >&2; exit 1; }
done
rm -rf "$folder" && mkdir -p "$tree"
git archive HEAD | tar -x -C "$tree"
mv "$tree/kit/packaging/debian" "$tree/debian"
# who made the commit, or who publishes the package: DEBEMAIL="Name <address>"
maintainer=${DEBEMAIL:-$(git log -1 --format='%an <%ae>' HEAD)}
sed -i "s,^Maintainer: .*,Maintainer: ${maintainer//[,\\&]/ }," "$tree/debian/control"
cat >"$tree/debian/changelog" <<EOF
bpftoll ($version) unstable; urgency=medium

  * See CHANGELOG.md.

 -- $maintainer  $(git log -1 --format=%cD HEAD)
EOF
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct HEAD)
export SOURCE_DATE_EPOCH
cd "$tree"
DEB_BUILD_OPTIONS="parallel=$(nproc) ${DEB_BUILD_OPTIONS-}" dpkg-buildpackage --build=binary -us -uc
