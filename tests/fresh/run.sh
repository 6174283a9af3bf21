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

say() {
  echo "fresh: $*"
}

debian_sources() {
  apt-get indextargets --format "$1" 'Created-By: Packages' 'Origin: Debian' | sort -u
}

install_debian() {
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(debian_sources "\$(RELEASE) \$(REPO_URI)" | sed -n "s/^$codename //p" | head -n 1)
  say "installing Debian $codename into $root"
  rm -rf "$root"
  debootstrap --variant=minbase "$codename" "$root" "$mirror" >"$root.log" || {
    tail -n 20 "$root.log"
    exit 1
  }
}

# Files named by the settings of the programs that fetch packages, and the names of the variables that may hold one.
copy_settings() {
  debian_sources "deb \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" >"$root/etc/apt/sources.list"
  apt-config dump Acquire::http Acquire::https >"$root/etc/apt/apt.conf.d/90host"
  for file in /etc/resolv.conf /etc/hosts /etc/npmrc "$HOME/.npmrc" /etc/ssl/certs /usr/local/share/ca-certificates; do
    [ ! -e "$file" ] || cp -RL --parents "$file" "$root"
  done
}

copy_tree() {
  mkdir -p "$root/lockstep"
  tar -C "$source" --exclude=./build --exclude=node_modules --exclude=./.git --exclude='./lockstep.db*' --exclude=./examples/client/dist \
    -c . |
    tar -C "$root/lockstep" -x --no-same-owner
}

# From here on, that Debian is all there is: not chroot, in which no namespaces can be made.
enter() {
  mount --bind "$root" "$root"
  cd "$root"
  mount --rbind /dev dev
  mount -t proc proc proc
  mount -t tmpfs tmpfs tmp
  pivot_root . mnt
  cd /
  umount -l mnt
}

# No variable of this shell but what leads to the packages.
inside() {
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$HOME" LANG=C.UTF-8 CI="${CI:-}" \
    http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" no_proxy="${no_proxy:-}" \
    NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-}" DEBIAN_FRONTEND=noninteractive /bin/sh -euc "cd /lockstep; $1"
}

install_debian
copy_settings
copy_tree
exec 3>>"$root.log"
enter

inside 'apt-get update -q && apt-get install -q -y --no-install-recommends make ca-certificates' >&3 2>&1

say 'make run'
inside '
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
inside 'make test'
say "make test took $(($(date +%s) - start)) s"
