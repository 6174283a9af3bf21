# A Debian that has just been installed, of this machine's release, in a folder of its own. Sourced by run.sh and
# packages.sh, which set `root`, the folder, and `source`, the top of the sources.
# shellcheck shell=sh disable=SC2154

say() {
  echo "fresh: $*"
}

debian_sources() {
  apt-get indextargets --format "$1" 'Created-By: Packages' 'Origin: Debian' | sort -u
}

# What was there is lost. The packages named come with it.
install_debian() {
  codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mirror=$(debian_sources "\$(RELEASE) \$(REPO_URI)" | sed -n "s/^$codename //p" | head -n 1)
  say "installing Debian $codename into $root"
  rm -rf "$root"
  debootstrap --variant=minbase ${1:+--include="$1"} "$codename" "$root" "$mirror" >"$root.log" || {
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

# From here on, that Debian is all there is: not chroot, in which no namespaces can be made. What it has for devices is
# mounted by then.
enter() {
  cd "$root" || exit
  mount -t proc proc proc
  mount -t tmpfs tmpfs tmp
  pivot_root . mnt
  cd /
  umount -l mnt
}

# A shell there, in FOLDER, with no variable of this one but what leads to the packages.
inside() {
  env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$HOME" LANG=C.UTF-8 CI="${CI:-}" \
    http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" no_proxy="${no_proxy:-}" \
    NODE_EXTRA_CA_CERTS="${NODE_EXTRA_CA_CERTS:-}" DEBIAN_FRONTEND=noninteractive /bin/sh -euc "cd $1; $2"
}
