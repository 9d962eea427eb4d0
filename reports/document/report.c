/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "reports/record/cache_state.h"
#include "reports/document/document.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/show/render.h"
#include "reports/document/report.h"
#include "reports/document/report_parts.h"
#include "reports/document/report_words.h"
#include "reports/document/tools/publish.h"
#include "reports/document/tools/tool.h"
#include "reports/export/tables.h"

#define REPORT "report.md"

void report_section(struct report *r, const char *title)
{
	fprintf(r->page.out, "\n# %u. %s\n", ++r->sections, title);
}

void report_heading(struct report *r, const char *title)
{
	fputs(title, page_line(&r->page));
	page_heading(&r->page);
}

void report_text(struct report *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(page_line(&r->page), fmt, ap);
	va_end(ap);
	page_note(&r->page);
}

void report_bullet(struct report *r)
{
	fputc('\0', r->page.line);
	fflush(r->page.line);
	fprintf(r->page.out, "- %s\n", r->page.text);
}

void report_add_missing(struct report *r, const char *what, const char *why)
{
	size_t used = strlen(r->missing);

	/* the same reason once: without gnuplot it is that of every picture */
	if (!strstr(r->missing, why) && used < r->missing_len)
		snprintf(r->missing + used, r->missing_len - used, "%s%s: %s", used ? "; " : "",
			 what, why);
}

/* The caption waits in the line. */
static void finish_line(struct report *r)
{
	fputc('\0', r->page.line);
	fflush(r->page.line);
}

void report_place_file(struct report *r, const char *file)
{
	r->figures++;
	finish_line(r);
	fprintf(r->page.out, "\n![Figure %u](pictures/%s.svg)\\\n**Figure %u.** %s\n", r->figures,
		file, r->figures, r->page.text);
}

void report_place(struct report *r, struct plot *p, const char *file)
{
	char path[PATH_MAX];
	struct error why = {0};
	int err = -ENAMETOOLONG;

	if (!p)
		return;
	path_put(path, sizeof(path), "%s/pictures/%s.svg", r->work, file);
	err = plot_close(p, path, &why);
	if (err) {
		r->figures++;
		finish_line(r);
		fprintf(r->page.out, "\n*Figure %u was not drawn:* ", r->figures);
		escape_part(r->page.out, why.text, RENDER_MARKDOWN);
		fprintf(r->page.out, ". It would show: %s\n", r->page.text);
		report_add_missing(r, "pictures", why.text);
		return;
	}
	report_place_file(r, file);
}

void report_conditions(struct report *r, const struct record *rec,
		       const struct record_result *result)
{
	FILE *line = r->page.line;

	if (result) {
		fputs("n = ", line);
		figure_count(line, result->n);
		fprintf(line, " calls a configuration over %u rounds; ", result->rounds);
	}
	fputs("from ", line);
	words_record(line, r->e, rec);
	fputs(".", line);
}

const struct record_result *report_result(const struct report *r, const char *hook,
					  const char *body, const char *wakeup)
{
	for (size_t i = 0; i < r->n_configs; i++) {
		const struct record_result *result = r->configs[i];

		if ((!hook || strcmp(result->hook, hook) == 0) && strcmp(result->body, body) == 0 &&
		    (!wakeup || strcmp(result->wakeup, wakeup) == 0))
			return result;
	}
	return NULL;
}

static size_t results_measured(const struct record *rec)
{
	size_t n = 0;

	for (size_t i = 0; i < rec->n_results; i++)
		n += rec->results[i]->status == RESULT_MEASURED;
	return n;
}

static void pick_run(struct report *r)
{
	for (size_t i = 0; i < r->e->n_runs; i++) {
		if (r->rec && results_measured(r->e->runs[i].record) <= results_measured(r->rec))
			continue;
		r->rec = r->e->runs[i].record;
		r->dir = r->e->runs[i].dir;
	}
}

static int write_sections(struct report *r)
{
	static int (*const sections[])(struct report *) = {
		report_front, report_method, report_costs,    report_helpers,
		report_hooks, report_rates,  report_tools,    report_apps,
		report_fleet, report_advice, report_appendix,
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections) && !err; i++)
		err = sections[i](r);
	return err;
}

