/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/record/field.h"
#include "reports/record/record_rows.h"

/* A table is of the structure OF; a member's name is its key. */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type and a member cannot stand in parentheses */
/* text: the key in the file, where the code has another name for it */
#define FIELD(text, kind, member) .key = (text), .type = (kind), .offset = offsetof(OF, member)
#define MEMBER(kind, member)	  FIELD(#member, kind, member)
#define NAME(member)		  MEMBER(FIELD_NAME, member)
#define STRING(member)		  MEMBER(FIELD_STRING, member)
#define U64(member)		  MEMBER(FIELD_U64, member)
#define SIZE(member)		  MEMBER(FIELD_SIZE, member)
#define UINT(member)		  MEMBER(FIELD_UINT, member)
#define INT(member)		  MEMBER(FIELD_INT, member)
#define BOOL(member)		  MEMBER(FIELD_BOOL, member)
#define DOUBLE(member)		  MEMBER(FIELD_DOUBLE, member)
#define EFFECT(member)		  MEMBER(FIELD_EFFECT, member)
#define STATUS(member)		  MEMBER(FIELD_STATUS, member)
#define UNIT(member)		  MEMBER(FIELD_UNIT, member)
#define STRINGS(member)		  MEMBER(FIELD_STRINGS, member), .count = offsetof(OF, n_##member)
#define OBJECT(member, table)	  MEMBER(FIELD_OBJECT, member), .sub = (table)
#define PART(member, table) \
	MEMBER(FIELD_PART, member), .sub = (table), .count = offsetof(OF, member.present)
