#!/bin/sh
# The server under valgrind's memcheck, for LOCKSTEPD=. VALGRIND_OPTS says where to what it finds goes; without errors
# that stays empty. Tokens are minted without it: the tests ask for hundreds, and each would take a second.
root=$(dirname "$0")/../..
[ "${1:-}" != token ] || exec "$root/build/debug/lockstepd" "$@"
exec valgrind -q --leak-check=full --show-leak-kinds=definite,possible --errors-for-leak-kinds=definite,possible \
  --num-callers=30 --fair-sched=try --vgdb=no "$root/build/debug/lockstepd" "$@"
