# bpftoll: what a BPF probe adds to a syscall.
#
#   make run     install what is missing, build, measure the quick suite, print the table, write the report
#   make test    all tests, in two builds; the last line counts them
#   make test-unit, make test-e2e   one build's unit tests; end-to-end tests
#   make check   static checks only: format, layout, clang-tidy on what was changed since main (ALL=1: on all)
#   make bench   figures of the instrument itself (timings; never part of make test)
#   make torture [MINUTES=10] [SEED=]   kills, faults and full disks at random, and whether anything is left or lost
#   make kernels small kernels that lack an option each, for make torture, which builds them too; some minutes, once
#   make lab     exact instruction counts on several Debian kernels under QEMU's TCG
#   make deps    install the missing packages (Debian), or name them (elsewhere)
#   make deps-report   what draws the report's pictures and makes its HTML and PDF
#   make install [PREFIX=/usr/local] [DESTDIR=], make uninstall
#   make static  one file that needs no library; make deb, make deb-check: Debian's package; make sbom: what is in it
#   make web     the bundle of the report's interactive page, by npm (network); make takes it into the binary
#   make man     the manual pages, from kit/man/*.md by pandoc
#   make readme  README.md's transcripts, as the commands print them now
#   make notebooks   the notebooks' outputs, from the records in reports/examples
#   make dist    a tar.gz of the committed tree
#   make format, make clean
#
# V=1 shows the commands. Builds take all CPUs unless -j says otherwise. B=DIR builds elsewhere, CC=clang and SAN=1 build
# otherwise. ARCH=aarch64 on another machine cross-builds into build-aarch64, against Debian's own packages (bpftoll lab
# --sysroot fetches them).

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:

HOST    := $(shell uname -m)
ARCH    ?= $(HOST)
CROSS   := $(if $(filter $(HOST),$(ARCH)),,$(ARCH)-linux-gnu)
B       ?= build$(if $(CROSS),-$(ARCH))
PREFIX  ?= /usr/local
ifeq ($(origin CC),default)
CC      := $(CROSS:%=%-)gcc
endif
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
# Without root and without sudo bpftoll runs all the same, and says which capability it lacks.
SUDO    := $(if $(filter 0,$(shell id -u)),,$(shell command -v sudo))

# Inner builds take all CPUs unless -j was given; expanded in recipes, where MAKEFLAGS tells.
JOBS = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(2)')

# ---- packages (Debian names) ---------------------------------------------------------------
PKGS_BUILD := gcc libc6-dev clang llvm pkg-config bpftool libbpf-dev libelf-dev zlib1g-dev \
              libpfm4-dev libhwloc-dev libgsl-dev libjansson-dev libyajl-dev libsqlite3-dev libzydis-dev
PKGS_REPORT := gnuplot-nox pandoc weasyprint poppler-utils fonts-dejavu-core
PKGS_TEST  := $(PKGS_BUILD) libcmocka-dev libclang-rt-dev clang-tidy clang-format python3 \
              util-linux git strace sudo man-db chromium bpftrace linux-perf libbpf-tools xdp-tools $(PKGS_REPORT) \
              slurmctld slurmd slurm-client munge iproute2 clustershell openssh-client prometheus sqlite3 reuse python3-pandas python3-matplotlib python3-jsonschema jupyter-nbconvert python3-ipykernel
# Where systemd runs this package would open port 22: there its test is skipped.
PKGS_TEST  += $(if $(wildcard /run/systemd/system),,openssh-server)
PKGS_APPS  := redis-server redis-tools postgresql python3 nodejs sysbench
PKGS_KERNELS := linux-source flex bison bc dwarves lz4
PKGS_LAB   := qemu-system-x86 qemu-system-arm gcc-aarch64-linux-gnu busybox-static cpio gdb zstd lz4 xz-utils

