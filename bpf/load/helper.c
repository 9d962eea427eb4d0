/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <asm/ptrace.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bpf/load/helper.h"
#include "bpf/programs/shared.h"

/* Callee-saved registers: the context, and a record between reserve and submit. */
#define R_CTX	 BPF_REG_6
#define R_RECORD BPF_REG_7

#define CONTROL_ADDITIONS 32
#define COMM_BYTES	  16
#define STACK_KEY	  (-4)
#define STACK_WORD	  (-8)
#define STACK_COMM	  (-16)

/*
 * Kernel ABI, as in hooks.bpf.h: the syscall stub's only argument, and the syscall's second
 * argument in the registers that it points to.
 */
#if defined(__x86_64__)
#define REGS_PARM1 offsetof(struct pt_regs, rdi)
#define REGS_ARG2  offsetof(struct pt_regs, rsi)
#elif defined(__aarch64__)
#define REGS_PARM1 offsetof(struct user_pt_regs, regs[0])
#define REGS_ARG2  offsetof(struct user_pt_regs, regs[1])
#endif
#define RECORD_ARG2                                                                             \
	24 /* offset in the record of a sys_enter_* tracepoint, after the common fields, nr and \
	      args[0] */

/* include/uapi/linux/bpf.h; older headers lack the newest helpers */
#define FUNC_KTIME_GET_BOOT_NS	 125
#define FUNC_KTIME_GET_COARSE_NS 160

/*
 * The control: a chain of additions, one machine instruction each after the JIT, so that its cost
 * is known beforehand.
 */
static void emit_control(struct code *c, const struct repeat *r)
{
	(void)r;
	for (int i = 0; i < CONTROL_ADDITIONS; i++)
		code_put(c, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_0, BPF_REG_0, 0, 0);
}

/* Calls a helper that takes no arguments. */
static void emit_call(struct code *c, const struct repeat *r)
{
	code_call(c, r->call);
}

static void emit_lookup(struct code *c, const struct repeat *r)
{
	code_store_imm(c, BPF_W, BPF_REG_10, STACK_KEY, (int)r->key);
	code_move(c, BPF_REG_2, BPF_REG_10);
	code_add(c, BPF_REG_2, STACK_KEY);
	code_map(c, BPF_REG_1, r->map_fd);
	code_call(c, BPF_FUNC_map_lookup_elem);
}

/*
 * What a program is given, by context: whether the verifier knows the types, the offset of its
 * first word, and why the user's registers cannot be read.
 */
static const struct {
	bool typed;
	int word;
	const char *unread;
} contexts[] = {
#define ROW(ID, all, typed, word, unread) {typed, (int)(word), unread},
	CONTEXTS(ROW)
#undef ROW
};

/* BPF_PROG_TEST_RUN passes the arguments of a raw tracepoint. */
static enum context context_of(int host_program)
{
	return host_program == HOST_PROGRAM_TEST_RUN ? CONTEXT_RAW_SYSCALLS
						     : hook_rows[host_program].context;
}

static int context_word(int host_program)
{
	return contexts[context_of(host_program)].word;
}

static void emit_arg_context(struct code *c, const struct repeat *r)
{
	code_load(c, BPF_REG_2, R_CTX, context_word(r->host_program));
}

static void emit_arg_direct(struct code *c, const struct repeat *r)
{
	code_load(c, BPF_REG_2, R_CTX, context_word(r->host_program));
	code_load(c, BPF_REG_2, BPF_REG_2, (int)REGS_ARG2);
}

static void emit_arg_probe_read(struct code *c, const struct repeat *r)
{
	code_load(c, BPF_REG_3, R_CTX, context_word(r->host_program));
	code_add(c, BPF_REG_3, (int)REGS_ARG2);
	code_move(c, BPF_REG_1, BPF_REG_10);
	code_add(c, BPF_REG_1, STACK_WORD);
	code_set(c, BPF_REG_2, 8);
	code_call(c, BPF_FUNC_probe_read_kernel);
}

static void emit_comm(struct code *c, const struct repeat *r)
{
	(void)r;
	code_move(c, BPF_REG_1, BPF_REG_10);
	code_add(c, BPF_REG_1, STACK_COMM);
	code_set(c, BPF_REG_2, COMM_BYTES);
	code_call(c, BPF_FUNC_get_current_comm);
}

