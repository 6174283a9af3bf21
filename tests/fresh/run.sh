#!/bin/sh
# `make run` and `make test` in a Debian that has just been installed, with nothing but make.
#
#     tests/fresh/run.sh [FOLDER]
#
# Lays that Debian, of this machine's release, into FOLDER (/tmp/lockstep-fresh; what was there is lost) and runs in it
# as root. It reaches packages the way this machine does: its Debian sources, proxies, certificates and npm settings.
# Needs root and debootstrap.
set -eu

source=$(cd "$(dirname "$0")/../.." && pwd)
root=${1:-/tmp/lockstep-fresh}

# In mount and process namespaces of its own: at its end nothing stays mounted or running.
if [ -z "${LOCKSTEP_FRESH:-}" ]; then
  LOCKSTEP_FRESH=1 exec unshare --mount --pid --fork --kill-child "$0" "$root"
fi

# shellcheck source=tests/fresh/debian.sh
. "$source/tests/fresh/debian.sh"

copy_tree() {
  mkdir -p "$root/lockstep"
  tar -C "$source" --exclude=./build --exclude=node_modules --exclude=./.git --exclude='./lockstep.db*' --exclude=./examples/client/dist \
    -c . |
    tar -C "$root/lockstep" -x --no-same-owner
}

install_debian
copy_settings
copy_tree
exec 3>>"$root.log"
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
enter

inside /lockstep 'apt-get update -q && apt-get install -q -y --no-install-recommends make ca-certificates' >&3 2>&1

say 'make run'
inside /lockstep '
  make run >run.log 2>&1 &
  seconds=0
  until node -e "fetch(\"http://127.0.0.1:8080/\").then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"; do
    seconds=$((seconds + 1))
    if [ $seconds -gt 900 ] || ! kill -0 $!; then
      tail -n 40 run.log
      exit 1
    fi
    sleep 1
  done 2>/dev/null
  echo "fresh: the page is there after $seconds s; Node $(node --version)"
  grep ^deps: run.log
  kill $!
'

say 'make test'
start=$(date +%s)
inside /lockstep 'make test'
say "make test took $(($(date +%s) - start)) s"
