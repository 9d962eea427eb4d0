/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_rows: what suites measure that is no result: prices of helpers, points of an event sweep,
 * what programs felt, what other tools said. Each kind is a structure, its table of members
 * (record_rows.c) and an array in struct record.
 *
 * Append with record_add_NAME (empty: numbers NAN or 0, strings NULL; the pointer is good until the
 * next one is added), fill in with malloc'ed strings, record_write. A string that is commented
 * "never null" must be set.
 */
#ifndef BPFTOLL_REPORTS_RECORD_RECORD_ROWS_H
#define BPFTOLL_REPORTS_RECORD_RECORD_ROWS_H

#include "reports/record/record.h"

/* One program of a slope: the helper called so many times. */
struct slope_point {
	unsigned int repeats;
	struct effect cost;	/* over the baseline, in the slope's unit */
	struct effect residual; /* cost minus the fitted line */
};

/* One helper's price: cost against repetitions (suite helpers). */
struct slope {
	char *id;			 /* host program/helper/size/wakeup/cache; never null */
	char *host_program;		 /* the hook that ran it, or "test_run"; never null */
	char *helper;			 /* row of the list of helpers; never null */
	char *size;			 /* "1024 entries", "40 bytes" or "-"; never null */
	char *workload, *wakeup, *cache; /* as in a result; never null */
	enum result_status status;
	char *reason;
	enum unit unit;
	unsigned int rounds;
	unsigned int copies; /* loads of each program a round; 0: not noted */
	struct effect slope; /* of one call more */
	struct effect first; /* of the first call: one call minus none; NAN: not noted */
	struct effect intercept;
	double contended_share; /* of the loads beside a neighbour on the core's other hardware
				   thread, 0 to 1; NAN: not told */
	bool alone;		/* the price is of the others only */
	double placement; /* sd of the price from load to load; NAN: not noted, or not to be told
			     from noise */
	char *common; /* what all rows of a kind had in common in a round, and was taken off: shift
			 or factor; NULL: nothing */
	bool nonlinear;	    /* the residuals are more than chance: slope is not a price */
	double nonlinear_p; /* how likely such residuals are by chance; NAN: not tested */
	char *note;	    /* what explains that */
	struct slope_point *points;
	size_t n_points;
};

/* One rate (or burst, or policy) with one probe, or with none (suite events). */
struct event_point {
	char *id;	/* scenario/variant/workload/wakeup/policy/rate…, unique; never null */
	char *scenario; /* sweep, burst, stopped, same_cpu, buffer, contention, wakeup, flood; never
			   null */
	char *variant, *hook, *body; /* as in a result, "none" without a probe; never null */
	char *workload, *wakeup;     /* never null */
	char *policy; /* wakeup and poll policy, "-" where there is one only; never null */
	struct record_reader reader;
	enum result_status status;
	char *reason;
	bool saturated; /* the target rate was out of reach: rate_achieved is what went */
	double rate_target, rate_achieved; /* calls a second, of all producers */
	struct effect throughput; /* events received a second, where that is the question */
	double seconds;
	unsigned int producers;
	uint64_t buffer_bytes; /* of one ring, or of one CPU's perf buffer */
	uint64_t memory_bytes; /* of all (perf: one for every CPU), with the kernel's own pages */
	uint64_t burst;	       /* calls back to back; 0: evenly spread */
	uint64_t calls, produced, received;
	uint64_t lost_full, lost_records,
		lost_missed; /* lost_full + lost_missed = produced - received */
	uint64_t wakeups;
	double start_delay_p50, start_delay_p99, start_delay_max; /* ns late against the schedule */
	struct effect call_p50, call_p99, call_p999;		  /* ns, from the call */
	struct effect due_p50, due_p99, due_p999;		  /* ns, from the due time */
	struct effect overhead; /* ns of CPU a call, over the same rate with no probe; typical */
	struct effect producer_cpu, consumer_cpu,
		machine_cpu; /* % of one CPU; machine: of all; probe's addition where there is a
				baseline */
	double steal_cpu;    /* % of the machine */
	double age_p50, age_p99, age_max; /* ns from the event's timestamp to the reader */
	double stopped_ms;		  /* how long the reader stood still; NAN: it did not */
	/*
	 * A window of its own, in which nothing is settled or emptied: what the loss of a
	 * configuration rests on (loss.h). exposure_s NAN: there was none. A stall: neighbouring
	 * slices of it in which events were lost.
	 */
	double exposure_s,
		buffer_fills; /* buffer_fills: events sent over events that the buffer holds */
	uint64_t exposure_produced, exposure_lost, stalls;
	struct effect stalls_per_s, exposure_loss; /* exposure_loss: % of these events (loss.h) */
	double recovered_ms; /* burst: from its end until all was read; stopped: from the reader's
				return to the last loss */
};