# ---- sources: every .c below the five folders; main.c apart so that tests can link the rest ----
FOLDERS := kit bpf cpuset calib reports
SRCS    := $(filter-out kit/main.c kit/packaging/% %.bpf.c,$(shell find $(FOLDERS) -name "*.c" | sort))
OBJS    := $(SRCS:%.c=$(B)/%.o) $(B)/kit/store/schema.o
TARGETS := munmap madvise
OBJECTS := probes counted stream host_programs rates
SKELS   := $(foreach o,probes counted stream,$(TARGETS:%=$(B)/bpf/programs/$(o)_%.skel.h)) \
           $(foreach o,host_programs rates,$(B)/bpf/programs/$(o)_munmap.skel.h)
TESTS   := $(patsubst %.c,$(B)/%,$(shell find tests/unit -name "test_*.c" | sort))

# Another architecture's headers and libraries: unpacked in the user's cache, not installed.
SYSROOT := $(if $(CROSS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/bpftoll/sysroot/$(ARCH).3)
PKGCONF := $(if $(CROSS),PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(CROSS)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig \
             PKG_CONFIG_SYSROOT_DIR=$(SYSROOT)) pkg-config

PCLIBS   = libbpf libelf zlib hwloc gsl jansson yajl sqlite3
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
SANFLAGS = $(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
,       := ,
CFLAGS  ?= -O2 -g
ALL_CFLAGS = -std=gnu17 $(WARN) $(CFLAGS) $(SANFLAGS) $(SYSROOT:%=--sysroot=%) -I. -I$(B) -MMD -MP -pthread
# Allocations that fail are noted: reports/record/text_stream.h.
NOTED    = malloc calloc realloc reallocarray strdup strndup asprintf vasprintf fmemopen open_memstream fopen
ALL_LDLIBS = $(SYSROOT:%=--sysroot=%) $(NOTED:%=-Wl,--wrap=%) $(shell $(PKGCONF) --libs $(PCLIBS)) -lpfm $(DECODER) -lm -pthread
# The lab decodes instructions of x86 guests on hosts of their kind.
DECODER  = $(if $(filter x86_64,$(ARCH)),-lZydis)

all: $(B)/bpftoll

# The interactive page, where `make web` has built it: script, style and template with the hashes that the page's
# Content-Security-Policy names. Without it report.html has static pictures.
WEB     := script:build/web/page.js style:build/web/page.css template:reports/document/web/page.html
WEB_OBJ := $(if $(and $(wildcard build/web/page.js),$(wildcard build/web/page.css)),$(B)/web.o)

# npm's packages come by the lock file and run no scripts of their own; they stay in the build folder.
WEB_SRC := reports/document/web
build/web/node_modules/.package-lock.json: $(addprefix $(WEB_SRC)/,package.json package-lock.json .npmrc)
	$(call say,NPM,$(@D))
	$(Q)mkdir -p build/web && cp $^ build/web && cd build/web && npm ci --ignore-scripts --no-audit --no-fund --silent
	$(Q)touch $@

build/web/page.css: build/web/page.js ;
build/web/page.js: build/web/node_modules/.package-lock.json $(wildcard $(WEB_SRC)/src/*.js $(WEB_SRC)/src/*/*.js) $(addprefix $(WEB_SRC)/,style.css build.mjs)
	$(call say,BUNDLE,$@)
	$(Q)node $(WEB_SRC)/build.mjs build/web

web: deps-web build/web/page.js build/web/page.css

$(B)/web.o: $(foreach w,$(WEB),$(lastword $(subst :, ,$(w)))) kit/cmd/version.h
	$(call say,WEB,$@)
	$(Q)mkdir -p $(@D); { echo '.section .rodata'; \
		for w in $(WEB); do name=bundle_$${w%%:*}; file=$${w#*:}; \
			hash=$$(sha256sum $$file | cut -c-64 | tr a-f A-F | basenc -d --base16 | base64 -w0); \
			printf '.global %s, %s_end, %s_hash\n' $$name $$name $$name; \
			printf '%s: .incbin "%s"\n%s_end: .byte 0\n' $$name $$file $$name; \
			printf '%s_hash: .asciz "sha256-%s"\n' $$name "$$hash"; done; \
		printf '.global bundle_version\nbundle_version: .asciz "$(VERSION)"\n'; \
		echo '.section .note.GNU-stack, "", %progbits'; } >$(@:.o=.S)
	$(Q)$(CC) $(SYSROOT:%=--sysroot=%) -c -o $@ $(@:.o=.S)

# The database's schema: schema/1.sql is the string store_schema_1.
SCHEMAS := $(wildcard kit/store/schema/*.sql)
$(B)/kit/store/schema.o: $(SCHEMAS)
	$(call say,SQL,$@)
	$(Q)mkdir -p $(@D); { echo '.section .rodata'; \
		for f in $(SCHEMAS); do name=store_schema_$$(basename $$f .sql); \
			printf '.global %s\n%s: .incbin "%s"\n.byte 0\n' $$name $$name $$f; done; \
		echo '.section .note.GNU-stack, "", %progbits'; } >$(@:.o=.S)
	$(Q)$(CC) $(SYSROOT:%=--sysroot=%) -c -o $@ $(@:.o=.S)

$(B)/bpftoll: $(B)/kit/main.o $(OBJS) $(WEB_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LDLIBS)

# The linker warns of what glibc cannot do alone: users by name beyond /etc/passwd, and hosts' names.
# Debian has no static Zydis: that binary takes no features in its lab. yajl's is called libyajl_s.a.
$(B)/bpftoll-static: DECODER =
$(B)/bpftoll-static: $(B)/kit/main.o $(OBJS) $(WEB_OBJ) $(B)/kit/packaging/no_udev.o $(if $(filter x86_64,$(ARCH)),$(B)/kit/packaging/no_zydis.o)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -static -Wl,--no-warnings -o $@ $^ $(patsubst -lyajl,-lyajl_s,$(ALL_LDLIBS)) 2>$@.err || { cat $@.err; exit 1; }

# The sysroot is there before anything is compiled against it.
ifneq ($(CROSS),)
$(OBJS) $(B)/kit/main.o $(SKELS:.skel.h=.bpf.o): | $(SYSROOT)
$(SYSROOT):
	@$(MAKE) --no-print-directory ARCH=$(HOST) CC=gcc B=build build/bpftoll
	$(Q)build/bpftoll lab --arch $(ARCH) --sysroot >/dev/null
endif

$(B)/%.o: %.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# The commit is in main alone, in a header that is written when it changes.
$(B)/kit/main.o: $(B)/kit/commit.h
$(B)/kit/commit.h: FORCE
	$(Q)mkdir -p $(@D); commit=$$([ ! -e .git ] || git -c safe.directory='*' describe --always --dirty 2>/dev/null); \
		printf '#define BPFTOLL_COMMIT "%s"\n#define BPFTOLL_IN_BRACKETS "%s"\n' \
			"$$commit" "$${commit:+ ($$commit)}" >$@.tmp; \
		if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi

# ---- the BPF objects: one per target syscall, embedded through a skeleton ---------------------
BPF_ARCH  := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(ARCH)))
BPF_FLAGS := -O2 -g -ffile-prefix-map=$(CURDIR)=. -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPF_ARCH) -Wall -Werror -I. \
             -I$(SYSROOT)/usr/include/$(ARCH)-linux-gnu

# $(call bpf-object,NAME): bpf/NAME.bpf.c -> NAME_munmap.skel.h, NAME_madvise.skel.h
define bpf-object
$$(B)/bpf/programs/$(1)_%.bpf.o: bpf/programs/$(1).bpf.c
	$$(call say,BPF,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CLANG) $$(BPF_FLAGS) -DTARGET_$$* -MMD -MP -MF $$@.d -MT $$@ -c -o $$@.tmp $$<
	$$(Q)llvm-strip -g $$@.tmp -o $$@ && rm $$@.tmp

$$(B)/bpf/programs/$(1)_%.skel.h: $$(B)/bpf/programs/$(1)_%.bpf.o
	$$(call say,SKEL,$$@)
	$$(Q)$$(BPFTOOL) gen skeleton $$< name $(1)_$$* > $$@
endef
$(foreach o,$(OBJECTS),$(eval $(call bpf-object,$(o))))

# Who includes which one is known after the first build.
$(filter $(B)/bpf/%,$(OBJS)): | $(SKELS)

# ---- set-up: apt on Debian and its children, names elsewhere ---------------------------------
APT_OPTS := -y -qq --no-install-recommends -o Dpkg::Use-Pty=0

# $(call need,PACKAGES): installs those that are missing, saying which.
define need
	@missing=; for p in $(1); do \
		dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q '^install ok installed' || \
		missing="$$missing $$p"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
		echo "no apt-get here; install what these Debian packages hold:$$missing" >&2; exit 1; fi; \
	if [ "$$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then \
		echo "not root and no sudo; install as root:$$missing" >&2; exit 1; fi; \
	echo "  APT     installing$$missing"; \
	$(SUDO) apt-get update -qq && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install $(APT_OPTS) $$missing >/dev/null
endef

deps:
	@command -v dpkg-query >/dev/null || { \
		echo 'not a Debian system; bpftoll needs what these Debian packages hold:'; \
		echo '  to build and run: $(PKGS_BUILD)'; \
		echo '  to test:          $(filter-out $(PKGS_BUILD),$(PKGS_TEST))'; \
		echo '  for the report:   $(PKGS_REPORT)'; \
		echo '  for make lab:     $(PKGS_LAB)'; \
		echo '  for run --suite apps: $(PKGS_APPS)'; exit 1; }
	$(call need,$(PKGS_BUILD))
deps-test:
	$(call need,$(PKGS_TEST))
deps-report:
	$(call need,$(PKGS_REPORT))
# npm may come from elsewhere than Debian
deps-web:
	@command -v node >/dev/null && command -v npm >/dev/null || $(MAKE) --no-print-directory deps-npm
deps-npm:
	$(call need,nodejs npm)
deps-lab:
	$(call need,$(PKGS_LAB))
deps-kernels:
	$(call need,$(PKGS_KERNELS))
deps-apps:
	$(call need,$(PKGS_APPS))

# ---- the two commands ------------------------------------------------------------------------
# Not root: sudo runs what was built as the user, who owns the record in the end.
# The record goes to OUT, the report below it; without deps-report's programs that is Markdown alone.
OUT ?= reports/runs/$(shell date -u +%Y%m%d-%H%M%S)

run: override OUT := $(OUT)
run: deps
	@$(MAKE) $(JOBS) --no-print-directory $(B)/bpftoll
	$(if $(SUDO),$(Q)mkdir -p $(dir $(OUT)))
	$(Q)$(SUDO) $(B)/bpftoll run -o $(OUT) $(RUN) && $(SUDO) $(B)/bpftoll report -o $(OUT)/report $(OUT); code=$$?; \
		$(if $(SUDO),[ ! -e $(OUT) ] || $(SUDO) chown -R "$$(id -u):$$(id -g)" $(OUT);) exit $$code

# The second build is clang's, with its sanitizers.
test: deps-test deps-lab deps-apps
	@$(MAKE) --no-print-directory web || echo 'the page could not be bundled: its tests are skipped'
	@$(MAKE) $(JOBS) --no-print-directory B=build CC=gcc build/bpftoll tests
	$(Q)$(SUDO) ALL=1 tests/run.sh all build build-clang

test-unit: deps-test
	@$(MAKE) $(JOBS) --no-print-directory $(B)/bpftoll tests
	$(Q)$(SUDO) tests/run.sh unit $(B)

test-e2e: deps-test deps-lab deps-apps
	@$(MAKE) $(JOBS) --no-print-directory $(B)/bpftoll
	$(Q)$(SUDO) tests/run.sh e2e $(B)

check:
	$(Q)tests/run.sh static $(B)

# the default set: kernels of Debian's releases, old to new
LAB ?= --kernel 5.10 --kernel 6.1 --kernel 6.12 --kernel 6.18

lab: deps deps-lab
	@$(MAKE) $(JOBS) --no-print-directory $(B)/bpftoll
	$(Q)$(SUDO) $(B)/bpftoll lab $(LAB)

# ---- tests -----------------------------------------------------------------------------------
FUZZERS := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))

# A test holds what it uses and no more. Not by lld, which loses the functions behind --wrap here.
$(B)/objects.a: $(OBJS)
	$(Q)rm -f $@ && ar rcs $@ $^
$(B)/tests/%: tests/%.c $(B)/objects.a
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MF $@.d -MT $@ -o $@ $< $(B)/objects.a $(ALL_LDLIBS) -lcmocka

# The fuzzers instrument what they drive: that is compiled again for them; the rest is as it is. Without SAN=1 a run is
# several times as fast, and only undefined behaviour ends it: for many runs, whose corpus those with SAN=1 go over.
FUZZ_FLAGS := -std=gnu17 $(WARN) -O2 -g -I. -MMD -MP
FUZZ_SAN   := $(if $(SAN),address$(,)undefined -fno-sanitize-recover=all,undefined -fsanitize-trap=undefined)
FUZZ_SRCS  := reports/% bpf/foreign/carve.c bpf/foreign/section.c cpuset/isolate/journal.c kit/lab/guest/% \
              kit/lab/kernels/% kit/lab/xray/rsp.c kit/lab/xray/symbols.c kit/system/file.c kit/archive/% \
              kit/fleet/% kit/probes/% bpf/foreign/foreign_bundle.c calib/%
FUZZ_OBJS  := $(patsubst %.c,$(B)/fuzz/%.o,$(filter $(FUZZ_SRCS),$(SRCS)))
$(B)/fuzz/%.o: %.c
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -I$(B) -fsanitize=fuzzer-no-link,$(FUZZ_SAN) -c -o $@ $<
$(B)/fuzz/driven.a: $(FUZZ_OBJS)
	$(Q)rm -f $@ && ar rcs $@ $^
$(FUZZERS): $(B)/tests/fuzz/%: tests/fuzz/%.c $(B)/fuzz/driven.a $(B)/objects.a
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer,$(FUZZ_SAN) -MF $@.d -MT $@ -o $@ $< $(B)/fuzz/driven.a \
		$(B)/objects.a $(ALL_LDLIBS)

tests: $(TESTS)
fuzz: $(FUZZERS)

# Each fuzzer for a minute, or as long as is said, from the corpus of the time before: make fuzz-long SECONDS=3600
# [RUNS=10000000] [FUZZ="fuzz_apt fuzz_record"] [CORPUS=DIR]
SECONDS := 60
RUNS    := -1
FUZZ    := $(notdir $(FUZZERS))
CORPUS  := build-fuzz/corpus
fuzz-long: deps-test
	@$(MAKE) $(JOBS) --no-print-directory B=build-fuzz CC=clang SAN= fuzz
	@$(MAKE) $(JOBS) --no-print-directory B=build-clang CC=clang SAN=1 fuzz
	$(Q)bash tests/fuzz/long.sh build-fuzz build-clang $(CORPUS) $(SECONDS) $(RUNS) $(FUZZ)

# ---- static checks: each prints what is wrong, and nothing when all is well --------------------
C_FILES  = $(SRCS) kit/main.c
CH_FILES = $(shell find $(FOLDERS) tests -name '*.[ch]')

check-format:
	$(Q)clang-format --dry-run --Werror $(CH_FILES)

# Sizes, includes, names; then that the check finds what it is for.
check-layout:
	$(Q)python3 tests/layout.py
	$(Q)python3 tests/test_layout.py

# What was changed: since the branch left main, or not yet committed. A header's change is its .c's.
SINCE   = $(shell git merge-base HEAD main 2>/dev/null || echo HEAD)
CHANGED = $(shell { git diff --name-only $(SINCE); git ls-files -o --exclude-standard; } | sed 's/\.h$$/.c/' | sort -u)
# The analyzer's search is cut short (steps a function; the default is 225000) where all files are
# read: what is changed was searched to the end by make check.
DEPTH   = $(if $(ALL),-Xclang -analyzer-config -Xclang max-nodes=40000)
TIDIED  = $(if $(ALL),$(C_FILES),$(filter $(C_FILES),$(CHANGED)))
$(B)/tidy/%.ok: %.c .clang-tidy
	$(Q)mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- -std=gnu17 -I. -I$(B) -D__$(ARCH)__ $(DEPTH) 2>$@.err || \
		{ cat $@.err; exit 1; }
	$(Q)touch $@
check-tidy: $(SKELS) $(B)/kit/commit.h
	@$(if $(TIDIED),$(MAKE) -s -k --no-print-directory $(TIDIED:%.c=$(B)/tidy/%.ok))

# Simulations with a known truth are unit tests, whose figures are printed here.
BENCH_TESTS := $(filter %/test_verdict_truth %/test_diff %/test_agree,$(TESTS))

bench: deps-test
	@$(MAKE) $(JOBS) --no-print-directory $(B)/bpftoll $(B)/tests/bench/coverage $(B)/tests/bench/precision $(B)/tests/bench/repeat $(B)/tests/bench/nested $(B)/tests/bench/change_point $(BENCH_TESTS)
	$(Q)for t in $(BENCH_TESTS); do $$t 2>/dev/null | grep -vE '^\[' || exit 1; done
	$(Q)$(B)/tests/bench/nested 200 && $(B)/tests/bench/change_point
	$(Q)bash tests/bench/store.sh $(B)
	$(Q)$(SUDO) bash tests/bench/bench.sh $(B)

# A real Slurm: KILLS of a campaign's parts, and what a campaign adds to jobs of the lab.
KILLS := 100
.PHONY: bench-fleet
bench-fleet: deps-test deps-lab $(B)/bpftoll
	$(Q)$(SUDO) bash tests/bench/fleet.sh $(B)/bpftoll kills $(KILLS)
	$(Q)$(SUDO) bash tests/bench/fleet.sh $(B)/bpftoll store $(KILLS)
	$(Q)$(SUDO) bash tests/bench/fleet.sh $(B)/bpftoll lab 8 5.10 6.1 6.12 6.18

# Random kills and faults; what is left, lost or changed after each. A failure prints how to repeat it.
MINUTES := 10
.PHONY: torture
torture: deps-test deps-lab deps-apps kernels
	@$(MAKE) $(JOBS) --no-print-directory $(B)/bpftoll
	$(Q)$(SUDO) python3 tests/torture/campaign/torture.py $(B)/bpftoll --guests --kernels $(B)/kernels --minutes $(MINUTES) $(SEED:%=--seed %)

# Small kernels that lack an option each, from Debian's source; what is there is kept.
.PHONY: kernels
kernels: deps-kernels
	$(Q)JOBS=$(JOBS) sh tests/torture/kernels/build.sh $(B)/kernels

# ---- documents ---------------------------------------------------------------------------------
VERSION := $(shell sed -n 's/^.define BPFTOLL_VERSION "\(.*\)"/\1/p' kit/cmd/version.h)
MANS    := $(patsubst kit/man/%.md,$(B)/man/%,$(wildcard kit/man/*.[0-9].md))

# Hyphens of options are minus signs in man, so that they can be searched for and copied.
$(B)/man/%: kit/man/%.md
	$(call say,MAN,$@)
	$(Q)mkdir -p $(@D)
	$(Q)pandoc -f markdown-smart -s -t man -M footer='bpftoll $(VERSION)' $< | \
		sed -E 's/--/\\-\\-/g; s/(\\f\[B\])-/\1\\-/g' > $@

man: $(MANS)

# What is shown of a record is rendered from the records in reports/examples.
readme: $(B)/bpftoll
	$(Q)python3 tests/e2e/readme.py write README.md

# The notebooks with what they print and draw of the records in reports/examples. Debian's own Python.
NOTEBOOKS := reports/latency.ipynb reports/scaling.ipynb
notebooks:
	$(call say,NB,$(NOTEBOOKS))
	$(Q)PATH=/usr/bin:$$PATH PYDEVD_DISABLE_FILE_VALIDATION=1 jupyter-nbconvert --log-level WARN --to notebook --execute --inplace \
		--ExecutePreprocessor.record_timing=False $(NOTEBOOKS)

# One file that runs without any library: for fleets and guests. glibc's own is linked in.
static: deps
	@$(MAKE) $(JOBS) --no-print-directory $(B)/bpftoll-static

# The libraries that the binary is linked with: SPDX 2.3
sbom: $(B)/bpftoll
	$(call say,SBOM,$(B)/bpftoll.spdx.json)
	$(Q)python3 kit/packaging/sbom.py $(B)/bpftoll $(VERSION) >$(B)/bpftoll.spdx.json

# The Debian package of the last commit, in $(B)/deb
deb:
	$(Q)mkdir -p $(B)
	$(Q)bash kit/packaging/deb.sh $(B)/deb $(VERSION) >$(B)/deb.log 2>&1 || { tail -n 30 $(B)/deb.log; exit 1; }
	@ls $(B)/deb/*.deb

# lintian; then in a fresh Debian of its own: install, test, remove
deb-check: deb
	$(Q)$(SUDO) bash kit/packaging/check_deb.sh $(B)/deb

dist:
	$(call say,DIST,$(B)/bpftoll-$(VERSION).tar.gz)
	$(Q)mkdir -p $(B)
	$(Q)git archive --format=tar.gz --prefix=bpftoll-$(VERSION)/ \
		-o $(B)/bpftoll-$(VERSION).tar.gz HEAD

# Without pandoc the manual's sources are installed as they are: they read well.
install: $(B)/bpftoll
	install -D -m 0755 $(B)/bpftoll $(DESTDIR)$(PREFIX)/bin/bpftoll
	$(if $(CROSS),,$(Q)$(MAKE) --no-print-directory install-completions)
	@if command -v pandoc >/dev/null; then $(MAKE) --no-print-directory install-man; else \
		echo 'no pandoc here: the manual is installed as Markdown'; \
		install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/doc/bpftoll kit/man/*.[0-9].md; fi

# where bash-completion, zsh and fish look below a prefix; the binary writes them, so a cross build has none
install-completions: $(B)/bpftoll
	@set -e; for to in bash:bash-completion/completions/bpftoll zsh:zsh/site-functions/_bpftoll \
		fish:fish/vendor_completions.d/bpftoll.fish; do \
		file=$(DESTDIR)$(PREFIX)/share/$${to#*:}; mkdir -p "$$(dirname "$$file")"; \
		$(B)/bpftoll completions "$${to%%:*}" >"$$file"; done

install-man: $(MANS)
	for m in $(MANS); do \
		install -D -m 0644 -t $(DESTDIR)$(PREFIX)/share/man/man$${m##*.} $$m || exit 1; done
	for c in verdict compare export; do echo '.so man1/bpftoll-report.1' \
		>$(DESTDIR)$(PREFIX)/share/man/man1/bpftoll-$$c.1 || exit 1; done

uninstall:
	$(Q)cd $(DESTDIR)$(PREFIX) && rm -f bin/bpftoll share/bash-completion/completions/bpftoll \
		share/zsh/site-functions/_bpftoll share/fish/vendor_completions.d/bpftoll.fish \
		share/man/man[157]/bpftoll.[157] share/man/man[157]/bpftoll-*.[157] && rm -rf share/doc/bpftoll

format:
	clang-format -i $(CH_FILES)

-include $(shell find $(B) \( -path $(B)/deb -o -path $(B)/kernels \) -prune -o -name '*.d' -print 2>/dev/null)

clean:
	rm -rf build build-*

.PHONY: static sbom deb deb-check web deps-web deps-npm all run test test-unit test-e2e tests fuzz fuzz-long lab deps deps-test deps-lab deps-apps deps-kernels deps-report bench check \
	check-format check-layout check-tidy man readme notebooks dist install install-completions install-man uninstall format clean FORCE
