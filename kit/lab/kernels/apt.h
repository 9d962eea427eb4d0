/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apt: Debian packages of any architecture, through a private apt state, from the mirror that this
 * machine's apt uses.
 *
 * apt_open (writes the private configuration) -> apt_update (apt checks the signatures) ->
 * apt_candidates -> candidate_pick -> apt_download. Lists, caches and package state are kept below
 * the given folder. The system's own are never written; its proxies and keyrings are used as they
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
	char arch[16]; /* Debian's name of it */
};

/* One version of a package that may hold a cloud kernel's image. */
struct candidate {
	char package[128]; /* linux-image-6.1.0-55-cloud-amd64 */
	char version[64];  /* 6.1.192-1 */
	char release[96];  /* 6.1.0-55-cloud-amd64, as uname -r will print */
	bool binary;	   /* linux-binary-*: where it exists, linux-image-* holds no image */
	bool is_unsigned;
};

/*
 * Makes the folders and the configuration. -ENOTSUP: this machine's apt has no Debian mirror, or
 * there is no apt.
 */
int apt_open(struct apt *apt, const char *dir, const char *arch, struct error *why);

/* Fetches the package lists. A suite that no longer exists is no error if others do. */
int apt_update(const struct apt *apt, struct error *why);

/* All candidates in the lists fetched last; the caller frees them. */
int apt_candidates(const struct apt *apt, struct candidate **out, size_t *n, struct error *why);

/* Puts the package file into dir, which exists. apt checks it against the signed lists. */
int apt_download(const struct apt *apt, const char *package, const char *version, const char *dir,
		 struct error *why);

/*
 * Puts the files of these packages (NULL at the end) and of all that they depend on into dir, which
 * exists. release: the suite to take them from; NULL: the newest one.
 */
int apt_download_all(const struct apt *apt, const char *release, const char *const *packages,
		     const char *dir, struct error *why);

/* Is it one of the suites whose lists are fetched? */
bool apt_has_suite(const char *codename);

/* Pure parts, for tests. */

/* Parses "package | version | source" lines as apt-cache madison prints them; skips other lines. */
int candidates_parse(const char *madison, struct candidate **out, size_t *n);

/*
 * The newest candidate that fits the user's words: a version or release prefix of whole components,
 * or a package's name. NULL: none.
 */
const struct candidate *candidate_pick(const struct candidate *all, size_t n, const char *spec);

/* "5.10 (5.10.262), 6.1 (6.1.192), …": the newest of each version series. */
void candidates_describe(const struct candidate *all, size_t n, char *text, size_t len);

/*
 * Finds mirrors in the output of `apt-get indextargets`, formatted as
 * "ORIGIN|RELEASE|COMPONENT|URI" lines.
 */
int mirrors_parse(const char *targets, char *main_uri, char *security_uri, size_t len);

#endif
