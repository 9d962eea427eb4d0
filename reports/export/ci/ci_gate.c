/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate's decision, for people in Markdown and for machines in JUnit XML. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/export/ci/ci.h"
#include "reports/show/escape.h"
#include "reports/record/text_stream.h"

#define ROWS_MOST 100 /* of Markdown: a comment has a largest size */

static const struct record_result *any(const struct gate_row *row)
{
	return row->a ? row->a : row->b;
}

static int finish(FILE *out)
{
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* ---- Markdown ---- */

static void put_value(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, "%.15g", value);
	else
		fputc('-', out);
}

/* "34", or "34 → **35**" */
static void put_step(FILE *out, const struct gate_figure *f)
{
	const char *mark = f->fails ? "**" : "";

	if (!(fabs(f->after - f->before) > 0)) {
		put_value(out, isfinite(f->after) ? f->after : f->before);
		return;
	}
	put_value(out, f->before);
	fprintf(out, " → %s", mark);
	put_value(out, f->after);
	fputs(mark, out);
}

static void put_line(FILE *out, const struct gate_row *row)
{
	double change = row->cost.after - row->cost.before;

	fputs("| ", out);
	escape_print(out, any(row)->variant, RENDER_MARKDOWN);
	fputs(" | ", out);
	escape_print(out, any(row)->workload, RENDER_MARKDOWN);
	fputs(" | ", out);
	escape_print(out, row->kernel, RENDER_MARKDOWN);
	fputs(" | ", out);
	put_value(out, row->cost.before);
	fputs(" | ", out);
	put_value(out, row->cost.after);
	fputs(" | ", out);
	if (isfinite(change))
		fprintf(out, "%+.15g", change);
	else
		fputc('-', out);
	fputs(" | ", out);
	put_step(out, &row->verified);
	fputs(" | ", out);
	put_step(out, &row->stack);
	fprintf(out, " | %s%s |\n", gate_fails(row->outcome) ? "❌ " : "",
		gate_outcome_words(row->outcome));
}

static void put_table(const struct gate *gate, FILE *out)
{
	size_t shown = 0, same = 0;

	for (size_t i = 0; i < gate->n; i++) {
		if (gate->rows[i].outcome == GATE_SAME) {
			same++;
			continue;
		}
		if (!shown)
			fputs("| program | operation | kernel | before | after | change | verified "
			      "| stack | |\n"
			      "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |\n",
			      out);
		if (shown++ < ROWS_MOST)
			put_line(out, &gate->rows[i]);
	}
	if (shown > ROWS_MOST)
		fprintf(out, "\n%zu more rows are not shown.\n", shown - ROWS_MOST);
	fprintf(out, "%s%zu of %zu results are the same to the instruction.\n", shown ? "\n" : "",
		same, gate->n);
}

int ci_markdown(const struct gate *gate, FILE *out)
{
	bool listed = false;

	fprintf(out, "### BPF programs: %s\n\n",
		gate->failed ? "the gate fails" : "the gate passes");
	fprintf(out,
		"Instructions that each program adds to one call, counted in guests of %zu "
		"kernel%s; "
		"%zu of %zu results fail (limit: %g %s more).\n\n",
		gate->kernels, gate->kernels == 1 ? "" : "s", gate->failed, gate->n,
		gate->limit.above, gate->limit.percent ? "%" : "instructions");
	put_table(gate, out);
	for (size_t i = 0; i < gate->n && i < ROWS_MOST; i++) {
		const struct gate_row *row = &gate->rows[i];

		if (!row->reason)
			continue;
		fputs("\n- ", out);
		escape_print(out, any(row)->variant, RENDER_MARKDOWN);
		fputs(" on ", out);
		escape_print(out, row->kernel, RENDER_MARKDOWN);
		fputs(row->outcome == GATE_OTHER ? " is now measured with " : ": ", out);
		escape_print(out, row->reason, RENDER_MARKDOWN);
		listed = true;
	}
	if (listed)
		fputc('\n', out);
	if (gate->other_build)
		fputs("\nA kernel is of another build than before: a difference may be its own.\n",
		      out);
	if (gate->blind)
		fprintf(out, "\nOn %zu kernel%s there was nothing to compare with.\n", gate->blind,
			gate->blind == 1 ? "" : "s");
	return finish(out);
}

