# Lockstep. `make help` lists what there is to make.
#
# Everything is built below build/<variant>/: debug, release, asan, tsan or fuzz. Any file can be asked for by name:
#     make build/asan/lockstepd build/debug/tests/unit/test_json
# New sources and tests are found by their folder; nothing here needs an edit for them.

VERSION := 0.1.0

PREFIX       ?= /usr/local
DESTDIR      ?=
# /etc where PREFIX is /usr, else $(PREFIX)/etc.
SYSCONFDIR   ?=
# $(PREFIX)/lib/systemd/system.
UNITS        ?=
BUILD        ?= build
# The built page; one from elsewhere is installed as it is, without npm.
WEB          ?= $(BUILD)/web
FUZZ_SECONDS ?= 60
# In `make test`: with nine fuzzers, two at a time, a minute each would make that a quarter of an hour.
FUZZ_TEST_SECONDS ?= 6
SOAK_MINUTES ?= 30
RUNS         ?= 3
SECONDS      ?= 5
JOBS         ?= 2
Q             = $(if $(V),,@)
WERROR       ?= -Werror

comma := ,
VARIANTS := debug release asan tsan fuzz

# --- Sources ---------------------------------------------------------------------------------------------------------

library_c := $(filter-out server/main.c,$(wildcard protocol/*.c auth/*.c store/*.c server/*.c))
cli_c     := $(filter-out examples/cli/main.c,$(wildcard examples/cli/*.c))
widget_c  := $(wildcard examples/widget/*.c)
fuzz_main := tests/support/fuzz_main
support_c := $(filter-out $(fuzz_main).c,$(wildcard tests/support/*.c))
tests     := $(basename $(wildcard tests/contract/test_*.c tests/scenario/test_*.c tests/unit/test_*.c))
fuzzers   := $(basename $(wildcard tests/fuzz/fuzz_*.c))
benches   := $(basename $(wildcard tests/bench/*.c))
scenarios := durable highest rate crowd few fanout idle storm replay stuck checkpoint past limited rest tls
load      := $(BUILD)/release/tests/bench/load/load
grow      := $(basename $(wildcard tests/bench/grow/*.c))
load_c    := $(filter-out tests/bench/load/load.c,$(wildcard tests/bench/load/*.c))
node_tests := $(wildcard tests/integration/*.test.mjs)
fault_tests := $(wildcard tests/faults/*.test.mjs)
install_tests := $(wildcard tests/packaging/*.test.mjs)
# Loaded before a program of whichever variant, so no sanitizer is in them.
fault_tools := $(addprefix $(BUILD)/release/tests/faults/,shim.so clock.so look)
c_files   := $(wildcard */*.c */*.h tests/*/*.c tests/*/*.h tests/bench/*/*.c tests/bench/*/*.h examples/*/*.c \
	examples/*/*.h)
guard     := $(BUILD)/release/tests/bench/guard/guard
guard_c   := $(wildcard tests/bench/guard/*.c)
client    := examples/client
page      := examples/tabs
files_of   = $(shell find $(1) \( -name node_modules -o -name test -o -name dist \) -prune -o -type f -print)

# --- Flags -----------------------------------------------------------------------------------------------------------

# Asked for when first compiling or linking: packaging/deps.sh may have to install them before.
packages  := libwebsockets libcjson sqlite3 libjwt libcrypto libcurl glib-2.0 zlib inih libedit
includes   = $(patsubst -I%,-isystem %,$(or $(shell pkg-config --cflags $(packages)),$(error $(missing))))
missing   := libraries are missing; packaging/deps.sh installs them
libraries  = $(shell pkg-config --libs $(packages)) -lev -lm -pthread
# Only the widget's, which is built when asked for.
gtk_includes  = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags gtk4))
gtk_libraries = $(shell pkg-config --libs gtk4 libcjson)
# Asked for at once: there may be no pkg-config yet.
have_gtk      = $(shell pkg-config --exists gtk4 2>/dev/null && echo yes)

warnings  := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wswitch-enum -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla $(WERROR)
cflags     = -std=c11 -D_GNU_SOURCE -DLOCKSTEP_VERSION='"$(VERSION)"' -I. $(includes) $(warnings) -fvisibility=hidden -pthread -g

debug_cc       := $(CC)
debug_cflags   := -O0 -g3
release_cc     := $(CC)
release_cflags := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
release_ldflags := -pie -Wl,-z,relro,-z,now
# What one thread allocates the other frees: glibc's arenas get in each other's way.
release_allocator = $(or $(shell pkg-config --libs jemalloc),$(error $(missing)))
asan_cc        := $(CC)
asan_cflags    := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
asan_ldflags   := -fsanitize=address,undefined
tsan_cc        := $(CC)
tsan_cflags    := -O1 -fno-omit-frame-pointer -fsanitize=thread
tsan_ldflags   := -fsanitize=thread
fuzz_cc        := clang
fuzz_cflags    := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
fuzz_ldflags   := -fsanitize=fuzzer,address,undefined

MAKEFLAGS += --no-builtin-rules --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(JOBS)
endif
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all deps run web widget install-widget test faults faults-proof documents lint format guard guard-update fuzz soak bench bench-quick install uninstall deb clean \
	$(scenarios:%=bench-%) bench-startup bench-due bench-users bench-growth bench-pictures bench-peers-check pictures icons help test-fresh test-deb

all: $(BUILD)/release/lockstepd $(BUILD)/release/lockstep ## build the server and the command-line client (the default)

# --- How each variant is built ---------------------------------------------------------------------------------------

# $(1) is the variant. A fuzzer brings its own main only in the fuzz variant; elsewhere it replays files.
define build_variant
$(BUILD)/$(1)/%.o: %.c Makefile
	@mkdir -p $$(@D); echo "  CC    $$@"
	$$(Q)$$($(1)_cc) $$(cflags) $$($(1)_cflags) $$(CFLAGS) -MMD -MP -c $$< -o $$@

$(BUILD)/$(1)/liblockstep.a: $(library_c:%.c=$(BUILD)/$(1)/%.o)
$(BUILD)/$(1)/libcli.a: $(cli_c:%.c=$(BUILD)/$(1)/%.o)
$(BUILD)/$(1)/libload.a: $(load_c:%.c=$(BUILD)/$(1)/%.o)
$(BUILD)/$(1)/libsupport.a: $(support_c:%.c=$(BUILD)/$(1)/%.o)
$(BUILD)/$(1)/%.a:
	@mkdir -p $$(@D); rm -f $$@
	$$(Q)$$(AR) rcs $$@ $$^

$(BUILD)/$(1)/lockstepd: $(BUILD)/$(1)/server/main.o $(BUILD)/$(1)/liblockstep.a
	@echo "  LINK  $$@"
	$$(Q)$$($(1)_cc) $$($(1)_ldflags) $$(LDFLAGS) -o $$@ $$^ $$($(1)_allocator) $$(libraries)

$(BUILD)/$(1)/lockstep: $(BUILD)/$(1)/examples/cli/main.o $(BUILD)/$(1)/libcli.a $(BUILD)/$(1)/liblockstep.a
	@echo "  LINK  $$@"
	$$(Q)$$($(1)_cc) $$($(1)_ldflags) $$(LDFLAGS) -Wl,--as-needed -o $$@ $$^ $$(libraries)

$(widget_c:%.c=$(BUILD)/$(1)/%.o): cflags += $$(gtk_includes)
$(BUILD)/$(1)/lockstep-widget: $(widget_c:%.c=$(BUILD)/$(1)/%.o)
	@echo "  LINK  $$@"
	$$(Q)$$($(1)_cc) $$($(1)_ldflags) $$(LDFLAGS) -Wl,--as-needed -o $$@ $$^ $$(gtk_libraries)

# Of the widget's files only those that need no GTK have tests of their own.
$(BUILD)/$(1)/examples/widget/model.o: gtk_includes :=
$(BUILD)/$(1)/tests/unit/test_widget_%: $(BUILD)/$(1)/tests/unit/test_widget_%.o $(BUILD)/$(1)/examples/widget/%.o
	@echo "  LINK  $$@"
	$$(Q)$$($(1)_cc) $$($(1)_ldflags) $$(LDFLAGS) -o $$@ $$^ $$(libraries) -lcmocka

$(BUILD)/$(1)/tests/unit/test_cli_%: $(BUILD)/$(1)/tests/unit/test_cli_%.o $(BUILD)/$(1)/libcli.a \
		$(BUILD)/$(1)/liblockstep.a
	@echo "  LINK  $$@"
	$$(Q)$$($(1)_cc) $$($(1)_ldflags) $$(LDFLAGS) -o $$@ $$^ $$(libraries) -lcmocka

$(BUILD)/$(1)/tests/fuzz/%: $(BUILD)/$(1)/tests/fuzz/%.o $(if $(filter-out fuzz,$(1)),$(BUILD)/$(1)/$(fuzz_main).o) \
		$(BUILD)/$(1)/libsupport.a $(BUILD)/$(1)/liblockstep.a
	@echo "  LINK  $$@"
	$$(Q)$$($(1)_cc) $$($(1)_ldflags) $$(LDFLAGS) -o $$@ $$^ $$(libraries) -lcmocka

$(BUILD)/$(1)/tests/faults/%.so: tests/faults/%.c Makefile
	@mkdir -p $$(@D); echo "  CC    $$@"
	$$(Q)$$(CC) $$(cflags) -O2 -fPIC -shared $$(LDFLAGS) -o $$@ $$<

$(BUILD)/$(1)/tests/bench/load/load: $(BUILD)/$(1)/tests/bench/load/load.o $(BUILD)/$(1)/libload.a \
		$(BUILD)/$(1)/liblockstep.a
	@echo "  LINK  $$@"
	$$(Q)$$($(1)_cc) $$($(1)_ldflags) $$(LDFLAGS) -o $$@ $$^ $$(libraries) -lssl

$(BUILD)/$(1)/tests/bench/guard/guard: $(guard_c:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libsupport.a \
		$(BUILD)/$(1)/liblockstep.a
	@echo "  LINK  $$@"
	$$(Q)$$($(1)_cc) $$($(1)_ldflags) $$(LDFLAGS) -o $$@ $$^ $$(libraries) -lcmocka

$(BUILD)/$(1)/tests/unit/test_load_%: $(BUILD)/$(1)/tests/unit/test_load_%.o $(BUILD)/$(1)/libload.a \
		$(BUILD)/$(1)/liblockstep.a
	@echo "  LINK  $$@"
	$$(Q)$$($(1)_cc) $$($(1)_ldflags) $$(LDFLAGS) -o $$@ $$^ $$(libraries) -lcmocka

$(BUILD)/$(1)/tests/%: $(BUILD)/$(1)/tests/%.o $(BUILD)/$(1)/libsupport.a $(BUILD)/$(1)/liblockstep.a
	@echo "  LINK  $$@"
	$$(Q)$$($(1)_cc) $$($(1)_ldflags) $$(LDFLAGS) -o $$@ $$^ $$(libraries) -lcmocka
endef
$(foreach variant,$(VARIANTS),$(eval $(call build_variant,$(variant))))

# These are in the program.
$(VARIANTS:%=$(BUILD)/%/server/documents.o): docs/openapi.yaml docs/asyncapi.yaml

-include $(wildcard $(foreach variant,$(VARIANTS),$(patsubst %,$(BUILD)/$(variant)/%/*.d,. protocol auth store server \
	examples/cli examples/widget tests/unit tests/contract tests/scenario tests/support tests/fuzz tests/bench tests/bench/* \
	tests/faults)))

# --- Running ---------------------------------------------------------------------------------------------------------

deps: ## install what building and running need
	packaging/deps.sh run

run: deps ## install what is missing, build, and serve on 127.0.0.1:8080 with sign-in as anybody
	$(MAKE) all web
	exec $(BUILD)/release/lockstepd --dev --db lockstep.db

web: $(BUILD)/web/index.html ## build the page

$(client)/dist/index.js: $(call files_of,$(client))
	npm --prefix $(client) run --silent build
	@touch $@

$(BUILD)/web/index.html: $(client)/dist/index.js $(call files_of,$(page))
	npm --prefix $(page) run --silent build -- --outDir $(abspath $(BUILD)/web)
	@touch $@

# What is installed beside them is said by the programs themselves.
manuals := $(BUILD)/man/lockstepd.8 $(BUILD)/man/lockstep.conf.5 $(BUILD)/man/lockstep.1

$(BUILD)/man/lockstepd.8: says := lockstepd help manual
$(BUILD)/man/lockstep.conf.5: says := lockstepd help manual conf
$(BUILD)/man/lockstep.1: says := lockstep help manual
$(manuals): $(BUILD)/release/lockstepd $(BUILD)/release/lockstep
	@mkdir -p $(@D)
	$(Q)$(BUILD)/release/$(says) >$@

$(BUILD)/lockstep.conf: $(BUILD)/release/lockstepd
	$(Q)$(BUILD)/release/lockstepd help conf | sed 's|^# *db = .*|db = /var/lib/lockstep/lockstep.db|' >$@
	@grep -q '^db = ' $@

install_sh = PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' BUILD='$(BUILD)' WEB='$(WEB)' $(if $(SYSCONFDIR),SYSCONFDIR='$(SYSCONFDIR)') \
	$(if $(UNITS),UNITS='$(UNITS)') packaging/install.sh

install: all $(if $(filter $(BUILD)/web,$(WEB)),web) $(manuals) $(BUILD)/lockstep.conf ## install below $(DESTDIR)$(PREFIX)
	$(Q)$(install_sh) install all

widget: $(BUILD)/release/lockstep-widget ## build the window for the desktop, which needs GTK 4

install-widget: widget ## install it below $(DESTDIR)$(PREFIX), too
	$(Q)$(install_sh) install widget

uninstall: ## remove what install put there
	$(Q)$(install_sh) uninstall all

deb: ## Debian packages, in build/deb
	packaging/deps.sh deb
	$(MAKE) web
	packaging/deb.sh $(VERSION) $(BUILD)/deb $(BUILD)/web

# --- Checking --------------------------------------------------------------------------------------------------------

test: ## install what is missing, build, and run every test
	packaging/deps.sh test
	$(MAKE) test-built

# The server's own threads and sockets are met by the integration tests only; those of what people hold in their hands
# need no sanitizer. What passes between the threads is all in a few of them.
# The long ones first: at the end nobody waits for one of them alone.
c_checks    := $(foreach variant,asan release,$(tests:%=$(BUILD)/$(variant)/%)) $(fuzzers:%=$(BUILD)/asan/%)
faces       := $(wildcard tests/integration/page-*.test.mjs) $(addprefix tests/integration/,$(addsuffix .test.mjs,tabs client widget docs versions))
wire_tests  := $(filter-out $(faces),$(node_tests))
threads     := $(addprefix tests/integration/,$(addsuffix .test.mjs,protocol sync stream race http tokens issuers limits))
waits       := %/proxy.test.mjs %/deadlines.test.mjs %/stream.test.mjs %/prometheus.test.mjs # a minute and more, and little memory is touched in it
cli_tests   := %/cli.test.mjs %/cli-link.test.mjs # it is the client that the sanitizer looks at there
node_checks := $(node_tests) $(fault_tests) $(install_tests) \
	$(patsubst %,LOCKSTEPD=$(BUILD)/asan/lockstepd$(comma)%,$(filter-out $(waits) $(cli_tests),$(wire_tests))) \
	$(patsubst %,LOCKSTEP=$(BUILD)/asan/lockstep$(comma)%,$(filter $(cli_tests),$(wire_tests))) \
	$(threads:%=LOCKSTEPD=$(BUILD)/tsan/lockstepd,%)

# Where there is no clang the seeds are replayed all the same.
fuzz_checks = $(if $(shell command -v $(fuzz_cc)),$(fuzzers:%=$(BUILD)/fuzz/%))

# Without valgrind there is nothing to count with.
guard_check = $(if $(shell command -v valgrind),tests/bench/guard/guard.py)

test-built: all web $(if $(have_gtk),widget) $(BUILD)/asan/lockstepd $(BUILD)/asan/lockstep $(BUILD)/tsan/lockstepd $(c_checks) \
		$(load) $(grow:%=$(BUILD)/release/%) $(fault_tools) $(fuzz_checks) $(if $(guard_check),$(guard))
	@$(if $(fuzz_checks),tests/fuzz/fuzz.py $(FUZZ_TEST_SECONDS) $(fuzz_checks),echo "no $(fuzz_cc) here: nothing is fuzzed")
	@tests/support/run.py packaging/lint.py tests/unit/test_failing.py $(guard_check) $(c_checks) $(client) $(node_checks)

test-debug test-release test-asan test-tsan: test-%: ## the C tests of one variant
	@$(MAKE) $(tests:%=$(BUILD)/$*/%) $(fuzzers:%=$(BUILD)/$*/%)
	@tests/support/run.py $(tests:%=$(BUILD)/$*/%) $(fuzzers:%=$(BUILD)/$*/%)

test-valgrind: ## the integration tests, with the server under valgrind (a quarter of an hour)
	packaging/deps.sh valgrind
	@$(MAKE) all web $(BUILD)/debug/lockstepd
	@PATIENCE=10 tests/support/run.py $(wire_tests:%=LOCKSTEPD=tests/support/valgrind.sh,%)

# Firebase's tools want it; Debian 12's is 18.
node_20 = $(shell node -e 'process.exit(Number(process.versions.node.split(".")[0] < 20))' 2>/dev/null && echo yes)

test-firebase: ## signing in with Firebase: its emulator and its client library (needs Node 20; installs 430 MB)
	@$(if $(node_20),$(MAKE) test-firebase-here,echo "test-firebase: left out: it needs Node 20 or later, not $(or $(shell node --version),none)")

test-firebase-here:
	packaging/deps.sh firebase
	@$(MAKE) $(BUILD)/release/lockstepd web
	@tests/support/run.py $(wildcard tests/firebase/*.test.mjs)

test-fresh: ## make test in a new Debian 12 below /tmp (as root)
	tests/fresh/run.sh

test-deb: deb ## the Debian packages in a new Debian 12 below /tmp, under its systemd (as root)
	packaging/deb.sh $(VERSION) $(BUILD)/deb-again/elsewhere $(BUILD)/web
	@set -e; for package in $(BUILD)/deb/*.deb; do cmp $$package $(BUILD)/deb-again/elsewhere/$${package##*/}; done
	packaging/deb.sh $(VERSION).1 $(BUILD)/deb-next $(BUILD)/web
	tests/fresh/packages.sh $(BUILD)/deb $(BUILD)/deb-next

faults: all $(BUILD)/asan/lockstepd $(fault_tools) ## kill it, cut its power, break its disk: the long run (20 minutes)
	FAULTS=long node --test --test-concurrency=1 $(fault_tests) tests/integration/clock.test.mjs

faults-proof: all $(fault_tools) ## builds with a promise broken, each of which the fault tests must find
	node tests/faults/proof.mjs

guard: ## count the instructions of the hottest paths, beside those that are kept
	packaging/deps.sh guard
	@$(MAKE) $(guard)
	@tests/bench/guard/guard.py

guard-update: ## keep the counts as they are now
	packaging/deps.sh guard
	@$(MAKE) $(guard)
	@tests/bench/guard/guard.py --update

documents: $(BUILD)/release/lockstepd ## write into the documents what they lack of the table of commands
	packaging/documents.py $<

lint: ## layers, banned calls, lengths, formatting
	packaging/lint.py

format: ## let clang-format rewrite the C files
	clang-format -i $(c_files)

fuzz: ## fuzz each entry point for FUZZ_SECONDS, a minute
	packaging/deps.sh fuzz
	@$(MAKE) $(fuzzers:%=$(BUILD)/fuzz/%)
	@tests/fuzz/fuzz.py $(FUZZ_SECONDS) $(fuzzers:%=$(BUILD)/fuzz/%)

soak: all web ## a mixed load with kills for SOAK_MINUTES
	node tests/faults/soak.mjs $(SOAK_MINUTES)

peers := tests/bench/peers/node_modules/better-sqlite3/build/Release/better_sqlite3.node

# Compiled here, with the headers that Debian's Node has; without it the benchmark leaves the peers out and says so.
$(peers): tests/bench/peers/package-lock.json
	-npm --prefix tests/bench/peers ci --ignore-scripts --no-audit --no-fund && cd tests/bench/peers && \
		npm_config_build_from_source=true $(if $(wildcard /usr/include/node/node.h),npm_config_nodedir=/usr) npm rebuild better-sqlite3

bench: all $(benches:%=$(BUILD)/release/%) $(load) ## run the benchmarks, beside what people would pick instead (long); bench-durable, bench-rate … are parts
	packaging/deps.sh bench
	@$(MAKE) $(peers)
	@set -e; for bench in $(benches:%=$(BUILD)/release/%); do echo "== $$bench"; $$bench; done
	@set -e; for bench in $(wildcard tests/bench/*.mjs); do echo "== $$bench"; node $$bench; done

bench-peers-check: all $(load) ## a moment of each of the servers that it is measured beside
	packaging/deps.sh bench
	@$(MAKE) $(peers)
	node tests/bench/peers/check.mjs

bench-quick: all $(load) ## the table of them that is seen at once (about two minutes)
	packaging/deps.sh bench
	@$(MAKE) $(peers)
	node tests/bench/bench.mjs --quick

# Some rows of the table: RUNS of so many SECONDS.
$(scenarios:%=bench-%): bench-%: all $(load)
	packaging/deps.sh bench
	@$(MAKE) $(peers)
	node tests/bench/bench.mjs --only $* --runs $(RUNS) --seconds $(SECONDS)

# Large databases, and what costs how much as things grow. They lie in build/bench/grow while they are needed.
grown := all $(load) $(grow:%=$(BUILD)/release/%)

bench-startup: $(grown) ## a start with a million timers, of which a hundred thousand fell due meanwhile
	packaging/deps.sh bench
	node tests/bench/grow/startup.mjs

bench-due: $(grown) ## a hundred thousand timers due at one instant, beside a load
	packaging/deps.sh bench
	node tests/bench/grow/due.mjs

bench-users: $(grown) ## commands among a million users, and among a thousand
	packaging/deps.sh bench
	node tests/bench/grow/users.mjs --runs $(RUNS) --seconds $(SECONDS)

bench-growth: $(grown) ## the figures behind the curves of docs/performance.md (about four minutes)
	packaging/deps.sh bench
	node tests/bench/grow/growth.mjs
	node tests/bench/grow/rates.mjs

bench-pictures: | $(filter bench-growth,$(MAKECMDGOALS)) ## draw those curves, from the figures that lie beside them
	packaging/deps.sh bench
	node tests/bench/grow/draw.mjs

pictures: all web $(BUILD)/release/tests/faults/clock.so ## make the README's pictures anew, from the real page
	packaging/deps.sh pictures
	node tests/support/pictures.mjs

icons: ## make the page's icons for home screens anew, from its favicon
	packaging/deps.sh test
	node tests/support/icons.mjs

clean: ## remove everything built
	rm -rf $(BUILD) $(client)/dist compile_commands.json

quoted = $(subst ",\",$(1))
command_of = {"directory": "$(CURDIR)", "file": "$(1)", "command": "$(call quoted,$(CC) $(cflags) $(if $(filter $(widget_c),$(1)),$(gtk_includes)) -c $(1))"}
compile_commands.json: Makefile $(wildcard protocol auth store server examples/cli examples/widget tests/*) ## how each file is compiled, for clangd
	$(file >$@,[$(subst } {,}$(comma) {,$(foreach file,$(filter %.c,$(c_files)),$(call command_of,$(file))))])

help: ## this list
	@sed -n 's/^\([a-z_.-]\+\).*:.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 20
