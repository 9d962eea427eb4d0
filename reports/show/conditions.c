/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/conditions.h"
#include "reports/show/figure.h"
#include "reports/show/precision.h"
#include "reports/record/record_rows.h"
#include "reports/stats/stats.h"

static enum unit record_unit(const struct record *rec)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		if (rec->results[i]->status == RESULT_MEASURED)
			return rec->results[i]->unit;
	}
	return UNIT_NS;
}

static void print_run(struct page *p)
{
	const struct record *rec = p->rec;
	FILE *line;

	page_tell(p, "run", "%s, suite %s, seed %llu", page_quote(p, rec->created),
		  page_quote(p, rec->suite), (unsigned long long)rec->seed);
	if (rec->n_argv == 0)
		return;
	line = page_line(p);
	for (size_t i = 0; i < rec->n_argv; i++)
		fprintf(line, "%s%s", i ? " " : "", page_quote(p, rec->argv[i]));
	page_fact(p, "command");
}

static void print_precision(struct page *p)
{
	char *text = precision_text(p->rec);

	if (text)
		page_tell(p, "precision", "%s; intervals of costs are %.0f %% wider for it",
			  page_quote(p, text), 100 * (p->rec->precision.widened - 1));
	free(text);
}

static void print_host(struct page *p)
{
	const struct record_host *host = &p->rec->host;

	page_tell(p, "kernel", "%s %s, BPF JIT %s, BTF %s", page_quote(p, host->kernel),
		  page_quote(p, host->arch), host->jit ? "on" : "OFF", host->btf ? "yes" : "no");
	page_tell(p, "CPU", "%s, %u CPU%s, virtualization: %s%s%s", page_quote(p, host->cpu),
		  host->cpus, host->cpus == 1 ? "" : "s",
		  page_quote(p, figure_hypervisor(host->virtualization)),
		  host->pmu ? ", PMU " : ", no PMU",
		  host->pmu ? page_quote(p, host->pmu_name) : "");
	if (host->mitigations)
		page_tell(p, "mitigations", "%s", page_quote(p, host->mitigations));
}

/*
 * The rate was measured against CLOCK_MONOTONIC_RAW. Where that counts the same ticks, by the
 * frequency that the kernel or the hypervisor believes, the error says how well both were read
 * together, and nothing of how true a nanosecond is.
 */
static void print_rate_error(const struct record_host *host, FILE *line)
{
	static const char *const others[] = {"hpet", "acpi_pm", "jiffies", "refined-jiffies",
					     "pit"};

	fprintf(line, "; read jitter ±%.2g ppm ", host->tsc_hz_rel_err * 1e6);
	for (size_t i = 0; host->clocksource && i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(host->clocksource, others[i])) {
			fprintf(line, "against %s", others[i]);
			return;
		}
	fprintf(line, "against a clock made from the same %s, not its accuracy",
		host->arch && !strcmp(host->arch, "aarch64") ? "counter" : "TSC");
}

static void print_clock(struct page *p)
{
	const struct record_host *host = &p->rec->host;
	FILE *line = page_line(p);

	if (isnan(host->tsc_hz)) {
		fputs("unknown", line);
	} else {
		fprintf(line, "%s %.6f GHz",
			host->arch && !strcmp(host->arch, "aarch64") ? "CNTVCT" : "TSC",
			host->tsc_hz / 1e9);
	}
	if (record_unit(p->rec) == UNIT_INSTRUCTIONS)
		fputs("; it counts instructions here, one a tick: no figure below is a time", line);
	else if (host->tsc_quantum > 1)
		fprintf(line, ", steps by %.0f ticks = %.1f ns: a quantile moves in such steps",
			host->tsc_quantum, host->tsc_quantum / host->tsc_hz * 1e9);
	if (!isnan(host->tsc_hz) && !isnan(host->tsc_hz_rel_err) &&
	    record_unit(p->rec) != UNIT_INSTRUCTIONS)
		print_rate_error(host, line);
	page_fact(p, "clock");
}

static void print_placement(struct page *p)
{
	const struct record_placement *place = &p->rec->placement;
	FILE *line = page_line(p);

	if (place->measure_cpu < 0)
		fputs("measuring CPU unknown", line);
	else
		fprintf(line, "measured on CPU %d", place->measure_cpu);
	if (place->reader_cpu < 0)
		fputs(", no reader CPU", line);
	else
		fprintf(line, ", read on CPU %d", place->reader_cpu);
	if (place->reason)
		fprintf(line, ": %s", page_quote(p, place->reason));
	page_fact(p, "placement");
}