/* A break in a curve over the event rate. */
struct breakpoint {
	char *curve;	/* scenario/variant/workload/wakeup/policy; never null */
	char *quantity; /* overhead, cpu or loss; never null */
	bool found;	/* it bends for the worse, by Holm's test over all curves of the record */
	double p;	/* how likely such a bend for the worse is by chance, in one curve; NAN: not
			   tested */
	struct effect rate; /* events a second; not found: value is the highest rate seen */
	double highest; /* the highest rate tested; NAN: a record from before bends had a direction
			 */
	struct effect slope_below, slope_above; /* per event a second */
};

/* One quantity of one program with one probe, against the same program without (suite apps). */
struct app_result {
	char *id;	 /* app/variant/monitored/quantity; never null */
	char *app;	 /* redis, postgres, python, node, sysbench, exec, pid; never null */
	char *scale;	 /* quick, full, …; never null */
	char *variant;	 /* "none" for the program alone, "none_again" for its null test; never null
			  */
	char *monitored; /* hit, miss or "-"; never null */
	char *quantity;	 /* throughput, latency_p99, munmap_per_s, …; never null */
	char *measure;	 /* its unit: "1/s", "ms", "%", …; never null */
	enum result_status status;
	char *reason;
	unsigned int windows; /* pairs */
	double window_s;
	struct effect baseline, value; /* without and with */
	struct effect change;	       /* % of the baseline, paired by window */
	struct effect predicted;       /* % by rate x price; NAN where there is none */
	double visible; /* smallest change in % that 4 runs in 5 would see; in older records every
			   other one */
	char *note;
};

/* One kind of thing that is evicted between cold calls (--cache cold), and the proof that it was.
 */
struct eviction {
	char *what;    /* data, instructions, branches; never null */
	char *how;     /* what is read and run between two calls, what it covers; never null */
	char *measure; /* what the figures are for: "a load", …; never null */
	double hot, evicted; /* ns: everything hot, and behind an eviction */
	double near, far;    /* ns, to compare with: from L2, from memory */
	double eviction;     /* ns that one takes */
	bool holds;	     /* the figures prove it */
	char *note;	     /* what they say */
};

/* What another tool says of a variant, beside what bpftoll says (suite crosscheck). */
struct crosscheck {
	char *id;		  /* variant/workload/tool; never null */
	char *variant, *workload; /* never null */
	char *tool;		  /* bpf_stats, bpftrace, perf_stat, perf_trace; never null */
	char *command;		  /* as run, or the sysctl that was set */
	char *quantity;		  /* what its figure is: "run_time_ns / run_cnt", …; never null */
	enum result_status status;
	char *reason;
	struct effect says;    /* ns a hit, the tool's */
	struct effect bpftoll; /* ns a hit, ours, of the same run */
	char *why;	       /* why they differ */
};

/* What one instruction, or a few that belong together, cost in user space (suite calibrate). */
struct instruction_price {
	char *id;      /* name/way; never null */
	char *name;    /* row of the list (kit/calibrate/price_loops.h); never null */
	char *summary; /* what it is, in words; never null */
	char *way; /* of branches: how this kernel makes them, "Safe RET"; else "-"; never null */
	enum result_status status;
	char *reason;
	unsigned int rounds;
	struct effect ns; /* of one more, in a loop of many */
	/* of one more between two lengths of the loop, the least and the greatest: where they are
	 * apart by more than chance (bent) there is no one price */
	struct effect between;
	bool bent;
	double contended_share; /* of the visits beside a neighbour on the core's other hardware
				   thread, 0 to 1; NAN: not told */
};

/* What else happened on the measuring CPU during one round of an experiment. */
struct round_conditions {
	char *workload; /* never null */
	char *cache;	/* NULL in older records: of any */
	unsigned int round;
	double seconds;
	double steal;		       /* % of the round that other guests took */
	uint64_t interrupts, switches; /* switches: involuntary, of the measuring thread */
	double frequency; /* running over TSC frequency (APERF/MPERF); NAN: not to be read */
	/* calib/neighbour.h, means over the round's readings; NAN: not read */
	double throughput_ticks, chain_ticks;
	double contended; /* share of the round's blocks beside a neighbour, 0 to 1; NAN: cannot be
			     told */
	double frequency_hz; /* of the core, from the chain */
};

struct slope *record_add_slope(struct record *to);
struct slope_point *slope_add_point(struct slope *to);
struct event_point *record_add_event_point(struct record *to);
struct breakpoint *record_add_breakpoint(struct record *to);
struct app_result *record_add_app_result(struct record *to);
struct eviction *record_add_eviction(struct record *to);
struct crosscheck *record_add_crosscheck(struct record *to);
struct instruction_price *record_add_instruction_price(struct record *to);
struct round_conditions *record_add_round_conditions(struct record *to);

/* Of a row whose kind has one; else NULL. fields: the kind's members (field.h). */
const enum result_status *record_row_status(const void *row, const struct field *fields);

/* Measured rows of all kinds. */
size_t record_rows_measured(const struct record *rec);

/* Is anything measured of what was asked for: a probe's result, or a row of another kind? */
bool record_has_figures(const struct record *rec);

#endif
