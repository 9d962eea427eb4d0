/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "reports/document/document.h"
#include "reports/document/page/page_file.h"
#include "reports/document/tools/tool.h"

static const char style[] =
	"@page{size:A4;margin:17mm 15mm 18mm 15mm;@bottom-center{content:counter(page) \" / \" "
	"counter(pages);font:8pt 'DejaVu Sans',sans-serif;color:#555}}\n"
	"html{font:10pt/1.42 'DejaVu Sans',Helvetica,Arial,sans-serif;color:#111;background:#fff}\n"
	"body{max-width:62em;margin:0 auto;padding:0 1em}\n"
	"h1{font-size:1.45em;border-bottom:1.5px solid "
	"#222;padding-bottom:.15em;margin-top:1.8em;break-after:avoid}\n"
	"h1:first-of-type{font-size:1.7em;border:0;margin:.2em 0 .1em}\n"
	"h2{font-size:1.12em;margin-top:1.4em;break-after:avoid}\n"
	"ul{padding-left:1.3em}\n"
	"p,li{orphans:3;widows:3;overflow-wrap:anywhere}\n"
	"table{border-collapse:collapse;font-size:.74em;margin:.8em "
	"0;width:100%;font-variant-numeric:tabular-nums}\n"
	"th{border-bottom:1px solid #222;border-top:1px solid "
	"#222;text-align:left;vertical-align:bottom}\n"
	"td,th{padding:.16em .5em .16em .2em;vertical-align:top}\n"
	"tr{break-inside:avoid}\ntbody tr:nth-child(even){background:#f4f4f4}\n"
	"tbody tr:last-child td{border-bottom:1px solid #222}\n"
	"img{display:block;max-width:100%;margin:.4em auto}\n"
	"p{break-inside:avoid}\n"
	"code,pre{font-family:'DejaVu Sans Mono',monospace;font-size:.86em}\n"
	"pre{background:#f4f4f4;padding:.5em;white-space:pre-wrap;overflow-wrap:anywhere}\n"
	"li>p{margin:.2em 0}a.footnote-ref{text-decoration:none}\n"
	"section.footnotes{font-size:.8em}section.footnotes p{margin:.1em 0}\n"
	"@media "
	"print{html{font-size:8.6pt;line-height:1.32}h1:nth-of-type(2){break-before:page}p,ul,ol,"
	"table"
	"{margin-top:.4em;margin-bottom:.4em}body{max-width:none;padding:0}a{color:inherit;text-"
	"decoration:"
	"none}.static{display:none}}\n";

/* What a report.html of pandoc's says of itself; not in the PDF. */
static const char no_page[] = "static pictures: this bpftoll was built without the interactive "
			      "page (make web, then make)";

/* For pandoc alone: a name that begins with a dot is not published. */
#define CSS  ".report.css"
#define NOTE ".note.html"

struct paths {
	const char *dir;
	char css[PATH_MAX], note[PATH_MAX], html[PATH_MAX], pdf[PATH_MAX];
};

static void add_missing(struct report_done *done, const char *what, const char *why)
{
	size_t used = strlen(done->missing);

	if (used < sizeof(done->missing))
		snprintf(done->missing + used, sizeof(done->missing) - used, "%s%s: %.512s",
			 used ? "; " : "", what, why);
}

/* pandoc takes it from there into the page. */
static int write_text(const char *path, const char *before, const char *text, const char *after)
{
	FILE *file = fopen(path, "we");
	int err = 0;

	if (!file)
		return -errno;
	if (fprintf(file, "%s%s%s", before, text, after) < 0)
		err = -EIO;
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

/* The raw HTML of CommonMark is off: what looks like a tag in a record stays text. */
static int make_html(const struct paths *at, struct error *why)
{
	char *argv[] = {"pandoc",
			"--from=commonmark-raw_html+pipe_tables+gfm_auto_identifiers+footnotes",
			"--to=html5",
			"--standalone",
			"--reference-location=section",
			"--self-contained",
			"--metadata=pagetitle:What a probe costs here",
			"--metadata=lang:en",
			"--css",
			CSS,
			"--include-before-body",
			NOTE,
			"report.md",
			NULL};

	return tool_run_in(at->dir, argv, NULL, 0, at->html, why);
}

/* The page holds its pictures: nothing else is read. */
static int print_html(const struct paths *at, struct error *why)
{
	char *argv[] = {"weasyprint", "--quiet", "-", "-", NULL}, *text = NULL;
	FILE *file = fopen(at->html, "re");
	size_t room = 0;
	ssize_t len;
	int err;

	len = file ? getdelim(&text, &room, '\0', file) : -1;
	if (len < 0)
		err = error_set(why, -EIO, "%s: cannot be read", at->html);
	else
		err = tool_run_in(at->dir, argv, text, (size_t)len, at->pdf, why);
	if (file)
		fclose(file);
	free(text);
	return err;
}

/* The whole report as a page for the PDF, which is report.html where there is no other. */
static void make_pdf(const struct paths *at, struct report_done *done)
{
	struct error why = {0};
	int err = write_text(at->css, "", style, "");

	if (!err)
		err = write_text(at->note, "<p class=\"static\">", no_page, ".</p>\n");
	if (err)
		error_say(&why, "%s: %s", at->css, strerror(-err));
	else
		err = make_html(at, &why);
	if (err) {
		add_missing(done, done->has_html ? "report.pdf" : "report.html and report.pdf",
			    why.text);
		unlink(at->html);
		return;
	}
	if (!done->has_html) {
		done->has_html = true;
		snprintf(done->note, sizeof(done->note), "report.html has %s", no_page);
	}
	err = print_html(at, &why);
	done->has_pdf = !err;
	if (err) {
		add_missing(done, "report.pdf", why.text);
		unlink(at->pdf);
	}
}

/* report.html, where this program has the page. */
static void make_page(const struct record_set *e, const struct verdicts *v, const char *dir,
		      struct report_done *done)
{
	struct error why = {0};
	int err = page_file_write(e, v, dir, &why);

	if (err && err != -ENOTSUP)
		add_missing(done, "the interactive page", why.text);
	done->has_html = !err;
}

void document_make(const struct record_set *e, const struct verdicts *v, const char *dir,
		   struct report_done *done)
{
	struct paths at = {.dir = dir};
	int err;

	make_page(e, v, dir, done);
	err = path_put(at.css, sizeof(at.css), "%s/" CSS, dir);
	if (!err)
		err = path_put(at.note, sizeof(at.note), "%s/" NOTE, dir);
	if (!err)
		err = path_put(at.html, sizeof(at.html), "%s/%s", dir,
			       done->has_html ? ".static.html" : "report.html");
	if (!err)
		err = path_put(at.pdf, sizeof(at.pdf), "%s/report.pdf", dir);
	if (!err)
		err = tool_let_read(dir);
	if (err)
		add_missing(done, "report.pdf", strerror(-err));
	else
		make_pdf(&at, done);
}