static int make_folder(const char *path, struct error *why)
{
	struct stat st;

	if (mkdir(path, 0755) == 0 ||
	    (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return 0;
	return error_set(why, -errno, "%s: cannot make the folder: %s", path, strerror(errno));
}

static int write_markdown(struct report *r, struct error *why)
{
	char *path;
	int err;
	FILE *out;

	if (asprintf(&path, "%s/" REPORT, r->work) < 0)
		return -ENOMEM;
	out = fopen(path, "we");
	err = out ? page_open(&r->page, r->rec, RENDER_MARKDOWN, out) : -errno;
	r->page.budget = &r->v.budget;
	if (!err)
		err = write_sections(r);
	page_close(&r->page);
	if (out && fclose(out) && !err)
		err = -errno;
	if (err)
		error_say(why, "%s: %s", path, strerror(-err));
	free(path);
	return err;
}

/* Everything into the private folder, which tools may read whatever the user's files are. */
static int make_all(struct report *r, const struct budget *budget, struct report_done *done,
		    struct error *why)
{
	struct verdict_scope scope = {NULL, NULL, NULL};
	int err = verdict_judge(r->e, budget, &scope, &r->v);

	if (!err)
		err = render_configs(r->rec, r->v.workload, cache_of(r->rec), &r->configs,
				     &r->n_configs);
	if (err)
		return error_set(why, err, "%s", strerror(-err));
	err = predicted_open(r->e, NULL, false, &r->predicted);
	if (err)
		return error_set(why, err, "%s", strerror(-err));
	err = tables_write(r->e, r->work, r->tables, sizeof(r->tables), why);
	if (!err)
		err = write_markdown(r, why);
	if (!err)
		document_make(r->e, &r->v, r->work, done);
	return err;
}

/* From the private folder into the reader's. */
static int hand_out(const struct report *r, const char *dir, struct report_done *done,
		    struct error *why)
{
	int folder, err = make_folder(dir, why);

	if (err)
		return err;
	folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return error_set(why, -errno, "%s: %s", dir, strerror(errno));
	err = publish(r->work, folder, REPORT, why);
	if (!err)
		err = tables_forget(r->e, folder, why);
	close(folder);
	if (err) {
		char reason[sizeof(why->text)];

		memcpy(reason, why->text, sizeof(reason));
		return error_set(why, err, "%s/%s", dir, reason);
	}
	err = path_put(done->md, sizeof(done->md), "%s/" REPORT, dir);
	if (!err && done->has_html)
		err = path_put(done->html, sizeof(done->html), "%s/report.html", dir);
	if (!err && done->has_pdf)
		err = path_put(done->pdf, sizeof(done->pdf), "%s/report.pdf", dir);
	return err ? error_set(why, err, "%s: %s", dir, strerror(-err)) : 0;
}

int report_write(const struct record_set *e, const struct budget *budget,
		 const struct report_place *at, struct report_done *done, struct error *why)
{
	struct report r = {.e = e,
			   .work = at->work,
			   .fleet = at->fleet,
			   .missing = done->missing,
			   .missing_len = sizeof(done->missing)};
	char pictures[PATH_MAX];
	mode_t mask;
	int err;

	*done = (struct report_done){.md = ""};
	err = path_put(pictures, sizeof(pictures), "%s/pictures", at->work);
	if (err)
		return error_set(why, err, "%s: %s", at->work, strerror(-err));
	pick_run(&r);
	tool_heed(at->stop);
	mask = umask(022);
	err = make_folder(pictures, why);
	if (!err)
		err = make_all(&r, budget, done, why);
	umask(mask);
	if (!err && *at->stop)
		err = error_set(why, -EINTR, "stopped");
	if (!err)
		err = hand_out(&r, at->dir, done, why);
	/* the caller's flag need not outlive this call */
	tool_heed(NULL);
	free((void *)r.configs);
	report_free_advice(&r);
	predicted_close(&r.predicted);
	verdict_free(&r.v);
	return err;
}