static void emit_count_drop(struct code *c, const struct repeat *r)
{
	code_map_value(c, BPF_REG_1, r->counts_fd, offsetof(struct send_counts, dropped));
	code_set(c, BPF_REG_2, 1);
	code_put(c, BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_1, BPF_REG_2, 0, BPF_ADD);
}

static void emit_record(struct code *c, const struct repeat *r, int dst)
{
	size_t at = offsetof(struct send_counts, records) +
		    (size_t)helper_record(r->size) * sizeof(((struct send_counts *)0)->records[0]);

	code_map_value(c, dst, r->counts_fd, (int)at);
}

/*
 * Puts the wakeup flag into a register. For one wakeup in WAKE_SAMPLE_EVERY events, the count that
 * the map keeps decides.
 */
static void emit_wake(struct code *c, const struct repeat *r, int dst)
{
	size_t often;

	if (r->wake != WAKE_SAMPLED) {
		code_set(c, dst, r->wake == WAKE_NEVER ? BPF_RB_NO_WAKEUP : 0);
		return;
	}
	code_map_value(c, BPF_REG_8, r->counts_fd, offsetof(struct send_counts, sent));
	code_load(c, BPF_REG_9, BPF_REG_8, 0);
	code_add(c, BPF_REG_9, 1);
	code_store(c, BPF_REG_8, 0, BPF_REG_9);
	code_set(c, dst, BPF_RB_NO_WAKEUP);
	often = code_jump(c, BPF_JSET, BPF_REG_9, WAKE_SAMPLE_EVERY - 1);
	code_set(c, dst, BPF_RB_FORCE_WAKEUP);
	code_land(c, often);
}

static void emit_perf(struct code *c, const struct repeat *r)
{
	size_t sent;

	code_move(c, BPF_REG_1, R_CTX);
	code_map(c, BPF_REG_2, r->map_fd);
	code_set32(c, BPF_REG_3, -1); /* BPF_F_CURRENT_CPU */
	emit_record(c, r, BPF_REG_4);
	code_set(c, BPF_REG_5, (int)r->size);
	code_call(c, BPF_FUNC_perf_event_output);
	sent = code_jump(c, BPF_JEQ, BPF_REG_0, 0);
	emit_count_drop(c, r);
	code_land(c, sent);
}

static void emit_ringbuf_output(struct code *c, const struct repeat *r)
{
	size_t sent;

	code_map(c, BPF_REG_1, r->map_fd);
	emit_record(c, r, BPF_REG_2);
	code_set(c, BPF_REG_3, (int)r->size);
	emit_wake(c, r, BPF_REG_4);
	code_call(c, BPF_FUNC_ringbuf_output);
	sent = code_jump(c, BPF_JEQ, BPF_REG_0, 0);
	emit_count_drop(c, r);
	code_land(c, sent);
}

/* Reserves a record, writes its first word, submits or discards it. A failed reserve is counted. */
static void emit_reserve(struct code *c, const struct repeat *r)
{
	size_t none, done;

	code_map(c, BPF_REG_1, r->map_fd);
	code_set(c, BPF_REG_2, (int)r->size);
	code_set(c, BPF_REG_3, 0);
	code_call(c, BPF_FUNC_ringbuf_reserve);
	none = code_jump(c, BPF_JEQ, BPF_REG_0, 0);
	code_move(c, R_RECORD, BPF_REG_0);
	code_store_imm(c, BPF_DW, R_RECORD, 0, SEND_MARKED((int)r->size));
	emit_wake(c, r, BPF_REG_2);
	code_move(c, BPF_REG_1, R_RECORD);
	code_call(c, r->call);
	done = code_jump(c, BPF_JA, 0, 0);
	code_land(c, none);
	emit_count_drop(c, r);
	code_land(c, done);
}

#define ENTRIES                 \
	{                       \
		16, 1024, 65536 \
	}
#define BYTES                    \
	{                        \
		16, 40, 128, 512 \
	}

const unsigned int send_sizes[SEND_SIZES] = BYTES;

