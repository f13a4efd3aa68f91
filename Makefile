# dbops: `make demo` shows it, `make test` proves it; see CONTRIBUTING.md.
#
# KIND=release|asan|clang|cover|fuzz chooses how it is built, in build/KIND/. WERROR=-Werror makes
# warnings fail, V=1 shows the commands. A target is there when its work is: without tests/soak/
# there is no `make soak`.

MAKEFLAGS += --no-builtin-rules
KIND    ?= release
PREFIX  ?= /usr/local
SECONDS ?= 60
VERSION := $(shell cat VERSION)
OUT     := build/$(KIND)

CC_clang := clang
CC_fuzz  := clang
ifeq ($(origin CC),default)
CC := $(or $(CC_$(KIND)),gcc)
endif

PKGS := libpq mysqlclient yaml-0.1 jansson smartcols libcrypto zlib
SANITIZE := address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2
CFLAGS_clang   := $(CFLAGS_release)
CFLAGS_asan    := -O1 -g -fsanitize=$(SANITIZE)
CFLAGS_cover   := -O0 -g --coverage
CFLAGS_fuzz    := -O1 -g -fsanitize=fuzzer-no-link,$(SANITIZE)
ifeq ($(CFLAGS_$(KIND)),)
$(error KIND=$(KIND) is not one of release, asan, clang, cover, fuzz)
endif

WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wcast-qual -Wstrict-prototypes \
            -Wmissing-prototypes -Wundef -Wvla -Wwrite-strings -Wswitch-enum
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
BASE_CFLAGS := -std=gnu17 -D_GNU_SOURCE -DDBOPS_VERSION='"$(VERSION)"' -I. $(WARNINGS) \
               -fno-common -fstack-protector-strong -fPIE $(CFLAGS_$(KIND)) $(PKG_CFLAGS) $(CFLAGS)
ALL_CFLAGS   = $(BASE_CFLAGS) $(WERROR)
ALL_LDFLAGS := -pie -Wl,--as-needed -Wl,-z,relro,-z,now $(LDFLAGS)
ALL_LDLIBS  := $(PKG_LIBS) -lpthread
# What one unit test alone needs; statically, for libpg_query brings the server's symbols with it.
LDLIBS_split_oracle := -Wl,-Bstatic -lpg_query -Wl,-Bdynamic -lm

