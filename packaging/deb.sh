#!/bin/sh
# Makes the Debian packages of the sources as they lie here, and looks at them with lintian.
#
#     packaging/deb.sh VERSION FOLDER WEB
#
# VERSION is upstream's. The packages come to lie in FOLDER, which is made anew; WEB is the built page.
set -eu
cd "$(dirname "$0")/.."
version=$1 folder=$2 web=$3
tree=$folder/lockstep-$version

# The last change's date: the same sources make the same packages, whenever they are built.
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}"
export SOURCE_DATE_EPOCH

rm -rf "$folder"
mkdir -p "$tree"
tar --exclude=./build --exclude=node_modules --exclude=./.git --exclude='./lockstep.db*' --exclude=./examples/client/dist -c . |
  tar -C "$tree" -x --no-same-owner
cp -r packaging/debian "$tree/debian"
cp -r "$web" "$tree/web"
cat >"$tree/debian/changelog" <<EOF
lockstep ($version-1) bookworm; urgency=medium

  * Version $version; what is new stands in its changelog.

 -- $(sed -n 's/^Maintainer: //p' packaging/debian/control)  $(date -uR -d "@$SOURCE_DATE_EPOCH")
EOF

# What is said of the building is of interest when it fails.
(cd "$tree" && dpkg-buildpackage -b -uc -us >../build.log 2>&1) || {
  tail -n 40 "$folder/build.log"
  exit 1
}
rm -rf "$tree"
lintian --allow-root --tag-display-limit 0 --display-info --pedantic --fail-on error,warning "$folder"/*.changes
ls -l "$folder"/*.deb
