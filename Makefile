# SPDX-License-Identifier: Apache-2.0
# One non-recursive makefile. Output lies under build/$(BUILD)/ alone; `make help` lists what it offers.
BUILD ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
B := build/$(BUILD)
MAKEFLAGS += --no-builtin-rules
V ?=
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)' >&2)

PREFIX ?= /usr/local
VERSION := 0.1.0
PKG := libevent libssl libcrypto libpq libprotobuf-c libcares libzstd jansson icu-uc icu-i18n expat libargon2 libsystemd libedit

# --- flags ---------------------------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
  -Wwrite-strings -Wformat=2 -Wundef -Wvla -Wimplicit-fallthrough -Wswitch-enum -Werror
ifeq ($(findstring clang,$(CC)),)
WARN += -Wnull-dereference
endif
OPT_release := -O2 -g1 -D_FORTIFY_SOURCE=2 -fPIC
OPT_debug := -O0 -g3 -fPIC
OPT_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fPIC -Wno-null-dereference -DOD_BUILD_ASAN
OPT_tsan := -O1 -g -fsanitize=thread -fPIC -Wno-null-dereference -DOD_BUILD_TSAN
OPT := $(OPT_$(BUILD))
ifeq ($(OPT),)
$(error BUILD=$(BUILD) is not known; one of release debug asan tsan)
endif
LDOPT_release := -Wl,-z,relro,-z,now
LDOPT_asan := -fsanitize=address,undefined
LDOPT_tsan := -fsanitize=thread
LDFLAGS += $(LDOPT_$(BUILD)) -Wl,--as-needed
CPPFLAGS += -I. -Iproto -isystem $(B)/gen -isystem /usr/include/postgresql -D_GNU_SOURCE -DORDO_VERSION='"$(VERSION)"'
CFLAGS += -std=gnu17 $(OPT) $(WARN) -fno-common -fno-omit-frame-pointer -fstack-protector-strong -fvisibility=hidden -pthread
GEN_CFLAGS := -w -fvisibility=default
OURS := -include common/base/banned.h
LIBS_SERVER := -levent_core -levent_extra -lssl -lcrypto -lpq -lprotobuf-c -lzstd -licui18n -licuuc -licudata -lexpat -largon2 -lsystemd \
  -ljansson -lm -pthread
LIBS_CLIENT := -lssl -lcrypto -lprotobuf-c -lcares -lzstd -lm -pthread
BID := $(firstword $(wildcard /usr/lib/*/libbidgcc000.a /usr/lib/libbidgcc000.a))

# --- parts ---------------------------------------------------------------------------------------------------------
PROTO := $(sort $(wildcard proto/*.proto))
GEN_PB := $(PROTO:proto/%.proto=$(B)/gen/%.pb-c.c)
GEN_H := $(PROTO:proto/%.proto=$(B)/gen/%.pb-c.h) $(B)/gen/statements.h
STATEMENTS := $(sort $(wildcard server/store/sql/*.sql))
MIGRATIONS := $(sort $(wildcard migrations/*.sql))
GENERATED := $(GEN_PB) $(GEN_H) $(B)/gen/statements.c $(B)/gen/migrations.c

src = $(sort $(foreach d,$(1),$(wildcard $(d)/*.c)))
obj = $(patsubst %.c,$(B)/%.o,$(1))

BASE := $(call obj,$(call src,common/base))
WIRE := $(call obj,$(call src,common/wire)) $(GEN_PB:.c=.o)
DOMAIN := $(call obj,$(call src,$(patsubst %/,%,$(sort $(dir $(wildcard server/domain/*/*.c))))))
SERVER := $(call obj,$(call src,server/net server/rpc server/handlers server/store server/jobs server/conf server/admin))
SERVER_GEN := $(B)/gen/statements.o $(B)/gen/migrations.o
LIBORDO := $(call obj,$(call src,client/lib))
CLI := $(call obj,$(filter-out client/cli/main.c,$(call src,client/cli)))
LIBS_CLI := -ljansson -licui18n -licuuc -licudata

