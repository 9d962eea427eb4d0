/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record: one run's results, and the file that keeps them.
 *
 * A run directory holds record.json and, for each measured result, its raw readings in samples/.
 * record_new -> record_add_result … -> record_write (after every result) -> record_free; a reader
 * calls record_read -> record_free. Everything a command shows comes from here, never from the
 * harness. Strings are owned by the record (malloc'ed); NULL means "not known". A double that is
 * not known is NAN and is written as null.
 */
#ifndef BPFTOLL_REPORTS_RECORD_RECORD_H
#define BPFTOLL_REPORTS_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "reports/record/field.h"
#include "reports/stats/effect.h"

#include "calib/error.h"

#define RECORD_SCHEMA "bpftoll/1"

enum result_status { RESULT_MEASURED, RESULT_SKIPPED, RESULT_INVALID };
enum unit { UNIT_NS, UNIT_INSTRUCTIONS };

/* What one configuration's windows read, the empty window's cost taken off. In the record's unit.
 */
struct distribution {
	double typical, mean, p50, p90, p99, p999, max;
};

/* Arm minus the baseline of the same round. */
struct overhead {
	struct effect typical, mean, p50, p90, p99, p999;
};

/* What one load of the program costs, of `loads` that were measured (loads.h). In the record's
 * unit. */
struct load_spread {
	double p10, p90; /* NAN: too few loads to tell */
	size_t loads;
};

/* A group of loads that cost about the same, and how large a part of all it is (0..1). */
struct load_mode {
	double value, share;
};

/* A hardware or software counter, per call, over the baseline. */
struct counter_value {
	char *name;
	char *event; /* libpfm4's name of what was counted; NULL in older records */
	struct effect per_call;
	struct effect baseline; /* per call, with nothing attached */
	char *reason;		/* set when it could not be counted */
};

/*
 * How an event was read: when the program or the perf buffer wakes the reader, and how the
 * reader waits. wake NULL: no event is sent, or an older record, which does not say.
 */
struct record_reader {
	char *wake;		  /* default, never, every, force */
	unsigned int every;	  /* every: events from one wakeup to the next */
	unsigned int every_bytes; /* the same in bytes, of a perf buffer */
	char *wait;		  /* none, caller, edge, level, poll, spin */
	double interval_ms;	  /* the reader looks after so long without a wakeup; NAN: never */
};

struct record_result {
	char *id; /* variant/workload/wakeup/cache */
	char *variant, *hook, *body, *workload, *wakeup, *cache;
	enum result_status status;
	char *reason; /* why skipped or invalid */
	enum unit unit;
	uint64_t n;	   /* calls timed and kept */
	uint64_t migrated; /* calls kept apart: TSC_AUX changed inside the timed region */
	uint64_t censored; /* calls left out: the reader was still awake after 2 ms */
	struct record_reader reader;
	unsigned int rounds;
	char *mechanism; /* ftrace, optimized, int3, trampoline, tracepoint, raw tracepoint, … */
	struct result_hits {
		uint64_t expected, counted;
	} hits;
	char *baseline_id;	      /* the result it was compared with; NULL for a baseline */
	struct distribution baseline; /* of the baseline configuration it was compared with */
	struct distribution config;
	struct overhead overhead;
	/* strata.h; a neighbour is one on the core's other hardware thread. NAN, NULL: not known */
	double contended_share;	   /* of the rounds, those contended in part with them */
	struct effect uncontended; /* typical, over workers: of the core alone */
	struct effect contended;   /* the same of rounds in which both blocks had a neighbour */
	struct effect cycles; /* in core cycles: of the core alone if that is estimated, else of all
				 rounds */
	char *stratum;	      /* "uncontended": overhead is of those rounds alone; NULL: of all */
	char *strata_note;    /* what is withheld, and why */
	struct load_spread spread; /* of the effect, from load to load */
	struct load_mode *modes;   /* from the cheapest up; none in older records */
	size_t n_modes;
	unsigned int workers; /* processes that timed it; 0 in older records: one */
	char *interval_over;  /* "worker processes" or "rounds"; NULL in older records: rounds */
	/*
	 * What the p99 of the cost can be, whatever the dependence of cost and call (p99_bound.h):
	 * at most and at least. NAN in older records.
	 */
	struct effect p99_bound, p99_least;
	struct counter_value *counters;
	size_t n_counters;
	struct result_events {
		bool present;
		uint64_t produced, received, lost, lost_records, wakeups;
	} events;
	/* Of a program that is not ours: runs and events of a call, bytes of an event. */
	struct result_foreign {
		bool present;
		char *program, *section; /* section: where it is attached */
		double runs, events, event_bytes;
		bool refused; /* skipped since it cannot be loaded or attached */
	} foreign;
	struct result_program {
		bool present;
		/* 0: the kernel does not say; a stack of 0 is one where verify_us is not 0 */
		uint64_t verified_insns, xlated_bytes, jited_bytes, stack_bytes, verify_us, load_us;
	} program;
	/*
	 * The instructions that the probe adds to one call, by class: of a single-stepped call with
	 * it less one without, exactly (bpftoll lab --features). A class is exclusive but for the
	 * last three. A thunk of a mitigation counts as the branch that it stands for, so that the
	 * counts are the same whatever the guest's mitigations; its own instructions are apart.
	 */
	struct result_features {
		bool present;
		double instructions; /* the sum of the exclusive classes */
		double plain, load, store, condition, jump, call, indirect, returns, atomic, clock;
		double flags, user_access, serialise, cr3, trap, repeat, thunk, unknown;
		/* conditional branches taken; indirect branches by a retpoline; returns by a thunk
		 */
		double taken, retpoline, return_thunk;
	} features;
	/* What its events say (data_table.h): "right" or "wrong"; all NULL: not checked, or it
	 * sends none. */
	struct result_data {
		char *length, *pid, *tgid, *order;
		char *note; /* what is wrong, and what stands there instead */
	} data;
	/* Of a run that ended when its intervals were narrow (stopping.h). */
	struct result_precision {
		bool present;
		double target; /* half-width of overhead.typical that was asked for */
		bool reached;
	} precision;
	char *samples; /* file name below samples/, NULL when none was kept */
	/* of the baseline it was compared with; NULL: "before-" and samples (records before 0.2) */
	char *baseline_samples;
	size_t calls_per_round;
};

struct record_host {
	char *kernel, *arch, *cpu, *virtualization, *mitigations, *cmdline;
	unsigned int cpus;
	double tsc_hz, tsc_hz_rel_err, tsc_quantum; /* Hz, ratio (of reading only), ticks */
	char *clocksource; /* what the kernel's own clock is made from; NULL: not recorded */
	/* which machine of its type, and which boot of it (boot_id); NULL: not recorded */
	char *node, *boot;
	char *microcode,
		*firmware; /* as the kernel names them; NULL: it does not, or not recorded */
	/* a name for the kernel's configuration: FNV-1a with 128 bits; NULL: not to be read, or not
	 * recorded */
	char *kernel_config;
	bool btf, jit, pmu;
	char *pmu_name;
};

struct record_placement {
	int measure_cpu, reader_cpu; /* -1: none */
	char *reason;
	char *measure_idle,
		*probe_reader_idle; /* how deep each may sleep, in words; NULL: not recorded */
};

struct record {
	char *version, *commit; /* of the program that wrote it; NULL: before it said so */
	char *created;		/* ISO 8601, UTC */
	char **argv;
	size_t n_argv;
	char *suite;
	uint64_t seed;
	struct record_precision {
		bool present;
		double value; /* half-width asked for: ns, or a part of each row's own value */
		bool relative;
		double widened; /* what all half-widths were multiplied by for it */
	} precision;
	bool partial; /* the run was stopped before its plan was done */
	struct record_host host;
	struct record_placement placement;
	char **warnings;
	size_t n_warnings;
	struct distribution floor; /* the timer overhead: of an empty timed region */
	struct record_result **results;
	size_t n_results;
	/* record_rows.h */
	struct slope *slopes;
	size_t n_slopes;
	struct event_point *event_points;
	size_t n_event_points;
	struct breakpoint *breakpoints;
	size_t n_breakpoints;
	struct app_result *app_results;
	size_t n_app_results;
	struct eviction *evictions;
	size_t n_evictions;
	struct crosscheck *crosschecks;
	size_t n_crosschecks;
	struct instruction_price *instruction_prices;
	size_t n_instruction_prices;
	struct round_conditions *conditions;
	size_t n_conditions;
};

/* An empty record, created now; NULL when memory is out. */
struct record *record_new(void);
void record_free(struct record *rec);

/* Appends a result, every number NAN or 0, and names it from its parts (copied). NULL: out of
 * memory. */
struct record_result *record_add_result(struct record *rec, const char *variant, const char *hook,
					const char *body, const char *workload, const char *wakeup,
					const char *cache);
/* Takes the results from the from'th on away again. */
void record_drop_results(struct record *rec, size_t from);

/* One result's events more in a sum. */
void result_events_add(struct result_events *sum, const struct result_events *more);

const struct record_result *record_find_result(const struct record *rec, const char *id);

/* Appends a reason (printf format) to rec->warnings, once: the same words twice are kept once. */
int record_add_warning(struct record *rec, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Writes DIR/record.json through a temporary name and rename, fsynced: on a full disk the old file
 * survives. DIR exists. Returns 0 or -errno with the reason in why.
 */
int record_write(const struct record *rec, const char *dir, struct error *why);

/*
 * Reads DIR/record.json, or the file itself when the path names one. An unknown schema, a missing
 * or mistyped member, a number out of range and truncation are refused: -EINVAL and in why the
 * first fault with its place ("record.json: cells[3].overhead.mean.lo: not a number", "… line 12,
 * column 3: …").
 */
int record_read(const char *path, struct record **out, struct error *why);

/*
 * The file beside record.json that has what is known of complete rounds, as long as their run goes
 * on. Has dir one whose run is gone?
 */
#define RECORD_LOG "checkpoint"
bool record_is_orphan(const char *dir);

/*
 * What a lost run of a campaign left is renamed to NAME.lost-N, since the run is made again as
 * NAME. Is name (without its folder) one of these? Who looks for records leaves them out.
 */
#define RECORD_LOST ".lost-"
bool record_is_lost(const char *name);

/* The same from memory; name is used in messages. For tests and the fuzzer. */
int record_parse(const char *text, size_t len, const char *name, struct record **out,
		 struct error *why);

/* The whole record as JSON, to be released with json_decref; NULL when memory is out. */
struct json_t *record_to_json(const struct record *rec);

/* One structure of it by its table, the same way. */
struct json_t *record_row_to_json(const void *row, const struct field *fields);

/* The members of record.json (field.h). */
extern const struct field record_effect_fields[], record_result_fields[], record_top_fields[];

/* The words of units and statuses in the order of their enumerations; NULL ends them. */
extern const char *const record_units[], *const record_statuses[];

/* More than these is no run of ours: a guard against files made to exhaust memory. */
#define RECORD_MAX_BYTES    (64U << 20)
#define RECORD_MAX_RESULTS  8192U
#define RECORD_MAX_STRINGS  4096U
#define RECORD_MAX_COUNTERS 256U
#define RECORD_MAX_ROWS	    65536U

const char *unit_name(enum unit unit);			   /* "ns", "instructions" */
const char *result_status_name(enum result_status status); /* "measured", "skipped", "invalid" */

#endif
