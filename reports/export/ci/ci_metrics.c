/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts by name, as services that keep their history take them. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/export/ci/ci.h"
#include "reports/show/escape.h"
#include "reports/record/text_stream.h"

static const char *text(const char *s)
{
	return s ? s : "unknown";
}

/* "6.1" of "6.1.0-56-cloud-amd64"; all of it where that is not how it begins. */
static int series(const char *release)
{
	size_t n = strspn(release, "0123456789");

	if (n && release[n] == '.')
		n += 1 + strspn(release + n + 1, "0123456789");
	return (int)(n ? n : strlen(release));
}

static bool is_alone(const struct gate_side *side, size_t kernel)
{
	const struct record_host *own = &side->kernels[kernel].record->host;
	const char *release = text(own->kernel);

	for (size_t i = 0; i < side->n; i++) {
		const struct record *rec = side->kernels[i].record;

		if (i != kernel && rec && !strcmp(text(rec->host.arch), text(own->arch)) &&
		    series(text(rec->host.kernel)) == series(release) &&
		    !strncmp(text(rec->host.kernel), release, (size_t)series(release)))
			return false;
	}
	return true;
}

/* The caller frees it. NULL: out of memory. */
static char *name_of(const struct gate_side *side, size_t kernel,
		     const struct record_result *result)
{
	const struct record_host *host = &side->kernels[kernel].record->host;
	const char *release = text(host->kernel);
	char *raw = NULL, *safe = NULL;
	size_t length;
	FILE *out = text_stream(&raw, &length);

	if (!out)
		return NULL;
	if (is_alone(side, kernel))
		fprintf(out, "%.*s-%s", series(release), release, text(host->arch));
	else
		fprintf(out, "%s", release);
	fprintf(out, "/%s/%s", result->variant, result->workload);
	if (strcmp(result->wakeup, "-") != 0)
		fprintf(out, "/%s", result->wakeup);
	if (strcmp(result->cache, "hot") != 0)
		fprintf(out, "/%s", result->cache);
	fclose(out);
	out = text_stream(&safe, &length);
	if (out) {
		escape_print(out, raw, RENDER_TEXT);
		fclose(out);
	}
	free(raw);
	return safe;
}

static bool is_shown(const struct record_result *result)
{
	return result->status == RESULT_MEASURED && result->unit == UNIT_INSTRUCTIONS &&
	       strcmp(result->hook, "none") != 0 && strcmp(result->body, "bb") != 0 &&
	       isfinite(result->overhead.p50.value);
}

static int each(const struct gate_side *side, json_t *into,
		int (*add)(json_t *into, const char *name, const struct record_result *result))
{
	int err = into ? 0 : -ENOMEM;

	for (size_t k = 0; k < side->n; k++) {
		const struct record *rec = side->kernels[k].record;

		for (size_t i = 0; rec && i < rec->n_results && !err; i++) {
			char *name;

			if (!is_shown(rec->results[i]))
				continue;
			name = name_of(side, k, rec->results[i]);
			err = name ? add(into, name, rec->results[i]) : -ENOMEM;
			free(name);
		}
	}
	return err;
}

static int dump(json_t *json, int err, FILE *out)
{
	if (!err && json_dumpf(json, out, JSON_INDENT(1) | JSON_REAL_PRECISION(15)))
		err = -EIO;
	if (!err && (fputc('\n', out) == EOF || fflush(out)))
		err = -EIO;
	json_decref(json);
	return err;
}

/* Else 0 stands for what the kernel does not say. */
static bool knows_stack(const struct record_result *result)
{
	return result->program.stack_bytes || result->program.verify_us;
}

/* ---- Bencher ---- */

static json_t *plain(uint64_t value)
{
	return json_pack("{s:f}", "value", (double)value);
}

static int add_bencher(json_t *into, const char *name, const struct record_result *result)
{
	const struct effect *e = &result->overhead.p50;
	json_t *measures = json_pack("{s:{s:f, s:f, s:f}}", "instructions", "value", e->value,
				     "lower_value", e->lo, "upper_value", e->hi);
	int err = measures ? 0 : -ENOMEM;

	if (!err && result->program.verified_insns)
		err = json_object_set_new(measures, "verified-instructions",
					  plain(result->program.verified_insns));
	if (!err && knows_stack(result))
		err = json_object_set_new(measures, "stack-bytes",
					  plain(result->program.stack_bytes));
	if (!err)
		err = json_object_set(into, name, measures);
	json_decref(measures);
	return err ? -ENOMEM : 0;
}

int ci_bencher(const struct gate_side *side, FILE *out)
{
	json_t *all = json_object();

	return dump(all, each(side, all, add_bencher), out);
}

/* ---- github-action-benchmark ---- */

static int add_github(json_t *into, const char *name, const struct record_result *result)
{
	const struct effect *e = &result->overhead.p50;
	char range[64], extra[128] = "";
	json_t *row;

	/* its page shows the range as text */
	snprintf(range, sizeof(range), "± %.15g", (e->hi - e->lo) / 2);
	if (result->program.verified_insns)
		snprintf(extra, sizeof(extra), "%llu verified instructions%s",
			 (unsigned long long)result->program.verified_insns,
			 knows_stack(result) ? "\n" : "");
	if (knows_stack(result))
		snprintf(extra + strlen(extra), sizeof(extra) - strlen(extra),
			 "%llu bytes of stack", (unsigned long long)result->program.stack_bytes);
	row = json_pack("{s:s, s:s, s:f, s:s, s:s}", "name", name, "unit", "instructions", "value",
			e->value, "range", range, "extra", extra);
	return row && !json_array_append_new(into, row) ? 0 : -ENOMEM;
}

int ci_github(const struct gate_side *side, FILE *out)
{
	json_t *all = json_array();

	return dump(all, each(side, all, add_github), out);
}
