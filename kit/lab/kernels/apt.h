/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apt: Debian's packages, of any architecture, through a private apt state, from the mirror that
 * this machine's apt uses.
 *
 * apt_open (writes the private configuration) -> apt_update (apt checks the signatures) ->
 * apt_candidates -> candidate_pick -> apt_download. Lists, caches and package state live below the
 * given folder; the system's own are never written, and its proxies and keyrings are used as they
 * are set up.
 */
#ifndef BPFTOLL_KIT_LAB_KERNELS_APT_H
#define BPFTOLL_KIT_LAB_KERNELS_APT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"

struct apt {
	char dir[PATH_MAX];
	char config[PATH_MAX];
	char arch[16]; /* as Debian calls it */
};

/* One version of a package that may hold a cloud kernel's image. */
struct candidate {
	char package[128]; /* linux-image-6.1.0-55-cloud-amd64 */
	char version[64];  /* 6.1.192-1 */
	char release[96];  /* 6.1.0-55-cloud-amd64, what uname -r will say */
	bool binary;	   /* linux-binary-*: where it exists, linux-image-* has no image in it */
	bool is_unsigned;
};

/* Makes the folders and the configuration. -ENOTSUP: this machine's apt has no Debian mirror (or
 * there is no apt). */
int apt_open(struct apt *apt, const char *dir, const char *arch, struct error *why);

/* Fetches the package lists. A suite that is gone is not fatal as long as others are there. */
int apt_update(const struct apt *apt, struct error *why);

/* All candidates in the lists fetched last; freed by the caller. */
int apt_candidates(const struct apt *apt, struct candidate **out, size_t *n, struct error *why);

/* The package file is put into dir (exists). apt compares it with the signed lists. */
int apt_download(const struct apt *apt, const char *package, const char *version, const char *dir,
		 struct error *why);

/*
 * The files of these packages (the last is NULL) and of all that they depend on are put into dir
 * (exists). release: the suite to take them from; NULL: the newest there is.
 */
int apt_download_all(const struct apt *apt, const char *release, const char *const *packages,
		     const char *dir, struct error *why);

/* Is it one of the suites whose lists are fetched? */
bool apt_has_suite(const char *codename);

/* Pure parts, for tests. */

/* "package | version | source" lines, as apt-cache madison prints them. Others are passed over. */
int candidates_parse(const char *madison, struct candidate **out, size_t *n);

/*
 * The newest that the words of the user fit: a version or release prefix at whole components, or a
 * package's name. NULL: none.
 */
const struct candidate *candidate_pick(const struct candidate *all, size_t n, const char *spec);

/* "5.10 (5.10.262), 6.1 (6.1.192), …": the newest of each series. */
void candidates_describe(const struct candidate *all, size_t n, char *text, size_t len);

/* Mirrors in `apt-get indextargets` output formatted by "ORIGIN|RELEASE|COMPONENT|URI" lines. */
int mirrors_parse(const char *targets, char *main_uri, char *security_uri, size_t len);

#endif
