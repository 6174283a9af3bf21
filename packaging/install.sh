#!/bin/sh
# Installs what was built, or removes it again: one list says what goes where.
#
#     packaging/install.sh install|uninstall all|widget
#
# make install and make uninstall call it, with PREFIX, DESTDIR and the folders that depend on them in the environment.
set -eu
cd "$(dirname "$0")/.."

: "${PREFIX:=/usr/local}" "${DESTDIR:=}" "${BUILD:=build}"
: "${WEB:=$BUILD/web}" "${UNITS:=$PREFIX/lib/systemd/system}"
if [ "$PREFIX" = /usr ]; then : "${SYSCONFDIR:=/etc}"; else : "${SYSCONFDIR:=$PREFIX/etc}"; fi

# verb mode source target
all() {
  "$1" 755 "$BUILD/release/lockstepd" "$PREFIX/bin/lockstepd"
  "$1" 755 "$BUILD/release/lockstep" "$PREFIX/bin/lockstep"
  "$1" 644 "$BUILD/man/lockstepd.8" "$PREFIX/share/man/man8/lockstepd.8"
  "$1" 644 "$BUILD/man/lockstep.conf.5" "$PREFIX/share/man/man5/lockstep.conf.5"
  "$1" 644 "$BUILD/man/lockstep.1" "$PREFIX/share/man/man1/lockstep.1"
  "$1" 644 packaging/completions/lockstep.bash "$PREFIX/share/bash-completion/completions/lockstep"
  "$1" 644 packaging/completions/_lockstep "$PREFIX/share/zsh/site-functions/_lockstep"
  "$1" 644 packaging/completions/lockstep.fish "$PREFIX/share/fish/vendor_completions.d/lockstep.fish"
  "$1" 644 packaging/systemd/lockstep.service "$UNITS/lockstep.service"
  "$1" 644 packaging/systemd/lockstep.socket "$UNITS/lockstep.socket"
  "$1" 644 packaging/sysusers/lockstep.conf "$PREFIX/lib/sysusers.d/lockstep.conf"
  "$1" conf "$BUILD/lockstep.conf" "$SYSCONFDIR/lockstep/lockstep.conf"
  "$1" 644 packaging/debian/copyright "$PREFIX/share/doc/lockstep/copyright"
  "$1" tree "$WEB" "$PREFIX/share/lockstep/web"
}

widget() {
  "$1" 755 "$BUILD/release/lockstep-widget" "$PREFIX/bin/lockstep-widget"
  "$1" 644 packaging/man/lockstep-widget.1 "$PREFIX/share/man/man1/lockstep-widget.1"
  "$1" 644 examples/widget/lockstep.widget.desktop "$PREFIX/share/applications/lockstep.widget.desktop"
}

# The page's files have their hash in their names: those of another version must not stay.
put_tree() {
  rm -rf "$2"
  find "$1" -type f -printf '%P\n' | while read -r name; do
    install -D -m 644 "$1/$name" "$2/$name"
  done
}

# Units name the program and its configuration by their whole paths.
put_unit() {
  install -D -m 644 "$1" "$2"
  sed -i "s#/usr/bin/lockstepd#$PREFIX/bin/lockstepd#g; s#/etc/lockstep/#$SYSCONFDIR/lockstep/#g" "$2"
}

# What somebody has written there stays.
put_conf() {
  [ -e "$2" ] || install -D -m 644 "$1" "$2"
}

put() {
  case $1:$3 in
  tree:*) put_tree "$2" "$DESTDIR$3" ;;
  conf:*) put_conf "$2" "$DESTDIR$3" ;;
  *.service | *.socket) put_unit "$2" "$DESTDIR$3" ;;
  *) install -D -m "$1" "$2" "$DESTDIR$3" ;;
  esac
}

# A configuration that was changed stays; so does one of which it can't be said.
take() {
  case $1 in
  tree) rm -rf "$DESTDIR$3" ;;
  conf) ! cmp -s "$2" "$DESTDIR$3" || rm "$DESTDIR$3" ;;
  *) rm -f "$DESTDIR$3" ;;
  esac
}

case ${1:-}:${2:-} in
install:all) all put ;;
install:widget) widget put ;;
uninstall:all)
  widget take
  all take
  for folder in "$PREFIX/share/lockstep" "$PREFIX/share/doc/lockstep" "$SYSCONFDIR/lockstep"; do
    [ ! -d "$DESTDIR$folder" ] || rmdir --ignore-fail-on-non-empty "$DESTDIR$folder"
  done
  ;;
*)
  echo 'usage: install.sh install|uninstall all|widget' >&2
  exit 2
  ;;
esac
