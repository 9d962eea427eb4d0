#!/usr/bin/env bash
# CONTRIBUTING's recipes for a new hook and a new body: applied to a copy of the tree, built, listed, run.
. "$(dirname "$0")/tap.sh"
repo=$(cd "$(dirname "$0")/../.." && pwd) build=$(dirname "$bpftoll")

# A hook in three files, with a context of its own: the tracepoint of all syscalls. A body is a line and a function.
cat >"$dir/recipe.diff" <<'DIFF'
diff --git a/bpf/load/attach.c b/bpf/load/attach.c
--- a/bpf/load/attach.c
+++ b/bpf/load/attach.c
@@ -367,2 +367,4 @@ static const struct {
 			     NEEDS("CONFIG_FTRACE_SYSCALLS")},
+	[HOOK_RAW_SYSCALLS] = {attach_section, .mechanism = "perf tracepoint",
+			       NEEDS("CONFIG_FTRACE_SYSCALLS")},
 	[HOOK_RAW_TP] = {attach_section, .mechanism = "raw tracepoint",
diff --git a/bpf/programs/hooks.bpf.h b/bpf/programs/hooks.bpf.h
--- a/bpf/programs/hooks.bpf.h
+++ b/bpf/programs/hooks.bpf.h
@@ -79,2 +79,3 @@ struct sys_enter_record {
 #define CTX_RECORD	   struct sys_enter_record
+#define CTX_RECORD_SYSCALLS struct sys_enter_record
 #define CTX_RAW_SYSCALLS   struct bpf_raw_tracepoint_args
@@ -87,2 +88,3 @@ struct sys_enter_record {
 #define MISS_RECORD(ctx)	 0
+#define MISS_RECORD_SYSCALLS(ctx) ((ctx)->nr != TARGET_NR)
 #define MISS_RAW_SYSCALLS(ctx)	 ((ctx)->args[1] != TARGET_NR)
@@ -93,2 +95,3 @@ struct sys_enter_record {
 #define ARG2_RECORD(ctx)	 ((ctx)->args[1])
+#define ARG2_RECORD_SYSCALLS(ctx) ((ctx)->args[1])
 #define ARG2_RAW_SYSCALLS(ctx)	 arg2_behind((const struct pt_regs *)(ctx)->args[0])
diff --git a/bpf/programs/probes.bpf.c b/bpf/programs/probes.bpf.c
--- a/bpf/programs/probes.bpf.c
+++ b/bpf/programs/probes.bpf.c
@@ -78,2 +78,3 @@ static __always_inline __u64 wake_flags(enum wake wake)
 #define BODY_clock(context)		 STEP_CLOCK(context)
+#define BODY_comm(context) STEP_CLOCK(context) char c[16]; bpf_get_current_comm(c, sizeof(c));
 #define BODY_as_written(context)	 STEPS_AS_WRITTEN SEND_PERF(EVENT_AS_WRITTEN)
diff --git a/bpf/programs/variants.def b/bpf/programs/variants.def
--- a/bpf/programs/variants.def
+++ b/bpf/programs/variants.def
@@ -22,2 +22,3 @@
 		"a tracepoint's record holds the arguments: nothing to follow")         \
+	CONTEXT(RECORD_SYSCALLS, true, false, RECORD_ARG2, "the record holds the arguments")  \
 	CONTEXT(RAW_SYSCALLS, true, false, 0, NULL)                                     \
@@ -42,2 +43,5 @@
 	     "the syscall's own sys_enter tracepoint")                                  \
+	HOOK(RAW_SYSCALLS, raw_syscalls, RECORD_SYSCALLS,                               \
+	     "tracepoint/raw_syscalls/sys_enter", no,                                   \
+	     "the tracepoint of all syscalls")                                          \
 	HOOK(RAW_TP, raw_tp, RAW_SYSCALLS, "raw_tp/sys_enter", no,                      \
@@ -66,2 +70,3 @@
 	BODY(CLOCK, clock, NONE, true, "args, then bpf_ktime_get_ns()", __VA_ARGS__)    \
+	BODY(COMM, comm, NONE, true, "clock, then bpf_get_current_comm()", __VA_ARGS__) \
 	ONLY_IF_##written(                                                              \
DIFF

if ! git -c safe.directory='*' -C "$repo" ls-files -z >"$dir/files" 2>"$dir/err"; then
	skip "recipes" "not in a repository: $(tail -n 1 "$dir/err")"; done_testing; exit 0
fi
# with the objects that are built already, and all their times: only what the recipe touches is built anew
mkdir -p "$dir/tree/build"
tar -C "$repo" --null -T "$dir/files" -cf - | tar -C "$dir/tree" -xf -
(cd "$build" && find . \( -name '*.o' -o -name '*.[dh]' \) -not -path './tests/*' -print0 | tar --null -T - -cf -) |
	tar -C "$dir/tree/build" -xf -
cd "$dir/tree" || exit 1
check "the recipe applies" git apply "$dir/recipe.diff"
files=$(git apply --numstat "$dir/recipe.diff" | wc -l)
check "hook and program in four files" test "$files" = 4
for line in HOOK CONTEXT BODY; do
	check "CONTRIBUTING shows its $line row" grep -qF "$(grep -m 1 "^+	$line(" "$dir/recipe.diff" | tr -s ' ' | cut -c 3-40)" CONTRIBUTING.md
done
check "it builds" env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -j"$(nproc)" build/bpftoll
new=$dir/tree/build/bpftoll
"$new" list >"$dir/out" 2>"$dir/err"
says "the hook is listed, with the program" '^  (no: )?raw_syscalls_comm[ :]'
says "each other hook has the program" '^  (no: )?raw_tp_comm[ :]'
if grep -qE 'yes +raw_syscalls_comm' "$dir/out"; then
	exits 0 "it is measured" "$new" run --full --variant raw_syscalls_comm --trigger munmap_einval --seconds 2 -o "$dir/record"
	says "with its row" '^  raw_syscalls_comm +perf tracepoint'
else
	skip "it is measured" "$(sed -n 's/^ *no *raw_syscalls_[a-z]* *//p' "$dir/out" | head -n 1)"
fi
done_testing