const struct helper helpers[] = {
	{"control", "32 additions, each waiting for the one before: what it must cost is known",
	 .emit = emit_control},
	{"get_current_pid_tgid", "bpf_get_current_pid_tgid()", .emit = emit_call,
	 .call = BPF_FUNC_get_current_pid_tgid},
	{"lookup_hit", "bpf_map_lookup_elem() in a full hash, the same key each time: found",
	 .emit = emit_lookup, .sizes = ENTRIES, .map_type = BPF_MAP_TYPE_HASH},
	{"lookup_miss", "the same: not found", .emit = emit_lookup, .sizes = ENTRIES,
	 .map_type = BPF_MAP_TYPE_HASH, .missing = 1},
	{"percpu_lookup_hit", "bpf_map_lookup_elem() in a full per-CPU hash: found",
	 .emit = emit_lookup, .sizes = {1024}, .map_type = BPF_MAP_TYPE_PERCPU_HASH},
	{"array_lookup", "bpf_map_lookup_elem() in an array, which the verifier inlines",
	 .emit = emit_lookup, .sizes = {1024}, .map_type = BPF_MAP_TYPE_ARRAY},
	{"arg_context", "a word of the program's own context", .emit = emit_arg_context},
	{"arg_probe_read",
	 "the syscall's second argument behind the wrapper's pt_regs, by bpf_probe_read_kernel()",
	 .emit = emit_arg_probe_read},
	{"arg_direct", "the same by two loads, which BTF-typed hooks may do",
	 .emit = emit_arg_direct},
	{"ktime_get_ns", "bpf_ktime_get_ns()", .emit = emit_call, .call = BPF_FUNC_ktime_get_ns},
	{"ktime_get_boot_ns", "bpf_ktime_get_boot_ns()", .emit = emit_call,
	 .call = FUNC_KTIME_GET_BOOT_NS},
	{"ktime_get_coarse_ns", "bpf_ktime_get_coarse_ns()", .emit = emit_call,
	 .call = FUNC_KTIME_GET_COARSE_NS},
	{"get_current_comm", "bpf_get_current_comm(), 16 bytes", .emit = emit_comm},
	{"perf_event_output", "bpf_perf_event_output() of bytes that are there already",
	 .emit = emit_perf, .sizes = BYTES, .output = OUTPUT_PERF},
	{"ringbuf_submit", "bpf_ringbuf_reserve(), one word written, bpf_ringbuf_submit()",
	 .emit = emit_reserve, .call = BPF_FUNC_ringbuf_submit, .sizes = BYTES,
	 .output = OUTPUT_RINGBUF},
	{"ringbuf_output", "bpf_ringbuf_output() of bytes that are there already",
	 .emit = emit_ringbuf_output, .sizes = BYTES, .output = OUTPUT_RINGBUF},
	{"ringbuf_discard", "bpf_ringbuf_reserve(), one word written, bpf_ringbuf_discard()",
	 .emit = emit_reserve, .call = BPF_FUNC_ringbuf_discard, .sizes = BYTES,
	 .output = OUTPUT_RINGBUF, .discards = 1},
};
const size_t helpers_count = sizeof(helpers) / sizeof(helpers[0]);

int helper_record(unsigned int bytes)
{
	for (int i = 0; i < SEND_SIZES; i++)
		if (send_sizes[i] == bytes)
			return i;
	return -1;
}

const char *helper_refused(const struct helper *helper, int host_program)
{
	enum context context = context_of(host_program);

	if (helper->emit == emit_arg_direct && !contexts[context].typed)
		return "only a BTF-typed hook (tp_btf, fentry, fexit) may follow the pointer";
	if (helper->emit != emit_arg_probe_read)
		return NULL;
	if (host_program == HOST_PROGRAM_TEST_RUN)
		return "test_run hands over numbers: there are no registers to read";
	return contexts[context].unread;
}

void helper_size_text(const struct helper *helper, unsigned int size, char *text, size_t len)
{
	if (size)
		snprintf(text, len, "%u %s", size, helper->map_type ? "entries" : "bytes");
	else
		snprintf(text, len, "-");
}

void helper_code(const struct helper *helper, const struct repeat *r, struct code *code)
{
	struct repeat one = *r;

	one.call = helper->call;
	code->n = 0;
	/*
	 * every program uses the same registers and stack, so that the JIT's prologue is the same
	 * in all
	 */
	code_move(code, R_CTX, BPF_REG_1);
	for (int reg = R_RECORD; reg <= BPF_REG_9; reg++)
		code_set(code, reg, 0);
	for (int at = STACK_COMM; at < 0; at += 8)
		code_store_imm(code, BPF_DW, BPF_REG_10, at, 0);
	code_set(code, BPF_REG_0, 1);
	for (unsigned int i = 0; i < r->times; i++)
		helper->emit(code, &one);
	code_exit(code);
}