LIB_SRC  := $(sort $(wildcard lib/*/*.c migrate/*.c))
CMD_SRC  := $(sort $(wildcard cmd/*.c))
PROBE_SRC := $(sort $(wildcard tests/probe/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/*_test.c))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/*_fuzz.c))
LIB_OBJ  := $(LIB_SRC:%.c=$(OUT)/%.o)
CMD_OBJ  := $(CMD_SRC:%.c=$(OUT)/%.o)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(OUT)/tests/%)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(OUT)/tests/%)
PROBE_BIN := $(PROBE_SRC:tests/probe/%.c=$(OUT)/tests/%)
MAN_SRC  := $(sort $(wildcard man/*.in))
MAN      := $(MAN_SRC:man/%.in=build/man/%)

ifeq ($(V),)
say = @printf '%-5s %s\n' '$(1)' $@;
endif

all: $(OUT)/dbops

# Made anew when the compiler, its flags or the version change; everything depends on it.
$(OUT)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(subst ','\'',$(BASE_CFLAGS))' | cmp -s - $@ || \
	    echo '$(CC) $(subst ','\'',$(BASE_CFLAGS))' >$@

$(OUT)/dbops: $(CMD_OBJ) $(OUT)/libdbops.a
	$(call say,link) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(CMD_OBJ) \
	    $(OUT)/libdbops.a $(ALL_LDLIBS)

$(OUT)/libdbops.a: $(LIB_OBJ) $(OUT)/objects
	@rm -f $@
	$(call say,ar) ar rcs $@ $(LIB_OBJ)

# Made anew when a source file comes or goes.
$(OUT)/objects: FORCE
	@mkdir -p $(@D)
	@echo '$(LIB_OBJ)' | cmp -s - $@ || echo '$(LIB_OBJ)' >$@

$(OUT)/%.o: %.c $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,cc) $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/tests/%_test: tests/unit/%_test.c $(OUT)/libdbops.a $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,link) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< \
	    $(OUT)/libdbops.a $(ALL_LDLIBS) $(LDLIBS_$*) -lcmocka -ldl

# Small programs that bats suites run beside dbops.
$(OUT)/tests/%_probe: tests/probe/%_probe.c $(OUT)/libdbops.a $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,link) $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -o $@ $< \
	    $(OUT)/libdbops.a $(ALL_LDLIBS)

$(OUT)/tests/%_fuzz: tests/fuzz/%_fuzz.c $(OUT)/libdbops.a $(OUT)/flags
	@mkdir -p $(@D)
	$(call say,link) $(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(ALL_LDFLAGS) -MMD -MP -o $@ $< \
	    $(OUT)/libdbops.a $(ALL_LDLIBS)

deps:
	@scripts/deps.sh

# The program and all that tests run.
built: $(OUT)/dbops $(UNIT_BIN) $(PROBE_BIN)

# The unit tests only, without installing anything.
unit: $(UNIT_BIN)
	@tests/run.sh --unit-only $(KIND)

# A second make, since the libraries' flags are known only after deps.
test: deps
	@$(MAKE) --no-print-directory KIND=$(KIND) test-built

test-built: built
	@tests/run.sh $(KIND)

asan:
	@$(MAKE) --no-print-directory KIND=asan test

lint: deps
	@$(MAKE) --no-print-directory $(MAN)
	@tests/lint/run.sh

cover:
	@$(MAKE) --no-print-directory KIND=cover cover-built

cover-built: $(UNIT_BIN)
	@find $(OUT) -name '*.gcda' -delete
	@tests/run.sh --unit-only $(KIND)
	@scripts/cover.sh $(OUT)

ifneq ($(wildcard tests/*.bats),)
# The database suites also on PostgreSQL 17 and 18 and on MySQL 8.0.31.
.PHONY: matrix
matrix: deps
	@scripts/deps.sh pg17 pg18 mysql80
	@$(MAKE) --no-print-directory built
	@tests/run.sh --server pg17 --server pg18 --server mysql80 $(KIND)
endif

ifneq ($(wildcard tests/interop/*.bats),)
# Turn and turn about with real Flyways on the same databases.
FLYWAYS ?= 9.22.3 10.22.0 11.8.2
.PHONY: interop
interop: deps
	@scripts/deps.sh $(FLYWAYS:%=flyway-%)
	@$(MAKE) --no-print-directory built
	@set -e; for v in $(FLYWAYS); do \
	    echo "# Flyway $$v"; \
	    FLYWAY_VERSION=$$v tests/run.sh $(KIND) tests/interop/*.bats; \
	done
endif

ifneq ($(wildcard tests/soak/*.bats),)
# The big numbers: hours of kills and cuts where `make test` has minutes.
.PHONY: soak
soak: deps
	@$(MAKE) --no-print-directory built
	@tests/run.sh --soak $(KIND)
endif

ifneq ($(wildcard tests/bench/*.sh),)
.PHONY: bench
bench: deps
	@$(MAKE) --no-print-directory $(OUT)/dbops $(PROBE_BIN)
	@rm -f build/bench.json
	@set -e; for b in tests/bench/*.sh; do DBOPS=$(CURDIR)/$(OUT)/dbops $$b; done
endif

ifneq ($(FUZZ_SRC),)
.PHONY: fuzz fuzz-built
fuzz: deps
	@$(MAKE) --no-print-directory KIND=fuzz fuzz-built

fuzz-built: $(FUZZ_BIN)
	@scripts/fuzz.sh $(OUT) $(SECONDS)
endif

ifneq ($(wildcard scripts/demo.sh),)
.PHONY: demo
demo: deps
	@$(MAKE) --no-print-directory $(OUT)/dbops
	@DBOPS=$(CURDIR)/$(OUT)/dbops scripts/demo.sh
endif

ifneq ($(MAN_SRC),)
.PHONY: man
man: $(MAN)

# The prose is in man/, the program adds options, keys and exit codes from its tables.
build/man/%: man/%.in $(OUT)/dbops
	@mkdir -p $(@D)
	$(call say,man) $(OUT)/dbops __man $< >$@
endif

install: all $(MAN)
	@scripts/install.sh install '$(OUT)/dbops' '$(DESTDIR)$(PREFIX)'

uninstall:
	@scripts/install.sh uninstall '$(OUT)/dbops' '$(DESTDIR)$(PREFIX)'

# What git has at HEAD, the same bytes every time.
dist:
	@mkdir -p build
	git archive --prefix=dbops-$(VERSION)/ HEAD | zstd -q -19 -T1 -f -o build/dbops-$(VERSION).tar.zst

clean:
	rm -rf build

FORCE:
.DELETE_ON_ERROR:
.PHONY: all built deps unit test test-built asan lint cover cover-built install uninstall dist \
        clean FORCE
-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(UNIT_BIN:=.d) $(FUZZ_BIN:=.d) $(PROBE_BIN:=.d)
