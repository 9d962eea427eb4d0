/* SPDX-License-Identifier: GPL-3.0-or-later */
/* campaign: a private folder for the records of a made-up fleet. */
#ifndef BPFTOLL_TESTS_UNIT_REPORTS_JUDGE_CAMPAIGN_H
#define BPFTOLL_TESTS_UNIT_REPORTS_JUDGE_CAMPAIGN_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "reports/record/record.h"

static char root[] = "/tmp/bpftoll-fleet-XXXXXX";
static char folder[sizeof(root) + 16];
static const char *const folders[] = {folder};
static int campaigns;

/* For each test: an empty folder. */
static int begin(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "%s/%d", root, campaigns++);
	return mkdir(folder, 0700);
}

static int make_root(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static int drop_root(void **state)
{
	(void)state;
	return nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static void rename_to(char **member, const char *text)
{
	free(*member);
	*member = strdup(text);
}

#endif