/* What an idle CPU does decides how long it takes to wake the reader on it. */
static void print_idle(struct page *p)
{
	const struct record_placement *place = &p->rec->placement;
	FILE *line;

	if (!place->measure_idle && !place->probe_reader_idle)
		return;
	line = page_line(p);
	if (place->probe_reader_idle)
		fprintf(line, "the reader CPU %d %s", place->reader_cpu,
			page_quote(p, place->probe_reader_idle));
	if (place->measure_idle)
		fprintf(line, "%smeasuring CPU %d %s", place->probe_reader_idle ? "; the " : "the ",
			place->measure_cpu, page_quote(p, place->measure_idle));
	page_fact(p, "idle");
}

void conditions_print(struct page *p)
{
	fputs(p->format == RENDER_MARKDOWN ? "# bpftoll: what each probe adds\n\n"
					   : "bpftoll: what each probe adds\n",
	      p->out);
	conditions_facts(p);
}

void conditions_facts(struct page *p)
{
	const struct record *rec = p->rec;
	FILE *line;

	print_run(p);
	print_precision(p);
	print_host(p);
	print_clock(p);
	print_placement(p);
	print_idle(p);
	if (!isnan(rec->floor.typical)) {
		line = page_line(p);
		fputs("an empty timed region reads ", line);
		figure_lengths(line, &rec->floor, record_unit(rec));
		fputs("; its typical length is taken off the baselines and maxima below", line);
		page_fact(p, "timer overhead");
	}
	for (size_t i = 0; i < rec->n_warnings; i++)
		page_tell(p, "WARNING", "%s", page_quote(p, rec->warnings[i]));
	if (rec->partial)
		page_tell(p, "PARTIAL",
			  "the run was stopped before its plan was done; what follows is what was "
			  "finished");
}

static bool is_of(const struct round_conditions *c, const char *workload, const char *cache)
{
	return !strcmp(c->workload, workload) && (!c->cache || !strcmp(c->cache, cache));
}

/* By a chain of additions; the rounds' range where they are more than 1 % apart. */
static void print_frequency(struct page *p, const char *workload, const char *cache)
{
	double sum = 0, low = INFINITY, high = 0;
	size_t n = 0;
	FILE *line;

	for (size_t i = 0; i < p->rec->n_conditions; i++) {
		const struct round_conditions *c = &p->rec->conditions[i];

		if (!is_of(c, workload, cache) || isnan(c->frequency_hz))
			continue;
		sum += c->frequency_hz;
		low = fmin(low, c->frequency_hz);
		high = fmax(high, c->frequency_hz);
		n++;
	}
	if (!n)
		return;
	line = page_line(p);
	fprintf(line, "%.2f GHz", sum / (double)n / 1e9);
	if (high > 1.01 * low)
		fprintf(line, " (%.2f to %.2f)", low / 1e9, high / 1e9);
	fputs(", by the time of a chain of additions that need a core cycle each", line);
	page_fact(p, "frequency");
}

void conditions_during_run(struct page *p, const char *workload, const char *cache)
{
	const struct record *rec = p->rec;
	double *steal = calloc(rec->n_conditions + 1, sizeof(*steal));
	double seconds = 0, interrupts = 0, switches = 0, frequency = 0;
	size_t n = 0;
	FILE *line;

	for (size_t i = 0; steal && i < rec->n_conditions; i++) {
		const struct round_conditions *c = &rec->conditions[i];

		if (!is_of(c, workload, cache) || !(c->seconds > 0))
			continue;
		steal[n++] = c->steal;
		seconds += c->seconds;
		interrupts += (double)c->interrupts;
		switches += (double)c->switches;
		frequency += c->frequency * c->seconds;
	}
	if (n) {
		gsl_sort(steal, 1, n);
		line = page_line(p);
		fprintf(line,
			"steal %.0f %% of a round (median; %.0f to %.0f), interrupts %.0f and "
			"involuntary switches %.0f a second",
			stats_quantile_sorted(steal, n, 0.5), steal[0], steal[n - 1],
			interrupts / seconds, switches / seconds);
		if (isfinite(frequency))
			fprintf(line, ", running at %.3f of the TSC's frequency",
				frequency / seconds);
		page_fact(p, "during the run");
	}
	free(steal);
	print_frequency(p, workload, cache);
}