LIB_BASE := $(B)/libod_base.a
LIB_WIRE := $(B)/libod_wire.a
LIB_DOMAIN := $(B)/libod_domain.a
LIB_SERVER := $(B)/libod_server.a
LIB_ORDO := $(B)/libordo.a
LIB_CLI := $(B)/libod_cli.a


# A program is its main file and the libraries behind it.
MAIN_ordod := server/main.c
MAIN_ordo := client/cli/main.c
MAIN_ordo-lint := server/tools/ordo_lint.c
MAIN_ordo-feel := server/tools/ordo_feel.c
MAIN_ordo-picture := server/tools/ordo_picture.c
PROGRAMS := $(foreach p,ordod ordo ordo-lint ordo-feel ordo-picture,$(if $(wildcard $(MAIN_$(p))),$(B)/$(p)))

rwildcard = $(foreach d,$(wildcard $(1)/*),$(call rwildcard,$(d),$(2)) $(filter $(2),$(d)))
UNIT_SRC := $(sort $(call rwildcard,tests/unit,%_test.c))
UNIT := $(UNIT_SRC:%.c=$(B)/%)
UNIT_SH := $(sort $(call rwildcard,tests/unit,%_test.sh))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/*_fuzz.c))
FUZZ := $(FUZZ_SRC:%.c=build/fuzz/%)
CORPUS := $(FUZZ_SRC:%_fuzz.c=$(B)/%_corpus)
CONFORM_OBJ := $(call obj,$(call src,tests/conformance))
EXAMPLES := $(patsubst client/examples/%.c,$(B)/examples/%,$(sort $(wildcard client/examples/*.c)))

.PHONY: all help deps clean lib gen
.DEFAULT_GOAL := all
all: lib sdk $(PROGRAMS) ## everything that is built
gen: $(GENERATED)
lib: $(LIB_BASE) $(LIB_WIRE) $(LIB_DOMAIN)

# --- rules ---------------------------------------------------------------------------------------------------------
# A change of flags rebuilds everything: the stamp's contents are the flags.
STAMP := $(B)/flags
FLAGS_NOW := $(CC) $(CPPFLAGS) $(CFLAGS) $(GEN_CFLAGS) $(LDFLAGS)
ifneq ($(file <$(STAMP)),$(FLAGS_NOW))
$(shell mkdir -p $(B))$(file >$(STAMP),$(FLAGS_NOW))
endif

$(B)/%.o: %.c $(STAMP) | $(GEN_H)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(OURS) $(CFLAGS) -MD -MP -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c $(STAMP) | $(GEN_H)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(GEN_CFLAGS) -MD -MP -c -o $@ $<

$(B)/gen/%.pb-c.c $(B)/gen/%.pb-c.h &: proto/%.proto
	@mkdir -p $(@D)
	$(call say,PROTOC,$<)
	$(Q)protoc-c --proto_path=proto --c_out=$(B)/gen $<

# The directories are prerequisites so that a file that went away is noticed. statements.h keeps its time as long as the
# names stay, so a change of SQL alone builds one file.
$(B)/gen/statements.c: common/mk/sqlgen $(STATEMENTS) $(wildcard server/store/sql)
	@mkdir -p $(@D)
	$(call say,SQLGEN,$@)
	$(Q)common/mk/sqlgen c $(@D) $(STATEMENTS)
$(B)/gen/statements.h: $(B)/gen/statements.c ;
$(B)/gen/migrations.c: common/mk/embed $(MIGRATIONS) $(wildcard migrations)
	@mkdir -p $(@D)
	$(call say,EMBED,$@)
	$(Q)common/mk/embed $@ $(MIGRATIONS)

$(LIB_BASE): $(BASE)
$(LIB_WIRE): $(WIRE)
$(LIB_DOMAIN): $(DOMAIN)
$(LIB_SERVER): $(SERVER) $(SERVER_GEN)
$(LIB_ORDO): $(LIBORDO) $(WIRE) $(BASE)
$(LIB_CLI): $(CLI)
$(B)/%.a:
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar crs $@ $^

LINK = $(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -pie -o $@
$(B)/ordod: $(B)/server/main.o $(LIB_SERVER) $(LIB_WIRE) $(LIB_DOMAIN) $(LIB_BASE)
	$(call say,LD,$@)
	$(LINK) $^ $(BID) $(LIBS_SERVER)
$(B)/ordo: $(B)/client/cli/main.o $(LIB_CLI) $(LIB_ORDO)
	$(call say,LD,$@)
	$(LINK) $^ $(LIBS_CLIENT) $(LIBS_CLI)
$(B)/ordo-lint $(B)/ordo-picture: $(B)/ordo-%: $(B)/server/tools/ordo_%.o $(LIB_DOMAIN) $(LIB_BASE)
	$(call say,LD,$@)
	$(LINK) $^ $(BID) $(LIBS_SERVER)
# libedit goes before our libraries: a function of theirs that has the name of one of its own would be taken for it.
$(B)/ordo-feel: $(B)/server/tools/ordo_feel.o $(LIB_DOMAIN) $(LIB_BASE)
	$(call say,LD,$@)
	$(LINK) $(filter %.o,$^) -ledit $(filter %.a,$^) $(BID) $(LIBS_SERVER)

# --- libordo -------------------------------------------------------------------------------------------------------
# The SDK is staged under $(SDK) as `make install` would place it, and the examples are built from there as others build theirs.
SDK := $(B)/sdk
SO := libordo.so.0
SDK_HEADERS := client/lib/ordo.h proto/methods.def $(PROTO:proto/%.proto=$(B)/gen/%.pb-c.h)
LDOPT_SO_release := -Wl,-z,defs
$(B)/$(SO): $(LIBORDO) $(GEN_PB:.c=.o) $(LIB_WIRE) $(LIB_BASE) client/lib/ordo.map
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(LDOPT_SO_$(BUILD)) -shared -Wl,-soname,$(SO) -Wl,--version-script=client/lib/ordo.map -o $@ \
	  $(filter %.o %.a,$^) $(LIBS_CLIENT)

INSTALLED_SDK = $(foreach h,$(SDK_HEADERS),$(h):644:$(PREFIX)/include/ordo/$(notdir $(h))) \
  $(LIB_ORDO):644:$(PREFIX)/lib/libordo.a $(B)/$(SO):755:$(PREFIX)/lib/$(SO) $(B)/libordo.so:link:$(PREFIX)/lib/libordo.so \
  client/lib/ordo.pc.in:644:$(PREFIX)/lib/pkgconfig/ordo.pc

.PHONY: sdk examples
sdk: $(SDK)/stamp examples
examples: $(EXAMPLES)
$(B)/libordo.so: $(B)/$(SO)
	$(Q)ln -sf $(SO) $@
$(SDK)/stamp: override PREFIX := $(abspath $(SDK))
$(SDK)/stamp: override DESTDIR :=
$(SDK)/stamp: $(LIB_ORDO) $(B)/libordo.so $(SDK_HEADERS) client/lib/ordo.pc.in
	$(call say,STAGE,$(SDK))
	$(Q)$(call install_rows,$(INSTALLED_SDK)) && touch $@
$(B)/examples/%: client/examples/%.c $(SDK)/stamp
	@mkdir -p $(@D)
	$(call say,EXAMPLE,$@)
	$(Q)$(CC) -std=c11 -Wall -Wextra -Wpedantic -Werror $(OPT) -o $@ $< $(LDOPT_$(BUILD)) -Wl,-rpath,$(abspath $(SDK)/lib) \
	  $$(PKG_CONFIG_PATH=$(SDK)/lib/pkgconfig pkg-config --cflags --libs ordo)

# --- tests ---------------------------------------------------------------------------------------------------------
# tests/unit/<mirror of the tree>/<what>_test.c is one cmocka program each, linked to the layers that its place may know.
TEST_LINK = $(LINK) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(BID) -lcmocka $(LIBS_SERVER) $(LIBS_CLIENT)
UNIT_PURE := $(filter $(B)/tests/unit/common/base/% $(B)/tests/unit/server/domain/%,$(UNIT))
UNIT_WIRE := $(filter $(B)/tests/unit/common/wire/%,$(UNIT))
UNIT_CLIENT := $(filter $(B)/tests/unit/client/%,$(UNIT))
UNIT_SERVER := $(filter-out $(UNIT_PURE) $(UNIT_WIRE) $(UNIT_CLIENT),$(UNIT))
$(B)/tests/unit/server/domain/request/request_test $(B)/tests/it/scenario_test: $(B)/tests/scenario/scenario.o
$(B)/tests/unit/tests/conformance/case_lines_test: $(B)/tests/conformance/case_lines.o
$(UNIT_WIRE): $(LIB_WIRE)
$(UNIT_CLIENT): $(LIB_ORDO)
$(filter $(B)/tests/unit/client/cli/%,$(UNIT)): $(LIB_CLI)
$(UNIT_SERVER): $(LIB_SERVER) $(LIB_WIRE)
$(UNIT): $(B)/%: $(B)/%.o $(LIB_DOMAIN) $(LIB_BASE)
	$(call say,LD,$@)
	$(TEST_LINK)

# tests/it/<what>_test.c and .sh want the programs and a PostgreSQL; what else lies there helps them.
IT_SRC := $(sort $(wildcard tests/it/*_test.c))
IT := $(IT_SRC:%.c=$(B)/%)
IT_PEER := $(B)/tests/it/libordo_peer.o $(B)/tests/it/libordo_world.o
IT_SDK := $(filter $(B)/tests/it/libordo_%,$(IT))
LIB_IT := $(B)/libod_it.a
$(LIB_IT): $(filter-out $(IT_PEER),$(call obj,$(filter-out $(IT_SRC),$(call src,tests/it))))
IT_SH := $(sort $(wildcard tests/it/*_test.sh))
$(IT_SDK): $(B)/%: $(B)/%.o $(IT_PEER) $(LIB_ORDO)
	$(call say,LD,$@)
	$(LINK) $(filter %.o %.a,$^) -lcmocka $(LIBS_CLIENT)
$(B)/tests/it/libordo_alloc_test: LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup
$(filter-out $(IT_SDK),$(IT)): $(B)/%: $(B)/%.o $(LIB_IT) $(LIB_SERVER) $(if $(LIBORDO),$(LIB_ORDO)) $(LIB_WIRE) $(LIB_DOMAIN) $(LIB_BASE)
	$(call say,LD,$@)
	$(TEST_LINK)

# Runs programs one by one: the closing lines of each, all of one that fails; one failure fails the whole.
run_tests = { mkdir -p build/log; bad=0; for t in $(1); do log=build/log/$$(basename $$t).log; echo "-- $$t"; \
  ./$$t >$$log 2>&1 || { cat $$log; echo "FAILED: $$t (all of it is in $$log)" >&2; bad=1; continue; }; tail -n 2 $$log; done; \
  [ $$bad = 0 ]; }

# A fresh machine gets its packages first; what depends on them is looked for by the make inside.
.PHONY: test test-unit test-it
test: deps ## all that is needed, then every test
	@$(MAKE) --no-print-directory test-unit test-it
test-unit: $(UNIT) $(CORPUS) $(B)/ordo-picture
	@export ORDO_PICTURE=$(B)/ordo-picture && $(call run_tests,$(UNIT) $(UNIT_SH) $(CORPUS))
test-it: all $(IT)
	@pg=$$(tests/it/pg.sh start --until $$$$) && eval "$$pg" && trap 'tests/it/pg.sh stop $$ORDO_TEST_PG' EXIT && \
	export ORDOD=$(B)/ordod ORDO=$(B)/ordo && $(call run_tests,$(IT) $(IT_SH))

# Answers reference cases with the product's own code: one object file a kind, one table in conform.c.
$(B)/conform: $(CONFORM_OBJ) $(LIB_DOMAIN) $(LIB_BASE)
	$(call say,LD,$@)
	$(LINK) $^ $(BID) $(LIBS_SERVER)

# What prints its result alone: packages and build go to a log. Packages come first, by a make of their own: what depends on them is
# looked for when this file is read.
set_up = @mkdir -p build/log; { $(MAKE) -s deps && $(MAKE) --no-print-directory BUILD=$(BUILD) $(2); } >build/log/$(1).log 2>&1 || \
  { tail -n 20 build/log/$(1).log >&2; exit 1; }

# make -s conform KIND=k CASES=file OUT=file: builds what it needs, quietly.
.PHONY: conform
conform: ## KIND=k CASES=file OUT=file: answers reference cases with the product's own code
	$(call set_up,conform,$(B)/conform)
	@$(B)/conform '$(KIND)' '$(CASES)' '$(OUT)'

# A fuzzer is tests/fuzz/<name>_fuzz.c, its first inputs lie in tests/fuzz/corpus/<name>.
# make -s replay LOG=events.csv OUT=report.json: a throw-away server takes the log through the wire and reports.
.PHONY: replay
MAP ?= deploy/maps/helpdesk.map
replay: ## LOG=events.csv OUT=report.json: a throw-away server takes another desk's log and reports
	$(call set_up,build,$(B)/ordod $(B)/ordo)
	@tests/replay/replay $(B)/ordod $(B)/ordo '$(LOG)' '$(MAP)' '$(OUT)'

# What the fuzzers have found is run again by every build: their inputs without their engine.
$(CORPUS): $(B)/%_corpus: $(B)/%_fuzz.o $(B)/tests/fuzz/corpus.o $(LIB_CLI) $(LIB_ORDO) $(LIB_WIRE) $(LIB_DOMAIN) $(LIB_BASE)
	$(call say,LD,$@)
	$(LINK) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(BID) $(LIBS_SERVER) $(LIBS_CLIENT)

# Fuzzers want clang: the sources are built once more under build/fuzz, as a library of which each fuzzer takes what it needs.
FUZZ_CC := clang-14 -std=gnu17 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -I. -Iproto -isystem $(B)/gen -D_GNU_SOURCE \
  -DORDO_VERSION='"$(VERSION)"' -w -pthread
FUZZ_OBJ := $(patsubst %.c,build/fuzz/%.o,$(sort $(wildcard common/base/*.c) $(wildcard common/wire/*.c) $(wildcard server/domain/*/*.c) \
  $(wildcard client/lib/*.c) $(filter-out client/cli/main.c,$(wildcard client/cli/*.c))))
build/fuzz/%.o: %.c | $(GEN_H)
	@mkdir -p $(@D)
	$(call say,FUZZCC,$<)
	$(Q)$(FUZZ_CC) $(FUZZ_COVERAGE) -MD -MP -c -o $@ $<
FUZZ_COVERAGE := -fsanitize=fuzzer-no-link
build/fuzz/common/base/buf.o build/fuzz/common/base/arena.o: FUZZ_COVERAGE := # every byte goes through them, whatever the input
# What runs instances compares no text of the input with constants: watching its comparisons would only slow the steps.
FUZZ_ENGINE := activity compensation deliver flow item join loop node_ad_hoc node_event node_gateway node_scope node_task state step subscribe throw
$(FUZZ_ENGINE:%=build/fuzz/server/domain/process/%.o): FUZZ_COVERAGE += -fno-sanitize-coverage=trace-cmp
build/fuzz/lib.a: $(FUZZ_OBJ)
	$(Q)rm -f $@ && ar crs $@ $^
build/fuzz/%: %.c build/fuzz/lib.a
	@mkdir -p $(@D)
	$(call say,FUZZ,$<)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer -MD -MP -MT $@ -MF $@.d -o $@ $< $(GEN_PB) build/fuzz/lib.a $(BID) -lprotobuf-c -lssl -lcrypto -lzstd -licui18n -licuuc \
	  -licudata -lexpat -lcares -ljansson -lm

# Faults are injected by tests/it/{effects,fault,push}_test so far; there are no rounds of them to count yet.
.PHONY: fault
fault: ## rounds of faults as JSON: not there yet
	@echo "fault: not offered yet; effects_test, fault_test and push_test inject faults one by one (make test)" >&2; exit 3

.PHONY: fuzz
T ?= 60
fuzz: ## every fuzzer for T seconds (60); OUT=file for the results as JSON
	$(call set_up,fuzz,$(FUZZ))
	$(Q)tests/fuzz/run.py '$(T)' '$(OUT)' $(FUZZ)

# --- checks --------------------------------------------------------------------------------------------------------
.PHONY: check lint layers tidy check-sql proto-rules man requirements
check: deps ## house rules, layers, SQL plans, clang-tidy
	@$(MAKE) --no-print-directory layers tidy proto-rules man check-sql lint
layers:
	$(Q)common/mk/layers
tidy:
	$(Q)common/mk/tidy
proto-rules:
	$(Q)common/mk/proto-rules $(PROTO)
man:
	$(Q)mandoc -Tlint -W warning $(wildcard deploy/man/*.[158])
check-sql: $(B)/ordod
	$(Q)common/mk/check-sql $(B)/ordod
lint: gen $(SDK)/stamp ## clang-tidy on what differs from main; LINT=all for everything
	$(Q)CLANG_TIDY_FLAGS='$(subst ',,$(CPPFLAGS)) -isystem $(SDK)/include $(OURS) -std=gnu17' common/mk/lint $(if $(filter-out default,$(origin LINT)),$(LINT)) # make predefines LINT

REQUIREMENTS ?= ../shared/requirements.md
requirements: ## which sentences of REQUIREMENTS=file tests cite; V=1 also those that none does
	$(Q)common/mk/requirements $(REQUIREMENTS) $(if $(V),-v)

# --- bench ---------------------------------------------------------------------------------------------------------
# tests/bench/<what>.c is one program each; load knows the public SDK alone. Measured is a release build, whatever BUILD says.
BENCH_PROGRAMS := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/bench/*.c)))
$(B)/tests/bench/load: $(B)/tests/bench/load.o $(LIB_ORDO)
	$(call say,LD,$@)
	$(LINK) $^ $(LIBS_CLIENT)
$(filter-out $(B)/tests/bench/load,$(BENCH_PROGRAMS)): $(B)/%: $(B)/%.o $(LIB_WIRE) $(LIB_DOMAIN) $(LIB_BASE)
	$(call say,LD,$@)
	$(LINK) $^ $(BID) $(LIBS_SERVER)

.PHONY: bench bench-packages bench-programs
bench-packages:
	$(Q)common/mk/deps deploy/packages-bench.txt
bench-programs: $(B)/ordod $(BENCH_PROGRAMS)
bench: ## Ordo beside its peers as JSON in OUT=file (build/bench/bench.json); BENCH="row ..." for some of them
	$(call set_up,bench-packages,bench-packages)
	$(call set_up,bench-build,bench-programs BUILD=release)
	@OUT='$(OUT)' tests/bench/bench.py build/release $(BENCH)

# --- use -----------------------------------------------------------------------------------------------------------
.PHONY: run demo docs install uninstall dist
deps: ## the Debian packages of deploy/packages.txt, where they are missing
	$(Q)common/mk/deps deploy/packages.txt
run: deps ## a development server in the foreground; RUN_DIR=where its data lies
	@$(MAKE) --no-print-directory $(B)/ordod && deploy/run $(B)/ordod $(RUN_DIR)

demo: deps ## all set-up, then a working day of a small company in a minute
	@mkdir -p build/log; $(MAKE) --no-print-directory $(B)/ordod $(B)/ordo >build/log/build.log 2>&1 || { tail -n 20 build/log/build.log >&2; exit 1; }
	@deploy/demo $(B)/ordod $(B)/ordo

docs: $(B)/ordod ## what is made from tables: the sample of settings, its page, its manual
	$(Q)$< --help-config=sample >deploy/ordod.conf.sample
	$(Q)$< --help-config=markdown >docs/configuration.md
	$(Q)$< --help-config=mdoc >$(B)/settings.mdoc
	$(Q)awk -v made=$(B)/settings.mdoc '/^\.\\" end of what is made/ { skip = 0 } !skip { print } \
	  /^\.\\" made by/ { while ((getline line < made) > 0) print line; skip = 1 }' deploy/man/ordod.conf.5 >$(B)/ordod.conf.5
	$(Q)cp $(B)/ordod.conf.5 deploy/man/ordod.conf.5

# What is installed: source, mode, place. What does not exist is left out.
install_rows = for f in $(1); do from=$${f%%:*}; to="$(DESTDIR)$${f\#\#*:}"; mode=$${f\#*:}; mode=$${mode%%:*}; [ -e "$$from" ] || continue; \
  case $$from in *.service|*.in) made=$(B)/installed/$${from\#\#*/}; mkdir -p $(B)/installed; \
    sed 's|@PREFIX@|$(PREFIX)|g; s|@VERSION@|$(VERSION)|g' "$$from" >"$$made"; from=$$made;; esac; \
  if [ $$mode = link ]; then cp -dT "$$from" "$$to"; else install -D -m $$mode "$$from" "$$to"; fi || exit 1; done
INSTALLED = $(B)/ordod:755:$(PREFIX)/sbin/ordod $(B)/ordo:755:$(PREFIX)/bin/ordo \
  $(foreach t,ordo-lint ordo-feel ordo-picture,$(B)/$(t):755:$(PREFIX)/bin/$(t) deploy/man/$(t).1:644:$(PREFIX)/share/man/man1/$(t).1) \
  deploy/man/ordo.1:644:$(PREFIX)/share/man/man1/ordo.1 deploy/maps/helpdesk.map:644:$(PREFIX)/share/doc/ordo/helpdesk.map \
  deploy/man/ordod.8:644:$(PREFIX)/share/man/man8/ordod.8 deploy/man/ordod.conf.5:644:$(PREFIX)/share/man/man5/ordod.conf.5 \
  deploy/systemd/ordod.service:644:$(PREFIX)/lib/systemd/system/ordod.service \
  deploy/systemd/ordo-db.service:644:$(PREFIX)/lib/systemd/system/ordo-db.service \
  deploy/systemd/ordo.sysusers:644:$(PREFIX)/lib/sysusers.d/ordo.conf \
  deploy/systemd/ordo.tmpfiles:644:$(PREFIX)/lib/tmpfiles.d/ordo.conf \
  deploy/ordod.conf.sample:644:$(PREFIX)/share/doc/ordo/ordod.conf.sample LICENSE:644:$(PREFIX)/share/doc/ordo/LICENSE \
  $(INSTALLED_SDK)
install: all ## into DESTDIR and PREFIX (/usr/local)
	$(Q)$(call install_rows,$(INSTALLED))
uninstall: ## what install has put there
	$(Q)for f in $(INSTALLED); do rm -f "$(DESTDIR)$${f##*:}"; done
dist: ## build/ordo-VERSION.tar.gz of what is committed
	$(Q)mkdir -p build && git archive --prefix=ordo-$(VERSION)/ -o build/ordo-$(VERSION).tar.gz HEAD

help: ## this page
	@echo 'make [BUILD=release|debug|asan|tsan] [V=1] target'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | sort | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

clean: ## removes build/
	rm -rf build

-include $(shell find $(B) build/fuzz -name '*.d' 2>/dev/null)
