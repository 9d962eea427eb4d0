/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "reports/document/document.h"
#include "reports/document/tool.h"

static const char style[] =
	"@page{size:A4;margin:17mm 15mm 18mm 15mm;@bottom-center{content:counter(page) \" / \" "
	"counter(pages);font:8pt 'DejaVu Sans',sans-serif;color:#555}}\n"
	"html{font:10pt/1.42 'DejaVu Sans',Helvetica,Arial,sans-serif;color:#111;background:#fff}\n"
	"body{max-width:62em;margin:0 auto;padding:0 1em}\n"
	"h1{font-size:1.45em;border-bottom:1.5px solid "
	"#222;padding-bottom:.15em;margin-top:1.8em;break-after:avoid}\n"
	"h1.title{font-size:1.9em;border:0;margin-top:.5em}\n"
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
	"#TOC{font-size:.9em}#TOC ul{margin:.2em 0;padding-left:0;list-style:none;columns:2}\n"
	"@media "
	"print{html{font-size:8.8pt}body{max-width:none;padding:0}a{color:inherit;text-decoration:"
	"none}}\n";

static void add_missing(struct report_done *done, const char *what, const char *why)
{
	size_t used = strlen(done->missing);

	if (used < sizeof(done->missing))
		snprintf(done->missing + used, sizeof(done->missing) - used, "%s%s: %.512s",
			 used ? "; " : "", what, why);
}

/* In the style's own file: pandoc takes it from there into the page. */
static int write_style(const char *path)
{
	FILE *file = fopen(path, "we");
	int err = 0;

	if (!file)
		return -errno;
	if (fputs(style, file) == EOF)
		err = -EIO;
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

/* The raw HTML of CommonMark is off: what looks like a tag in a record stays text. */
static int make_html(const char *dir, const char *css, const char *html, struct error *why)
{
	char *argv[] = {"pandoc",
			"--from=commonmark-raw_html+pipe_tables+gfm_auto_identifiers",
			"--to=html5",
			"--standalone",
			"--self-contained",
			"--toc",
			"--toc-depth=1",
			"--metadata=title:What a probe costs here",
			"--metadata=lang:en",
			"--css",
			(char *)css,
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
	argv[15] = md;
	err = tool_run(argv, NULL, 0, NULL, why);
	free(md);
	return err;
}

void document_make(const char *dir, struct report_done *done)
{
	char folder[] = "/tmp/bpftoll-report-XXXXXX", css[64];
	struct error why = {0};
	char *weasyprint[] = {"weasyprint", "--quiet", done->html, done->pdf, NULL};
	int err;

	if (!mkdtemp(folder)) {
		add_missing(done, "report.html and report.pdf", strerror(errno));
		return;
	}
	snprintf(css, sizeof(css), "%s/report.css", folder);
	snprintf(done->html, sizeof(done->html), "%s/report.html", dir);
	snprintf(done->pdf, sizeof(done->pdf), "%s/report.pdf", dir);
	err = write_style(css);
	if (err)
		error_say(&why, "%s: %s", css, strerror(-err));
	else
		err = make_html(dir, css, done->html, &why);
	if (err) {
		add_missing(done, "report.html and report.pdf", why.text);
		done->html[0] = done->pdf[0] = '\0';
	} else if (tool_run(weasyprint, NULL, 0, NULL, &why)) {
		add_missing(done, "report.pdf", why.text);
		done->pdf[0] = '\0';
	}
	unlink(css);
	rmdir(folder);
}