/* ---- JUnit ---- */

/* For an attribute or text: what controls a terminal, or is not in XML 1.0, becomes \xNN. */
static int put_xml(FILE *out, const char *text)
{
	char *safe = NULL;
	size_t length;
	FILE *made = text_stream(&safe, &length);

	if (!made)
		return -ENOMEM;
	escape_print(made, text, RENDER_TEXT);
	fclose(made);
	for (const char *c = safe; *c; c++) {
		const char *entity = *c == '<'	 ? "&lt;"
				     : *c == '>' ? "&gt;"
				     : *c == '&' ? "&amp;"
				     : *c == '"' ? "&quot;"
						 : NULL;

		if (entity)
			fputs(entity, out);
		else
			fputc(*c, out);
	}
	free(safe);
	return 0;
}

static void put_change(FILE *out, const char *what, const struct gate_figure *f)
{
	if (!isfinite(f->before) || !isfinite(f->after))
		return;
	fprintf(out, "%s %.15g, was %.15g%s\n", what, f->after, f->before,
		f->fails ? ": more than the limit" : "");
}

static int put_case(FILE *out, const struct gate_row *row)
{
	int err;

	fputs("    <testcase classname=\"", out);
	err = put_xml(out, row->kernel);
	fputs("\" name=\"", out);
	err = err ? err : put_xml(out, any(row)->variant);
	fputc('/', out);
	err = err ? err : put_xml(out, any(row)->workload);
	fputs("\" time=\"0\">\n", out);
	if (gate_fails(row->outcome)) {
		fprintf(out, "      <failure type=\"%s\" message=\"",
			gate_outcome_words(row->outcome));
		if (row->reason)
			err = err ? err : put_xml(out, row->reason);
		else
			fprintf(out, "%+.15g instructions", row->cost.after - row->cost.before);
		fputs("\">", out);
		put_change(out, "instructions", &row->cost);
		put_change(out, "verified instructions", &row->verified);
		put_change(out, "bytes of stack", &row->stack);
		fputs("</failure>\n", out);
	} else if (row->outcome == GATE_GONE) {
		fputs("      <skipped message=\"the object has it no more\"/>\n", out);
	}
	fputs("    </testcase>\n", out);
	return err;
}

static int put_suite(const struct gate *gate, const char *kernel, FILE *out)
{
	size_t n = 0, failed = 0, skipped = 0;
	int err;

	for (size_t i = 0; i < gate->n; i++) {
		if (strcmp(gate->rows[i].kernel, kernel) != 0)
			continue;
		n++;
		failed += gate_fails(gate->rows[i].outcome);
		skipped += gate->rows[i].outcome == GATE_GONE;
	}
	fputs("  <testsuite name=\"", out);
	err = put_xml(out, kernel);
	fprintf(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"0\">\n",
		n, failed, skipped);
	for (size_t i = 0; i < gate->n && !err; i++)
		if (!strcmp(gate->rows[i].kernel, kernel))
			err = put_case(out, &gate->rows[i]);
	fputs("  </testsuite>\n", out);
	return err;
}

int ci_junit(const struct gate *gate, FILE *out)
{
	int err = 0;

	fprintf(out,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites name=\"bpftoll lab\" tests=\"%zu\" failures=\"%zu\">\n",
		gate->n, gate->failed);
	for (size_t i = 0; i < gate->n && !err; i++) {
		bool before = false;

		for (size_t k = 0; k < i && !before; k++)
			before = !strcmp(gate->rows[k].kernel, gate->rows[i].kernel);
		if (!before)
			err = put_suite(gate, gate->rows[i].kernel, out);
	}
	fputs("</testsuites>\n", out);
	return err ? err : finish(out);
}
