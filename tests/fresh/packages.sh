#!/bin/sh
# The Debian packages in a Debian that has just been installed, under its systemd: installed, used, upgraded over an
# older version's data, removed and purged. What is done there stands in packages-steps.sh.
#
#     tests/fresh/packages.sh PACKAGES NEXT [FOLDER]
#
# PACKAGES is a folder with the packages, NEXT one with those of a higher version. That Debian, of this machine's
# release, comes to lie in FOLDER (/tmp/lockstep-fresh-packages; what was there is lost). It has a network of its own
# when it runs. Needs root, debootstrap, python3, openssl, and a mounted cgroup2.
set -eu

here=$(readlink -f "$0")
source=$(dirname "$here")/../..

# shellcheck source=tests/fresh/debian.sh
. "$source/tests/fresh/debian.sh"

# --- In namespaces of their own -------------------------------------------------------------------------------------

fetch() {
  mount --bind "$root" "$root"
  mount --rbind /dev "$root/dev"
  enter
  inside / 'apt-get update -q && apt-get install -q -y --no-install-recommends --download-only /packages/now/*.deb'
}

# A container's devices, as systemd wants them.
boot() {
  mount --make-rprivate /
  mount --bind "$root" "$root"
  mount -t tmpfs -o mode=755 tmpfs "$root/dev"
  for name in null zero full random urandom tty; do
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
  done
  mkdir "$root/dev/pts" "$root/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
  ln -s pts/ptmx "$root/dev/ptmx"
  ln -s /proc/self/fd "$root/dev/fd"
  touch "$root/dev/console"
  mount -t sysfs sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs tmpfs "$root/run"
  enter
  exec env -i container=lockstep /lib/systemd/systemd --system
}

# --- Around them ----------------------------------------------------------------------------------------------------

# What the steps need, made here, where there are programs for it.
prepare() {
  mkdir -p "$root/packages/now" "$root/packages/next"
  for name in lockstep lockstep-cli; do
    cp "$packages/${name}"_*.deb "$root/packages/now"
    cp "$next/${name}"_*.deb "$root/packages/next"
  done
  cp "$source/tests/fresh/packages-steps.sh" "$root/packages/steps.sh"
  python3 - "$root/packages/version-3.db" "$source/tests/fresh/version-3.sql" <<'EOF'
import sqlite3, sys
sqlite3.connect(sys.argv[1], isolation_level=None).executescript(open(sys.argv[2]).read())
EOF
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=trial -addext subjectAltName=IP:127.0.0.1 \
    -keyout "$root/packages/key.pem" -out "$root/packages/cert.pem" 2>/dev/null
  ln -s /dev/null "$root/etc/systemd/system/console-getty.service"
}

stop_machine() {
  # With unshare its systemd dies, and with that all that is in there.
  [ -z "$machine" ] || kill -KILL "$machine" || true
  seconds=0
  until [ $seconds -ge 30 ] || ! grep -q . "$group/cgroup.procs" "$group"/*/cgroup.procs 2>/dev/null; do
    seconds=$((seconds + 1))
    sleep 1
  done
  find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
}

# Its processes are a control group of their own, of which its systemd is the master.
start_machine() {
  mkdir "$group"
  # shellcheck disable=SC2016 # for the inner shell
  sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group" \
    unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child "$here" --boot "$root" &
  machine=$!
  seconds=0
  until init=$(cat "/proc/$machine/task/$machine/children" 2>/dev/null) && [ -n "$init" ] &&
    within systemctl is-system-running 2>/dev/null | grep -q 'running\|degraded'; do
    seconds=$((seconds + 1))
    [ $seconds -le 120 ] || { say 'systemd does not come up'; exit 1; }
    sleep 1
  done
}

within() {
  nsenter -t "${init% }" -m -p -u -i -n -C env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive "$@"
}

case ${1:-} in
--fetch) root=$2 && fetch && exit ;;
--boot) root=$2 && boot ;;
esac

packages=$1 next=$2 root=${3:-/tmp/lockstep-fresh-packages}
group=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)/lockstep-fresh-$$
machine=
begin=$(date +%s)
trap stop_machine EXIT

install_debian systemd,systemd-sysv,dbus
copy_settings
prepare
unshare --mount --pid --fork --kill-child "$here" --fetch "$root" >>"$root.log" 2>&1
start_machine
within /bin/bash /packages/steps.sh
say "all of it took $(($(date +%s) - begin)) s"