#define ROWS(member, row, table)                                                       \
	MEMBER(FIELD_ROWS, member), .sub = (table), .count = offsetof(OF, n_##member), \
				    .size = sizeof(row), .most = RECORD_MAX_ROWS, .optional = true
/* NOLINTEND(bugprone-macro-parentheses) */
#define LATER .optional = true
#define END                 \
	{                   \
		.key = NULL \
	}

#define OF struct effect
const struct field record_effect_fields[] = {{DOUBLE(value)}, {DOUBLE(lo)}, {DOUBLE(hi)}, END};
#undef OF

#define OF struct distribution
static const struct field distribution_fields[] = {
	{DOUBLE(typical)}, {DOUBLE(mean)}, {DOUBLE(p50)}, {DOUBLE(p90)},
	{DOUBLE(p99)},	   {DOUBLE(p999)}, {DOUBLE(max)}, END,
};
#undef OF

#define OF struct overhead
static const struct field overhead_fields[] = {
	{EFFECT(typical)}, {EFFECT(mean)}, {EFFECT(p50)}, {EFFECT(p90)},
	{EFFECT(p99)},	   {EFFECT(p999)}, END,
};
#undef OF

#define OF struct load_spread
static const struct field spread_fields[] = {{DOUBLE(p10)}, {DOUBLE(p90)}, {SIZE(loads)}, END};
#undef OF

#define OF struct load_mode
static const struct field mode_fields[] = {{DOUBLE(value)}, {DOUBLE(share)}, END};
#undef OF

#define OF struct counter_value
static const struct field counter_fields[] = {
	{NAME(name)},	    {STRING(event), LATER},
	{EFFECT(per_call)}, {EFFECT(baseline), LATER},
	{STRING(reason)},   END,
};
#undef OF

#define OF struct result_hits
static const struct field hits_fields[] = {{U64(expected)}, {U64(counted)}, END};
#undef OF

#define OF struct result_events
static const struct field events_fields[] = {
	{U64(produced)}, {U64(received)}, {U64(lost)}, {U64(lost_records)}, {U64(wakeups)}, END,
};
#undef OF

#define OF struct result_foreign
static const struct field foreign_fields[] = {
	{STRING(program)},
	{STRING(section)},
	{DOUBLE(runs)},
	{DOUBLE(events)},
	{DOUBLE(event_bytes)},
	{BOOL(refused), LATER},
	END,
};
#undef OF

#define OF struct result_features
static const struct field features_fields[] = {
	{DOUBLE(instructions)},
	{DOUBLE(plain)},
	{DOUBLE(load)},
	{DOUBLE(store)},
	{DOUBLE(condition)},
	{DOUBLE(jump)},
	{DOUBLE(call)},
	{DOUBLE(indirect)},
	{DOUBLE(returns)},
	{DOUBLE(atomic)},
	{DOUBLE(clock)},
	{DOUBLE(flags)},
	{DOUBLE(user_access)},
	{DOUBLE(serialise)},
	{DOUBLE(cr3)},
	{DOUBLE(trap)},
	{DOUBLE(repeat)},
	{DOUBLE(thunk)},
	{DOUBLE(unknown)},
	{DOUBLE(taken)},
	{DOUBLE(retpoline)},
	{DOUBLE(return_thunk)},
	END,
};
#undef OF

#define OF struct result_program
static const struct field program_fields[] = {
	{U64(verified_insns)},
	{U64(xlated_bytes)},
	{U64(jited_bytes)},
	{U64(stack_bytes)},
	{U64(verify_us)},
	{U64(load_us)},
	END,
};
#undef OF

#define OF struct result_data
static const struct field data_fields[] = {
	{STRING(length)}, {STRING(pid)}, {STRING(tgid)}, {STRING(order)}, {STRING(note)}, END,
};
#undef OF

#define OF struct record_reader
static const struct field reader_fields[] = {
	{STRING(wake)}, {UINT(every)},	       {UINT(every_bytes)},
	{STRING(wait)}, {DOUBLE(interval_ms)}, END,
};
#undef OF

#define OF struct result_precision
static const struct field result_precision_fields[] = {{DOUBLE(target)}, {BOOL(reached)}, END};
#undef OF

#define OF struct record_result
const struct field record_result_fields[] = {
	{NAME(id)},
	{NAME(variant)},
	{NAME(hook)},
	{NAME(body)},
	{FIELD("trigger", FIELD_NAME, workload)},
	{FIELD("drain", FIELD_NAME, wakeup)},
	{NAME(cache)},
	{STATUS(status)},
	{STRING(reason)},
	{UNIT(unit)},
	{U64(n)},
	{U64(migrated)},
	{U64(censored), LATER},
	{OBJECT(reader, reader_fields), LATER},
	{UINT(rounds)},
	{SIZE(calls_per_round)},
	{STRING(mechanism)},
	{OBJECT(hits, hits_fields)},
	{STRING(baseline_id)},
	{OBJECT(baseline, distribution_fields)},
	{FIELD("arm", FIELD_OBJECT, config), .sub = (distribution_fields)},
	{OBJECT(overhead, overhead_fields)},
	{DOUBLE(contended_share), LATER},
	{EFFECT(uncontended), LATER},
	{EFFECT(contended), LATER},
	{EFFECT(cycles), LATER},
	{STRING(stratum), LATER},
	{STRING(strata_note), LATER},
	{OBJECT(spread, spread_fields), LATER},
	{ROWS(modes, struct load_mode, mode_fields)},
	{UINT(workers), LATER},
	{STRING(interval_over), LATER},
	{OBJECT(data, data_fields), LATER},
	{EFFECT(p99_bound), LATER},
	{EFFECT(p99_least), LATER},
	{PART(precision, result_precision_fields), LATER, .unwritten = true},
	{STRING(samples)},
	{STRING(baseline_samples), LATER},
	{PART(program, program_fields), LATER, .unwritten = true},
	{PART(features, features_fields), LATER, .unwritten = true},
	{PART(foreign, foreign_fields), LATER, .unwritten = true},
	{.key = "max", .type = FIELD_MAX, .offset = offsetof(OF, config.max)},
	{.key = "counters",
	 .type = FIELD_ROWS,
	 .offset = offsetof(OF, counters),
	 .count = offsetof(OF, n_counters),
	 .size = sizeof(struct counter_value),
	 .most = RECORD_MAX_COUNTERS,
	 .sub = counter_fields},
	{PART(events, events_fields)},
	END,
};
#undef OF

#define OF struct slope_point
static const struct field slope_point_fields[] = {
	{UINT(repeats)},
	{EFFECT(cost)},
	{EFFECT(residual)},
	END,
};
#undef OF

#define OF struct slope
static const struct field slope_fields[] = {
	{NAME(id)},
	{FIELD("carrier", FIELD_NAME, host_program)},
	{NAME(helper)},
	{NAME(size)},
	{FIELD("trigger", FIELD_NAME, workload)},
	{FIELD("drain", FIELD_NAME, wakeup)},
	{NAME(cache)},
	{STATUS(status)},
	{STRING(reason)},
	{UNIT(unit)},
	{UINT(rounds)},
	{UINT(copies), LATER},
	{EFFECT(slope)},
	{EFFECT(first), LATER},
	{EFFECT(intercept)},
	{DOUBLE(contended_share), LATER},
	{BOOL(alone), LATER},
	{DOUBLE(placement), LATER},
	{STRING(common), LATER},
	{BOOL(nonlinear)},
	{DOUBLE(nonlinear_p)},
	{STRING(note)},
	{ROWS(points, struct slope_point, slope_point_fields)},
	END,
};
#undef OF

#define OF struct event_point
static const struct field event_point_fields[] = {
	{NAME(id)},
	{NAME(scenario)},
	{NAME(variant)},
	{NAME(hook)},
	{NAME(body)},
	{FIELD("trigger", FIELD_NAME, workload)},
	{FIELD("drain", FIELD_NAME, wakeup)},
	{NAME(policy)},
	{OBJECT(reader, reader_fields), LATER},
	{STATUS(status)},
	{STRING(reason)},
	{BOOL(saturated)},
	{DOUBLE(rate_target)},
	{DOUBLE(rate_achieved)},
	{EFFECT(throughput)},
	{DOUBLE(seconds)},
	{UINT(producers)},
	{U64(buffer_bytes)},
	{U64(memory_bytes)},
	{U64(burst)},
	{U64(calls)},
	{U64(produced)},
	{U64(received)},
	{U64(lost_full)},
	{U64(lost_records)},
	{U64(lost_missed)},
	{U64(wakeups)},
	{FIELD("lag_p50", FIELD_DOUBLE, start_delay_p50)},
	{FIELD("lag_p99", FIELD_DOUBLE, start_delay_p99)},
	{FIELD("lag_max", FIELD_DOUBLE, start_delay_max)},
	{EFFECT(call_p50)},
	{EFFECT(call_p99)},
	{EFFECT(call_p999)},
	{EFFECT(due_p50)},
	{EFFECT(due_p99)},
	{EFFECT(due_p999)},
	{EFFECT(overhead)},
	{EFFECT(producer_cpu)},
	{EFFECT(consumer_cpu)},
	{EFFECT(machine_cpu)},
	{DOUBLE(steal_cpu)},
	{DOUBLE(age_p50)},
	{DOUBLE(age_p99)},
	{DOUBLE(age_max)},
	{DOUBLE(stopped_ms)},
	{DOUBLE(recovered_ms)},
	{DOUBLE(exposure_s), LATER},
	{DOUBLE(buffer_fills), LATER},
	{U64(exposure_produced), LATER},
	{U64(exposure_lost), LATER},
	{U64(stalls), LATER},
	{EFFECT(stalls_per_s), LATER},
	{EFFECT(exposure_loss), LATER},
	END,
};
#undef OF

#define OF struct breakpoint
static const struct field breakpoint_fields[] = {
	{NAME(curve)},	       {NAME(quantity)},	 {BOOL(found)},
	{DOUBLE(p)},	       {EFFECT(rate)},		 {EFFECT(slope_below)},
	{EFFECT(slope_above)}, {DOUBLE(highest), LATER}, END,
};
#undef OF

#define OF struct app_result
static const struct field app_result_fields[] = {
	{NAME(id)},	   {NAME(app)},	       {NAME(scale)},
	{NAME(variant)},   {NAME(monitored)},  {NAME(quantity)},
	{NAME(measure)},   {STATUS(status)},   {STRING(reason)},
	{UINT(windows)},   {DOUBLE(window_s)}, {EFFECT(baseline)},
	{EFFECT(value)},   {EFFECT(change)},   {EFFECT(predicted)},
	{DOUBLE(visible)}, {STRING(note)},     END,
};
#undef OF

#define OF struct eviction
static const struct field eviction_fields[] = {
	{NAME(what)},
	{NAME(how)},
	{NAME(measure)},
	{DOUBLE(hot)},
	{DOUBLE(evicted)},
	{DOUBLE(near)},
	{DOUBLE(far)},
	{DOUBLE(eviction)},
	{BOOL(holds)},
	{STRING(note)},
	END,
};
#undef OF

#define OF struct crosscheck
static const struct field crosscheck_fields[] = {
	{NAME(id)},	   {NAME(variant)},   {FIELD("trigger", FIELD_NAME, workload)},
	{NAME(tool)},	   {STRING(command)}, {NAME(quantity)},
	{STATUS(status)},  {STRING(reason)},  {EFFECT(says)},
	{EFFECT(bpftoll)}, {STRING(why)},     END,
};
#undef OF

#define OF struct instruction_price
static const struct field instruction_price_fields[] = {
	{NAME(id)},
	{NAME(name)},
	{NAME(summary)},
	{NAME(way)},
	{STATUS(status)},
	{STRING(reason)},
	{UINT(rounds)},
	{EFFECT(ns)},
	{EFFECT(between)},
	{BOOL(bent)},
	{DOUBLE(contended_share)},
	END,
};
#undef OF

#define OF struct round_conditions
static const struct field round_conditions_fields[] = {
	{FIELD("trigger", FIELD_NAME, workload)},
	{STRING(cache), LATER},
	{UINT(round)},
	{DOUBLE(seconds)},
	{DOUBLE(steal)},
	{U64(interrupts)},
	{U64(switches)},
	{DOUBLE(frequency)},
	{DOUBLE(throughput_ticks), LATER},
	{DOUBLE(chain_ticks), LATER},
	{DOUBLE(contended), LATER},
	{DOUBLE(frequency_hz), LATER},
	END,
};
#undef OF

#define OF struct record_host
static const struct field host_fields[] = {
	{STRING(kernel)},
	{STRING(arch)},
	{STRING(cpu)},
	{UINT(cpus)},
	{STRING(virtualization)},
	{STRING(mitigations)},
	{STRING(cmdline)},
	{DOUBLE(tsc_hz)},
	{DOUBLE(tsc_hz_rel_err)},
	{DOUBLE(tsc_quantum)},
	{STRING(clocksource), LATER},
	{STRING(node), LATER},
	{STRING(boot), LATER},
	{STRING(microcode), LATER},
	{STRING(firmware), LATER},
	{STRING(kernel_config), LATER},
	{BOOL(btf)},
	{BOOL(jit)},
	{BOOL(pmu)},
	{STRING(pmu_name)},
	END,
};
#undef OF

#define OF struct record_placement
static const struct field placement_fields[] = {
	{INT(measure_cpu)},
	{FIELD("drain_cpu", FIELD_INT, reader_cpu)},
	{STRING(reason)},
	{STRING(measure_idle), LATER},
	{FIELD("drain_idle", FIELD_STRING, probe_reader_idle), LATER},
	END,
};
#undef OF

#define OF struct record_precision
static const struct field precision_fields[] = {
	{DOUBLE(value)}, {BOOL(relative)}, {DOUBLE(widened)}, END};
#undef OF

#define OF struct record
const struct field record_top_fields[] = {
	{STRING(version), LATER, .unwritten = true},
	{STRING(commit), LATER, .unwritten = true},
	{STRING(created)},
	{STRINGS(argv)},
	{STRING(suite)},
	{U64(seed)},
	{PART(precision, precision_fields), LATER, .unwritten = true},
	{BOOL(partial)},
	{OBJECT(host, host_fields)},
	{OBJECT(placement, placement_fields)},
	{FIELD("degraded", FIELD_STRINGS, warnings), .count = offsetof(OF, n_warnings)},
	{OBJECT(floor, distribution_fields)},
	{ROWS(slopes, struct slope, slope_fields)},
	{ROWS(event_points, struct event_point, event_point_fields)},
	{FIELD("knees", FIELD_ROWS, breakpoints), .sub = (breakpoint_fields),
	 .count = offsetof(OF, n_breakpoints), .size = sizeof(struct breakpoint),
	 .most = RECORD_MAX_ROWS, .optional = true},
	{ROWS(app_results, struct app_result, app_result_fields)},
	{ROWS(evictions, struct eviction, eviction_fields)},
	{ROWS(crosschecks, struct crosscheck, crosscheck_fields)},
	{ROWS(instruction_prices, struct instruction_price, instruction_price_fields)},
	{ROWS(conditions, struct round_conditions, round_conditions_fields)},
	{.key = "cells",
	 .type = FIELD_ROWS,
	 .pointers = true,
	 .offset = offsetof(OF, results),
	 .count = offsetof(OF, n_results),
	 .size = sizeof(struct record_result),
	 .most = RECORD_MAX_RESULTS,
	 .sub = record_result_fields},
	END,
};
#undef OF
