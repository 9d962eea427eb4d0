/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/record_fields.h"
#include "reports/record_rows.h"

/* NOLINTBEGIN(bugprone-macro-parentheses): parts of a structure cannot stand in parentheses */
#define WITHIN_CELL(part, member) \
	(offsetof(struct record_cell, part.member) - offsetof(struct record_cell, part))
#define COUNT(part, member)                                                            \
	{                                                                              \
		.key = #member, .type = FIELD_U64, .offset = WITHIN_CELL(part, member) \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

const struct field record_effect_fields[] = {
	DOUBLE(struct effect, value),
	DOUBLE(struct effect, lo),
	DOUBLE(struct effect, hi),
	{.key = NULL},
};

static const struct field distribution_fields[] = {
	DOUBLE(struct distribution, typical), DOUBLE(struct distribution, mean),
	DOUBLE(struct distribution, p50),     DOUBLE(struct distribution, p90),
	DOUBLE(struct distribution, p99),     DOUBLE(struct distribution, p999),
	DOUBLE(struct distribution, max),     {.key = NULL},
};

static const struct field overhead_fields[] = {
	EFFECT(struct overhead, typical),
	EFFECT(struct overhead, mean),
	EFFECT(struct overhead, p50),
	EFFECT(struct overhead, p90),
	EFFECT(struct overhead, p99),
	EFFECT(struct overhead, p999),
	{.key = NULL},
};

static const struct field spread_fields[] = {
	DOUBLE(struct load_spread, p10),
	DOUBLE(struct load_spread, p90),
	PLAIN(FIELD_SIZE, struct load_spread, loads),
	{.key = NULL},
};

static const struct field mode_fields[] = {
	DOUBLE(struct load_mode, value),
	DOUBLE(struct load_mode, share),
	{.key = NULL},
};

const struct field record_counter_fields[] = {
	PLAIN(FIELD_NAME, struct counter_value, name),
	OPTIONAL(FIELD_STRING, struct counter_value, event),
	EFFECT(struct counter_value, per_call),
	OPTIONAL(FIELD_EFFECT, struct counter_value, baseline),
	PLAIN(FIELD_STRING, struct counter_value, reason),
	{.key = NULL},
};

static const struct field hits_fields[] = {
	COUNT(hits, expected),
	COUNT(hits, counted),
	{.key = NULL},
};

const struct field record_events_fields[] = {
	COUNT(events, produced),     COUNT(events, received), COUNT(events, lost),
	COUNT(events, lost_records), COUNT(events, wakeups),  {.key = NULL},
};

const struct field record_program_fields[] = {
	COUNT(program, verified_insns),
	COUNT(program, xlated_bytes),
	COUNT(program, jited_bytes),
	COUNT(program, stack_bytes),
	COUNT(program, verify_us),
	COUNT(program, load_us),
	{.key = NULL},
};

#define WORD(member)                                                                      \
	{                                                                                 \
		.key = #member, .type = FIELD_STRING, .offset = WITHIN_CELL(data, member) \
	}
static const struct field data_fields[] = {
	WORD(length), WORD(pid), WORD(tgid), WORD(order), WORD(note), {.key = NULL},
};
#undef WORD
const struct field record_reader_fields[] = {
	PLAIN(FIELD_STRING, struct record_reader, wake),
	PLAIN(FIELD_UINT, struct record_reader, every),
	PLAIN(FIELD_UINT, struct record_reader, every_bytes),
	PLAIN(FIELD_STRING, struct record_reader, wait),
	DOUBLE(struct record_reader, interval_ms),
	{.key = NULL},
};

const struct field record_cell_fields[] = {
	PLAIN(FIELD_NAME, struct record_cell, id),
	PLAIN(FIELD_NAME, struct record_cell, variant),
	PLAIN(FIELD_NAME, struct record_cell, hook),
	PLAIN(FIELD_NAME, struct record_cell, body),
	PLAIN(FIELD_NAME, struct record_cell, trigger),
	PLAIN(FIELD_NAME, struct record_cell, drain),
	PLAIN(FIELD_NAME, struct record_cell, cache),
	PLAIN(FIELD_STATUS, struct record_cell, status),
	PLAIN(FIELD_STRING, struct record_cell, reason),
	PLAIN(FIELD_UNIT, struct record_cell, unit),
	PLAIN(FIELD_U64, struct record_cell, n),
	PLAIN(FIELD_U64, struct record_cell, migrated),
	OPTIONAL(FIELD_U64, struct record_cell, censored),
	OPTIONAL_OBJECT(struct record_cell, reader, record_reader_fields),
	PLAIN(FIELD_UINT, struct record_cell, rounds),
	PLAIN(FIELD_SIZE, struct record_cell, calls_per_round),
	PLAIN(FIELD_STRING, struct record_cell, mechanism),
	OBJECT(struct record_cell, hits, hits_fields),
	PLAIN(FIELD_STRING, struct record_cell, baseline_id),
	OBJECT(struct record_cell, baseline, distribution_fields),
	OBJECT(struct record_cell, arm, distribution_fields),
	OBJECT(struct record_cell, overhead, overhead_fields),
	OPTIONAL(FIELD_DOUBLE, struct record_cell, contended_share),
	OPTIONAL(FIELD_EFFECT, struct record_cell, uncontended),
	OPTIONAL(FIELD_EFFECT, struct record_cell, contended),
	OPTIONAL(FIELD_EFFECT, struct record_cell, cycles),
	OPTIONAL(FIELD_STRING, struct record_cell, stratum),
	OPTIONAL(FIELD_STRING, struct record_cell, strata_note),
	{.key = "spread",
	 .type = FIELD_OBJECT,
	 .optional = true,
	 .offset = offsetof(struct record_cell, spread),
	 .sub = spread_fields},
	ROWS(struct record_cell, modes, struct load_mode, mode_fields),
	OPTIONAL(FIELD_UINT, struct record_cell, workers),
	OPTIONAL(FIELD_STRING, struct record_cell, interval_over),
	{.key = "data",
	 .type = FIELD_OBJECT,
	 .offset = offsetof(struct record_cell, data),
	 .sub = data_fields,
	 .optional = true},
	OPTIONAL(FIELD_EFFECT, struct record_cell, p99_bound),
	OPTIONAL(FIELD_EFFECT, struct record_cell, p99_least),
	PLAIN(FIELD_STRING, struct record_cell, samples),
	OPTIONAL(FIELD_STRING, struct record_cell, baseline_samples),
	{.key = NULL},
};

static const struct field host_fields[] = {
	PLAIN(FIELD_STRING, struct record_host, kernel),
	PLAIN(FIELD_STRING, struct record_host, arch),
	PLAIN(FIELD_STRING, struct record_host, cpu),
	PLAIN(FIELD_UINT, struct record_host, cpus),
	PLAIN(FIELD_STRING, struct record_host, virtualization),
	PLAIN(FIELD_STRING, struct record_host, mitigations),
	PLAIN(FIELD_STRING, struct record_host, cmdline),
	DOUBLE(struct record_host, tsc_hz),
	DOUBLE(struct record_host, tsc_hz_rel_err),
	DOUBLE(struct record_host, tsc_quantum),
	OPTIONAL(FIELD_STRING, struct record_host, clocksource),
	PLAIN(FIELD_BOOL, struct record_host, btf),
	PLAIN(FIELD_BOOL, struct record_host, jit),
	PLAIN(FIELD_BOOL, struct record_host, pmu),
	PLAIN(FIELD_STRING, struct record_host, pmu_name),
	{.key = NULL},
};

static const struct field placement_fields[] = {
	PLAIN(FIELD_INT, struct record_placement, measure_cpu),
	PLAIN(FIELD_INT, struct record_placement, drain_cpu),
	PLAIN(FIELD_STRING, struct record_placement, reason),
	OPTIONAL(FIELD_STRING, struct record_placement, measure_idle),
	OPTIONAL(FIELD_STRING, struct record_placement, drain_idle),
	{.key = NULL},
};

const struct field record_top_fields[] = {
	PLAIN(FIELD_STRING, struct record, created),
	STRINGS(struct record, argv),
	PLAIN(FIELD_STRING, struct record, suite),
	PLAIN(FIELD_U64, struct record, seed),
	PLAIN(FIELD_BOOL, struct record, partial),
	OBJECT(struct record, host, host_fields),
	OBJECT(struct record, placement, placement_fields),
	STRINGS(struct record, degraded),
	OBJECT(struct record, floor, distribution_fields),
	ROWS(struct record, slopes, struct slope, slope_fields),
	ROWS(struct record, event_points, struct event_point, event_point_fields),
	ROWS(struct record, knees, struct knee, knee_fields),
	ROWS(struct record, app_results, struct app_result, app_result_fields),
	ROWS(struct record, evictions, struct eviction, eviction_fields),
	ROWS(struct record, crosschecks, struct crosscheck, crosscheck_fields),
	ROWS(struct record, conditions, struct round_conditions, round_conditions_fields),
	{.key = NULL},
};
