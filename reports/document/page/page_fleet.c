/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/page/page_data.h"
#include "reports/document/page/page_file.h"
#include "reports/document/page/page_fleet.h"
#include "reports/judge/fleet/fleet_places.h"
#include "reports/document/page/page_json.h"
#include "reports/document/page/page_parts.h"
#include "reports/record/wakeup_name.h"

/* Two ends without an estimate between them; null where neither is known. */
static json_t *range(double low, double high)
{
	if (isnan(low) && isnan(high))
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "value", json_null(), "low", page_json_number(low),
			 "high", page_json_number(high));
}

static json_t *criterion_json(const struct fleet_row *row, enum criterion k)
{
	static const char *const words[] = {"the runs", "next boot", "next machine"};
	const struct fleet_criterion *c = &row->by[k];

	return json_pack("{s:s, s:o, s:b, s:s, s:s, s:o}", "name", criterion_name(k), "measured",
			 range(c->measured.lo, c->part ? NAN : c->measured.hi), "partial", c->part,
			 "holds_for", words[c->covers], "result", verdict_name(c->verdict), "why",
			 page_json_text(c->why));
}

static json_t *shares_json(const struct fleet_row *row)
{
	static const char *const names[] = {"machines", "boots", "runs", "rounds"};
	json_t *list = json_array();

	for (int k = 0; k < NESTED_LEVELS && row->shares_known; k++) {
		struct effect share = row->shares.share[k];

		json_array_append_new(
			list, json_pack("{s:s, s:o, s:o}", "level", names[k], "share",
					page_json_effect((struct effect){
						100 * share.value, 100 * share.lo, 100 * share.hi}),
					"why", page_json_text(row->shares.why[k])));
	}
	return list;
}

/* A type's first line is what is shown of it. */
static json_t *type_json(const char *type)
{
	char *shown = strndup(type, strcspn(type, "\n"));
	json_t *value = shown ? page_json_text(shown) : NULL;

	free(shown);
	return value;
}

static json_t *row_json(const struct fleet *f, const struct fleet_row *row)
{
	const struct effect next =
		row->typical.next_machine_why ? row->typical.next_boot : row->typical.next_machine;
	json_t *criteria = json_array();

	for (int k = 0; k < CRITERIA && !row->reason && row->runs; k++)
		json_array_append_new(criteria, criterion_json(row, (enum criterion)k));
	return json_pack(
		"{s:o, s:o, s:o, s:s, s:o, s:b, s:s, s:o, s:I, s:I, s:I, s:{s:I, s:I, s:I, s:I}, "
		"s:o, s:o, s:o, s:o}",
		"type", type_json(row->type), "kernel", page_json_text(row->kernel), "variant",
		page_json_text(row->variant), "wakeup", wakeup_name(row->wakeup).text, "cache",
		page_json_text(row->cache), "asked", fleet_asked(f, row), "result",
		row->reason ? "skipped" : verdict_name(row->verdict), "reason",
		page_json_text(row->reason), "machines", (json_int_t)row->machines, "boots",
		(json_int_t)row->boots, "runs", (json_int_t)row->runs, "seen", "GREEN",
		(json_int_t)row->seen[VERDICT_GREEN], "YELLOW",
		(json_int_t)row->seen[VERDICT_YELLOW], "RED", (json_int_t)row->seen[VERDICT_RED],
		"INCONCLUSIVE", (json_int_t)row->seen[VERDICT_INCONCLUSIVE], "criteria", criteria,
		"typical", row->runs ? page_json_effect(row->typical.mean) : json_null(), "next",
		row->runs ? range(next.lo, next.hi) : json_null(), "shares", shares_json(row));
}

/* Types whose machines have several versions of microcode: the interval is of that mixture. */
static json_t *mixed_json(const struct fleet *f)
{
	json_t *mixed = json_array();
	char list[120];
	size_t n;

	for (size_t first = 0, next; first < f->n_places; first = next) {
		next = fleet_microcodes(f, first, &n, list, sizeof(list));
		if (n > 1)
			json_array_append_new(mixed, json_pack("{s:o, s:I, s:o}", "type",
							       type_json(f->places[first].type),
							       "versions", (json_int_t)n,
							       "microcode", page_json_text(list)));
	}
	return mixed;
}

json_t *page_fleet_data(const struct fleet *f, const char *version)
{
	json_t *rows = json_array(), *gaps = json_array();

	for (size_t i = 0; i < f->n_rows; i++)
		json_array_append_new(rows, row_json(f, &f->rows[i]));
	for (size_t i = 0; i < f->n_gaps; i++)
		json_array_append_new(gaps, json_pack("{s:o, s:o}", "where",
						      page_json_text(f->gaps[i].where), "why",
						      page_json_text(f->gaps[i].why)));
	return json_pack("{s:s, s:{s:o, s:n}, s:o, s:{s:b, s:I, s:I, s:I, s:I, s:o, s:o, s:o}}",
			 "schema", PAGE_SCHEMA, "made", "version",
			 *version ? page_json_text(version) : json_null(), "date", "budget",
			 page_budget(&f->budget), "fleet", "narrowed", f->narrowed, "types",
			 (json_int_t)f->types, "machines", (json_int_t)f->machines, "boots",
			 (json_int_t)f->boots, "records", (json_int_t)f->n_places, "rows", rows,
			 "gaps", gaps, "mixed", mixed_json(f));
}

int page_fleet_write(const struct fleet *fleet, const char *dir, struct error *why)
{
	struct bundle bundle;
	json_t *data;
	char *path;
	int err;

	if (!bundle_get(&bundle))
		return error_set(why, -ENOTSUP,
				 "this bpftoll was built without the page (make web, then make)");
	if (asprintf(&path, "%s/fleet.html", dir) < 0)
		return error_set(why, -ENOMEM, "%s: out of memory", dir);
	data = page_fleet_data(fleet, bundle.version);
	err = data ? page_file_write_data(&bundle, "bpftoll: what a probe costs in this fleet",
					  data, path, why)
		   : error_set(why, -ENOMEM, "%s: out of memory", path);
	json_decref(data);
	free(path);
	return err;
}
