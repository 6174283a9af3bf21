#!/bin/sh
# Installs what is missing, and does nothing when all is there.
#
#     packaging/deps.sh build    to build the C programs
#     packaging/deps.sh run      and the page (the default)
#     packaging/deps.sh widget   and the window for the desktop
#     packaging/deps.sh deb      and to make the Debian packages
#     packaging/deps.sh test     and to run the tests, which fuzz a little
#     packaging/deps.sh fuzz     and to fuzz
#     packaging/deps.sh guard    and to count the instructions of the hottest paths
#     packaging/deps.sh bench    and to measure it beside others
#     packaging/deps.sh valgrind and to run the tests under valgrind
#     packaging/deps.sh pictures to make the README's pictures
#     packaging/deps.sh firebase for the tests with Firebase's tools: 430 MB of npm packages
#
# Debian packages come by apt, with sudo when not root; the npm packages of the page, its client library and the tests from their lock files.
set -eu
cd "$(dirname "$0")/.."

build='gcc libc6-dev make pkg-config libwebsockets-dev libwebsockets-evlib-ev libcjson-dev libsqlite3-dev libjwt-dev
libssl-dev libcurl4-openssl-dev ca-certificates libglib2.0-dev libev-dev zlib1g-dev libinih-dev libedit-dev uthash-dev libjemalloc-dev tzdata'
widget='libgtk-4-dev'
test='libcmocka-dev clang-format python3 chromium fonts-dejavu-core procps groff-base curl openssl patch strace nginx-light caddy
polybar waybar sway grim xvfb xdotool i3blocks tmux dbus at-spi2-core python3-gi gir1.2-atspi-2.0 fonts-symbola valgrind mandoc man-db systemd prometheus'
fuzz='clang libclang-rt-14-dev'
deb='debhelper lintian'
bench='g++ python3 nginx-light libnginx-mod-nchan mosquitto nats-server'
pictures='chromium fonts-dejavu-core webp'
firebase='python3 chromium fonts-dejavu-core openssl'

packages=$build
npm_folders=
case ${1:-run} in
build) ;;
widget) packages="$build $widget" ;;
run) npm_folders='examples/client examples/tabs tests' ;; # tests/ has wscat, for examples/console
deb) packages="$build $widget $deb" npm_folders='examples/client examples/tabs' ;;
test) packages="$build $widget $test $fuzz" npm_folders='examples/client examples/tabs tests tests/lint' ;;
valgrind) packages="$build $widget $test libc6-dbg" npm_folders='examples/client examples/tabs tests tests/lint' ;;
fuzz) packages="$build $test $fuzz" npm_folders='examples/client examples/tabs tests' ;;
guard) packages="$build libcmocka-dev python3 valgrind" ;;
bench) packages="$build $bench" npm_folders='tests' ;; # the peers' are the Makefile's: they have to be compiled
pictures) packages="$build $pictures" npm_folders='examples/client examples/tabs tests' ;;
firebase) packages="$build $firebase" npm_folders='examples/client examples/tabs tests tests/firebase' ;;
*)
  echo "usage: deps.sh [build|run|widget|deb|test|fuzz|guard|bench|valgrind|pictures|firebase]" >&2
  exit 2
  ;;
esac

# A Node from elsewhere brings its own npm; Debian's would not fit beside it.
if [ -n "$npm_folders" ]; then
  command -v node >/dev/null || packages="$packages nodejs"
  command -v npm >/dev/null || packages="$packages npm"
fi

missing_packages() {
  # shellcheck disable=SC2086 # a list of words
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $packages 2>/dev/null | sed -n 's/^installed //p')
  for package in $packages; do
    case "
$installed
" in
    *"
$package
"*) ;;
    *) printf '%s ' "$package" ;;
    esac
  done
}

# The servers among the packages would be started, and take their ports.
keep_services_down() {
  policy=/usr/sbin/policy-rc.d
  case $missing in *nginx* | *caddy* | *mosquitto* | *nats* | *prometheus*) [ ! -e $policy ] || return 0 ;; *) return 0 ;; esac
  trap '$sudo rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
  $sudo chmod 755 $policy
}

install_packages() {
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  sudo=
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      echo "deps: neither root nor sudo here; have root run: apt-get install $missing" >&2
      exit 1
    }
    sudo=sudo
  fi
  echo "deps: installing Debian packages: $missing"
  keep_services_down
  $sudo apt-get update -q
  # shellcheck disable=SC2086 # a list of words
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing
}

if command -v dpkg-query >/dev/null; then
  install_packages
else
  echo "deps: no Debian packages here; needed are the likes of: $packages"
fi

for folder in $npm_folders; do
  lock=$folder/package-lock.json stamp=$folder/node_modules/.package-lock.json
  [ -e "$lock" ] || continue
  if [ ! -e "$stamp" ] || [ -n "$(find "$lock" -newer "$stamp")" ]; then
    echo "deps: installing the npm packages of $folder"
    npm --prefix "$folder" ci --ignore-scripts --no-audit --no-fund
  fi
done
