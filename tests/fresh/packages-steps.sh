#!/bin/bash
# The steps of packages.sh, inside. The first that fails ends it.
set -eEuo pipefail
cd /packages

db=/var/lib/lockstep/lockstep.db
conf=/etc/lockstep/lockstep.conf
drop_in=/etc/systemd/system/lockstep.service.d/trial.conf
# What the older version's device signed in with.
old_token=lockstep_gEqxQ-j7qTPC6-31HLwH6RGW2wyf2vbS8vstJrLQXIg

say() {
  echo "fresh: $*"
}

failed() {
  say "failed in line $1: $2"
  journalctl --no-pager -n 30 -u lockstep || true
}
trap 'failed $LINENO "$BASH_COMMAND"' ERR

apt() {
  apt-get -q -y --no-install-recommends "$@" >>apt.log 2>&1 || {
    tail -n 30 apt.log
    return 1
  }
}

as_lockstep() {
  runuser -u lockstep -- "$@"
}

# Reads all there is, unlike grep -q: who writes it must not be ended.
has() {
  grep "$@" >/dev/null
}

logged() {
  journalctl --no-pager -u lockstep | has "$1"
}

# The status line of a GET.
get() {
  (exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n' "$1" >&3 && head -n 1 <&3) 2>/dev/null
}

# until_so COMMAND...: within half a minute.
until_so() {
  for ((tenths = 0; tenths < 300; tenths++)); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.1
  done
  say "waited in vain: $*"
  return 1
}

is_ready() {
  get /readyz | has ' 200 '
}

is_closed() {
  ! get /readyz
}

main_pid() {
  systemctl show -p MainPID --value lockstep
}

add_to_unit() {
  mkdir -p "${drop_in%/*}"
  printf '[Service]\n%s\n' "$@" >$drop_in
  systemctl daemon-reload
}

forget_unit() {
  rm -r "${drop_in%/*}"
  systemctl daemon-reload
}

# Every path, but for logs and what apt remembers. Other file systems are not looked at: /run, /tmp.
list() {
  find / -xdev \( -path /packages -o -path /var/cache -o -path /var/log -o -path /var/lib/apt \) -prune -o -print | sort
}

shows() {
  lockstep list | has "^$1 "
}

list >/packages/before
say 'install'
apt install /packages/now/*.deb
[ "$(systemctl is-enabled lockstep lockstep.socket | xargs)" = 'enabled disabled' ]
until_so is_ready

say 'the service is confined'
status=/proc/$(main_pid)/status
grep -q "^Uid:.*$(id -u lockstep)" "$status"
grep -q '^CapEff:.0000000000000000$' "$status"
grep -q '^NoNewPrivs:.1$' "$status"
grep -q '^Seccomp:.2$' "$status"
[ "$(stat -c '%U %a' /var/lib/lockstep $db $db.key | xargs)" = 'lockstep 700 lockstep 600 lockstep 600' ]
[ "$(systemctl show -p Type,NotifyAccess,StatusText lockstep | grep -c .)" = 3 ]

say 'use'
get / | has ' 200 '
as_lockstep lockstepd token --db $db --user alice --name Alice | lockstep login --token-file -
lockstep add Tea 25m --start >/dev/null
lockstep status | has Tea
systemctl restart lockstep
until_so is_ready
lockstep status | has Tea

say 'reload'
pid=$(main_pid)
echo 'max-timers = 77' >>$conf
systemctl reload lockstep
[ "$(main_pid)" = "$pid" ]
until_so is_ready
until_so logged max-timers

say 'a crash, and a server that hangs'
kill -KILL "$pid"
until_so is_ready
[ "$(main_pid)" != "$pid" ]
add_to_unit WatchdogSec=2
systemctl restart lockstep
until_so is_ready
pid=$(main_pid)
kill -STOP "$pid"
until_so is_ready
[ "$(main_pid)" != "$pid" ]
until_so logged 'Watchdog timeout'
forget_unit

say 'a wrong configuration is no reason to try again'
cp $conf good.conf
echo 'no-such-option = 1' >>$conf
systemctl restart lockstep 2>/dev/null && false
[ "$(systemctl show -p NRestarts,ExecMainStatus --value lockstep | xargs)" = '78 0' ] || [ "$(systemctl show -p NRestarts,ExecMainStatus --value lockstep | xargs)" = '0 78' ]
cp good.conf $conf
systemctl reset-failed lockstep

say 'systemd opens the port'
systemctl enable -q --now lockstep.socket
[ "$(systemctl is-active lockstep || true)" = inactive ]
until_so is_ready
[ "$(systemctl is-active lockstep)" = active ]
systemctl disable -q --now lockstep.socket
systemctl stop lockstep

say 'TLS, and a unix socket beside it'
install -o lockstep -m 400 cert.pem key.pem /etc/lockstep
printf '%s\n' 'listen = 0.0.0.0:8443' 'listen = unix:/run/lockstep/lockstep.sock' 'tls-cert = /etc/lockstep/cert.pem' 'tls-key = /etc/lockstep/key.pem' >>$conf
systemctl start lockstep
mkdir -p tls/lockstep
echo 'ca=/packages/cert.pem' >tls/lockstep/config
LOCKSTEP_TOKEN=$(sed -n 1p ~/.config/lockstep/token) XDG_CONFIG_HOME=/packages/tls lockstep --url https://127.0.0.1:8443 status | has Tea
stat -c '%F %a' /run/lockstep /run/lockstep/lockstep.sock >sockets
printf '%s\n' 'directory 755' 'socket 660' | diff - sockets
cp good.conf $conf
systemctl stop lockstep
[ ! -e /run/lockstep ]

say 'without systemd, by the unit'\''s own words'
read -ra words < <(sed -n 's/^ExecStart=//p' /lib/systemd/system/lockstep.service)
setpriv --reuid lockstep --regid lockstep --init-groups "${words[@]}" 2>by-hand.log &
until_so is_ready
lockstep status | has Tea
kill $!
wait $!

say 'upgrade, over the data of version 3 of the schema'
rm -f $db-wal $db-shm
install -o lockstep -g lockstep -m 600 version-3.db $db
apt install /packages/next/*.deb
systemctl start lockstep
until_so is_ready
dpkg-query -W -f '${Version}' lockstep | has -F "$(lockstepd --version | sed 's/^lockstepd //')-1"
LOCKSTEP_TOKEN=$old_token shows Read
LOCKSTEP_TOKEN=$old_token shows Write
grep -q '^max-timers = 77' $conf
[ -s $db.before-upgrade ]

say 'backup and restore'
export LOCKSTEP_TOKEN=$old_token
as_lockstep lockstepd backup --db $db --to /var/lib/lockstep/backup.db >/dev/null
lockstep add Later 5m >/dev/null
as_lockstep lockstepd restore --db $db --from /var/lib/lockstep/backup.db 2>/dev/null && false
shows Later
systemctl stop lockstep
as_lockstep lockstepd restore --db $db --from /var/lib/lockstep/backup.db >/dev/null
as_lockstep lockstepd check-db --db $db >/dev/null
systemctl start lockstep
until_so is_ready
shows Read
shows Later && false

say 'back to the version before, with the copy it made'
before=$(cksum $db.before-upgrade)
apt install --allow-downgrades /packages/now/*.deb
[ "$(cksum $db.before-upgrade)" = "$before" ]
systemctl stop lockstep
as_lockstep lockstepd restore --db $db --from $db.before-upgrade >/dev/null
systemctl start lockstep
until_so is_ready
shows Read
apt install /packages/next/*.deb
until_so is_ready

say 'remove: the data stays'
apt remove lockstep lockstep-cli
is_closed
[ -s $db ] && [ -s $conf ] && [ ! -e /usr/bin/lockstepd ]
apt install /packages/next/*.deb
until_so is_ready
shows Read

say 'purge'
apt purge lockstep lockstep-cli
apt autoremove --purge
is_closed
rm -r ~/.config
list >/packages/after
left=$(comm -13 before after)
say "left are: ${left:-no files}; the user $(getent passwd lockstep)"
[ -z "$left" ]
passwd -S lockstep | has ' L '
logged ' error ' && false
say 'good'
