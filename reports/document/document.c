/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "reports/document/document.h"
#include "reports/document/page/page_file.h"
#include "reports/document/tool.h"

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

/* A private folder for what only pandoc and weasyprint read. */
struct scratch {
	char folder[32], css[64], note[64];
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
static int make_html(const char *dir, const struct scratch *at, const char *html, struct error *why)
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
			(char *)at->css,
			"--include-before-body",
			(char *)at->note,
			"--resource-path",
			(char *)dir,
			"--output",
			(char *)html,
			NULL,
			NULL};
	char *md;
	int err;

	if (asprintf(&md, "%s/report.md", dir) < 0)
		return -ENOMEM;
	argv[16] = md;
	err = tool_run(argv, NULL, 0, NULL, why);
	free(md);
	return err;
}

/* The whole report as a page for the PDF, which is report.html where there is no other. */
static void make_pdf(const char *dir, const struct scratch *at, const char *html,
		     struct report_done *done)
{
	char *weasyprint[] = {"weasyprint", "--quiet", (char *)html, done->pdf, NULL};
	struct error why = {0};
	int err = write_text(at->css, "", style, "");

	if (!err)
		err = write_text(at->note, "<p class=\"static\">", no_page, ".</p>\n");
	if (err)
		error_say(&why, "%s: %s", at->css, strerror(-err));
	else
		err = make_html(dir, at, html, &why);
	if (err) {
		add_missing(done, *done->html ? "report.pdf" : "report.html and report.pdf",
			    why.text);
		done->pdf[0] = '\0';
	} else if (tool_run(weasyprint, NULL, 0, NULL, &why)) {
		add_missing(done, "report.pdf", why.text);
		done->pdf[0] = '\0';
	}
	if (!err && !*done->html) {
		snprintf(done->html, sizeof(done->html), "%s", html);
		snprintf(done->note, sizeof(done->note), "report.html has %s", no_page);
	}
}

/* report.html, where this program has the page: done->html is "" where it hasn't. */
static void make_page(const struct record_set *e, const struct verdicts *v, const char *dir,
		      struct report_done *done)
{
	struct error why = {0};
	int err = page_file_write(e, v, dir, &why);

	if (err && err != -ENOTSUP)
		add_missing(done, "the interactive page", why.text);
	if (!err)
		snprintf(done->html, sizeof(done->html), "%s/report.html", dir);
}

void document_make(const struct record_set *e, const struct verdicts *v, const char *dir,
		   struct report_done *done)
{
	struct scratch at = {.folder = "/tmp/bpftoll-report-XXXXXX"};
	char html[sizeof(done->html)];

	make_page(e, v, dir, done);
	if (!mkdtemp(at.folder)) {
		add_missing(done, *done->html ? "report.pdf" : "report.html and report.pdf",
			    strerror(errno));
		return;
	}
	snprintf(at.css, sizeof(at.css), "%s/report.css", at.folder);
	snprintf(at.note, sizeof(at.note), "%s/note.html", at.folder);
	snprintf(html, sizeof(html), "%s/report.html", *done->html ? at.folder : dir);
	snprintf(done->pdf, sizeof(done->pdf), "%s/report.pdf", dir);
	make_pdf(dir, &at, html, done);
	if (strncmp(html, at.folder, strlen(at.folder)) == 0)
		unlink(html);
	unlink(at.css);
	unlink(at.note);
	rmdir(at.folder);
}
