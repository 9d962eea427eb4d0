# bpftoll: what a BPF probe adds to a syscall.
#
#   make run     install what is missing, build, measure the quick suite, print the table
#   make test    the same for the tests; the last line is the count
#   make check   static checks only: format, clang-tidy, folder dependencies
#   make bench   figures of the instrument itself (timings; never part of make test)
#   make lab     exact instruction counts on several Debian kernels under QEMU's TCG
#   make deps    install the missing packages (Debian), or name them (elsewhere)
#   make install [PREFIX=/usr/local] [DESTDIR=]
#   make format, make clean
#
# V=1 shows the commands. B=DIR builds elsewhere, CC=clang and SAN=1 build otherwise.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:

B       ?= build
PREFIX  ?= /usr/local
ifeq ($(origin CC),default)
CC      := gcc
endif
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
SUDO    := $(if $(filter 0,$(shell id -u)),,sudo)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

# ---- packages (Debian names) ---------------------------------------------------------------
PKGS_BUILD := gcc libc6-dev clang llvm pkg-config bpftool libbpf-dev libelf-dev zlib1g-dev \
              libpfm4-dev libhwloc-dev libgsl-dev libjansson-dev
PKGS_TEST  := $(PKGS_BUILD) libcmocka-dev clang-tidy clang-format
PKGS_LAB   := qemu-system-x86 busybox-static cpio gdb

# ---- sources: every .c of the five folders; main.c apart so that tests can link the rest ----
FOLDERS := kit bpf cpuset calib reports
SRCS    := $(filter-out kit/main.c %.bpf.c,$(wildcard $(FOLDERS:%=%/*.c) kit/*/*.c))
OBJS    := $(SRCS:%.c=$(B)/%.o)
TARGETS := munmap madvise
SKELS   := $(TARGETS:%=$(B)/bpf/probes_%.skel.h)
TESTS   := $(patsubst %.c,$(B)/%,$(wildcard tests/*/test_*.c))

PCLIBS   = libbpf libelf zlib hwloc gsl jansson
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
SANFLAGS = $(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
,       := ,
CFLAGS  ?= -O2 -g
ALL_CFLAGS = -std=gnu17 $(WARN) $(CFLAGS) $(SANFLAGS) -I. -I$(B) -MMD -MP -pthread
ALL_LDLIBS = $(shell pkg-config --libs $(PCLIBS)) -lpfm -lm -pthread

all: $(B)/bpftoll

$(B)/bpftoll: $(B)/kit/main.o $(OBJS)
	$(call say,LD,$@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LDLIBS)

$(B)/%.o: %.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# ---- the probes: one object per target syscall, embedded through a skeleton ------------------
ARCH      ?= $(shell uname -m)
BPF_ARCH  := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(ARCH)))
BPF_FLAGS := -O2 -g -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -Wall -Werror -I. \
             -I/usr/include/$(ARCH)-linux-gnu

$(B)/bpf/probes_%.bpf.o: bpf/probes.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_FLAGS) -DTARGET_$* -MMD -MP -MF $@.d -MT $@ -c -o $@.tmp $<
	$(Q)llvm-strip -g $@.tmp -o $@ && rm $@.tmp

$(B)/bpf/probes_%.skel.h: $(B)/bpf/probes_%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name probes_$* > $@

$(B)/bpf/probe.o: $(SKELS)

# ---- tests ---------------------------------------------------------------------------------
$(B)/tests/%: tests/%.c $(OBJS)
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MF $@.d -o $@ $< $(OBJS) $(ALL_LDLIBS) -lcmocka

tests: $(B)/bpftoll $(TESTS)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

clean:
	rm -rf build build-*

.PHONY: all tests clean
