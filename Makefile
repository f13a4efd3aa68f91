# dbops: `make demo` shows it, `make test` proves it; see CONTRIBUTING.md.

KIND    ?= release
CC      ?= gcc
OUT     := build/$(KIND)
PKGS    := libpq mysqlclient yaml-0.1 jansson smartcols libcrypto zlib
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2
CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
CFLAGS_cover   := -O0 -g --coverage
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wformat=2 -Wcast-qual -Wstrict-prototypes \
            -Wmissing-prototypes -Wundef -Wvla -Wwrite-strings -Wswitch-enum
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE -I. -I$(OUT) $(WARNINGS) -fno-common -fstack-protector-strong -fPIE \
             $(CFLAGS_$(KIND)) $(WERROR) $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
ALL_LDLIBS = $(shell pkg-config --libs $(PKGS)) -lpthread

LIB_SRC  := $(wildcard lib/*/*.c migrate/*.c)
CMD_SRC  := $(wildcard cmd/*.c)
UNIT_SRC := $(wildcard tests/unit/*_test.c)
LIB_OBJ  := $(LIB_SRC:%.c=$(OUT)/%.o)
CMD_OBJ  := $(CMD_SRC:%.c=$(OUT)/%.o)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(OUT)/tests/%)

all: $(OUT)/dbops

$(OUT)/dbops: $(CMD_OBJ) $(OUT)/libdbops.a
	$(CC) $(ALL_CFLAGS) -pie -Wl,--as-needed -o $@ $^ $(ALL_LDLIBS)

$(OUT)/libdbops.a: $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/tests/%: tests/unit/%.c $(OUT)/libdbops.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -o $@ $< $(OUT)/libdbops.a $(ALL_LDLIBS) -lcmocka

unit: $(UNIT_BIN)
	@for t in $(UNIT_BIN); do $$t || exit 1; done

deps:
	@scripts/deps.sh

clean:
	rm -rf build

.PHONY: all deps unit clean
-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(UNIT_BIN:=.d)
