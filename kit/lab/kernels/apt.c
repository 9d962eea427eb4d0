/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/lab/kernels/apt.h"
#include "kit/system/file.h"
#include "kit/system/process.h"

#define URI_MAX 512
#define KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

static const char *const suites[] = {"bullseye", "bullseye-updates",   "bookworm",
				     "trixie",	 "bookworm-backports", "trixie-backports"};
static const char *const security_suites[] = {"bullseye-security", "bookworm-security",
					      "trixie-security"};

static int make_dirs(const char *base)
{
	static const char *const names[] = {"",
					    "/state",
					    "/state/lists",
					    "/cache",
					    "/state/lists/partial",
					    "/cache/archives",
					    "/sources",
					    "/cache/archives/partial"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", base, names[i]);
		if (mkdir(path, 0700) && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/* apt itself is asked, so that mirrors, variables and deb822 files are read as apt reads them. */
static int find_mirrors(char *main_uri, char *security_uri, struct error *why)
{
	char *argv[] = {"apt-get",
			"indextargets",
			"--format",
			"$(ORIGIN)|$(RELEASE)|$(COMPONENT)|$(REPO_URI)",
			"Identifier: Packages",
			NULL};
	char *text = NULL;
	size_t len;
	int err;

	err = process_run(argv, NULL, &text, why);
	if (err == -ENOENT)
		return -ENOTSUP;
	if (err)
		return err;
	if (mirrors_parse(text, main_uri, security_uri, URI_MAX)) {
		err = -ENOTSUP;
		error_say(why, "apt has no Debian mirror set up here (or apt-get update never "
			       "ran); name a kernel image with --kernel /path/to/bzImage");
	}
	/* a mirror of the archive has the security archive beside it under this name */
	len = strlen(main_uri);
	if (!err && !*security_uri) {
		while (len && main_uri[len - 1] == '/')
			len--;
		snprintf(security_uri, URI_MAX, "%.*s-security/", (int)len, main_uri);
	}
	free(text);
	return err;
}

static int write_sources(const struct apt *apt, const char *main_uri, const char *security_uri)
{
	char path[PATH_MAX + 32], options[128], *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return -ENOMEM;
	snprintf(options, sizeof(options), "[arch=%s%s]", apt->arch,
		 access(KEYRING, R_OK) ? "" : " signed-by=" KEYRING);
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		fprintf(out, "deb %s %s %s main\n", options, main_uri, suites[i]);
	for (size_t i = 0; i < sizeof(security_suites) / sizeof(security_suites[0]); i++)
		fprintf(out, "deb %s %s %s main\n", options, security_uri, security_suites[i]);
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	path_put(path, sizeof(path), "%s/sources.list", apt->dir);
	err = file_replace(path, text, len);
	free(text);
	return err;
}

/* without the system's hooks, which would tell the desktop that something was updated */
static int write_config(const struct apt *apt)
{
	char path[PATH_MAX + 32], *text = NULL;
	const char *dir = apt->dir;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return -ENOMEM;
	fprintf(out, "#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n"
		     "#clear APT::Update::Post-Invoke-Success;\n#clear DPkg::Post-Invoke;\n");
	fprintf(out, "Dir::State \"%s/state\";\nDir::State::lists \"lists\";\n", dir);
	fprintf(out, "Dir::State::status \"%s/status\";\n", dir);
	fprintf(out, "Dir::Cache \"%s/cache\";\nDir::Cache::pkgcache \"pkgcache.bin\";\n", dir);
	fprintf(out, "Dir::Cache::srcpkgcache \"srcpkgcache.bin\";\n");
	fprintf(out, "Dir::Etc::sourcelist \"%s/sources.list\";\n", dir);
	fprintf(out, "Dir::Etc::sourceparts \"%s/sources\";\n", dir);
	fprintf(out, "Dir::Etc::preferences \"/dev/null\";\nDir::Etc::preferencesparts \"-\";\n");
	fprintf(out, "APT::Architecture \"%s\";\n#clear APT::Architectures;\n", apt->arch);
	fprintf(out, "APT::Architectures { \"%s\"; };\nAPT::Sandbox::User \"root\";\n", apt->arch);
	fprintf(out, "Acquire::Languages \"none\";\nAcquire::Retries \"2\";\n"
		     "Acquire::http::Timeout \"20\";\n");
	if (fclose(out)) {
		free(text);
		return -ENOMEM;
	}
	err = file_replace(apt->config, text, len);
	free(text);
	path_put(path, sizeof(path), "%s/status", dir);
	return err ? err : file_replace(path, "", 0);
}

int apt_open(struct apt *apt, const char *dir, const char *arch, struct error *why)
{
	char main_uri[URI_MAX], security_uri[URI_MAX];
	int err;

	memset(apt, 0, sizeof(*apt));
	path_put(apt->dir, sizeof(apt->dir), "%s", dir);
	snprintf(apt->arch, sizeof(apt->arch), "%s", arch);
	if (path_put(apt->config, sizeof(apt->config), "%s/apt.conf", dir))
		return -ENAMETOOLONG;
	err = find_mirrors(main_uri, security_uri, why);
	if (err)
		return err;
	err = make_dirs(dir);
	if (!err)
		err = write_config(apt);
	if (!err)
		err = write_sources(apt, main_uri, security_uri);
	if (err)
		error_say(why, "%s: %s", dir, strerror(-err));
	return err;
}

int apt_update(const struct apt *apt, struct error *why)
{
	char *argv[] = {"apt-get", "-q", "-c", (char *)apt->config, "update", NULL};

	return process_run(argv, NULL, NULL, why);
}

/* Appends the names of cloud kernels among the lines of pkgnames to argv. They point into text. */
static char **kernel_names(struct apt *apt, char *text, size_t *n)
{
	char **argv = calloc(strlen(text) / 8 + 8, sizeof(*argv)), *save = NULL;
	char flavour[32];

	snprintf(flavour, sizeof(flavour), "cloud-%s", apt->arch);
	if (!argv)
		return NULL;
	*n = 0;
	argv[(*n)++] = "apt-cache";
	argv[(*n)++] = "-c";
	argv[(*n)++] = apt->config;
	argv[(*n)++] = "madison";
	for (char *name = strtok_r(text, "\n", &save); name; name = strtok_r(NULL, "\n", &save))
		if (strstr(name, flavour) && !strstr(name, "-dbg"))
			argv[(*n)++] = name;
	return argv;
}

int apt_candidates(const struct apt *apt, struct candidate **out, size_t *n, struct error *why)
{
	char *argv[] = {"apt-cache", "-c", (char *)apt->config, "pkgnames", "linux-", NULL};
	char *names = NULL, *madison = NULL, **query = NULL;
	struct apt copy = *apt;
	size_t n_query = 0;
	int err;

	*out = NULL;
	*n = 0;
	err = process_run(argv, NULL, &names, why);
	if (err)
		goto out;
	query = kernel_names(&copy, names, &n_query);
	if (!query) {
		err = -ENOMEM;
		error_say(why, "out of memory");
		goto out;
	}
	if (n_query <= 4)
		goto out;
	err = process_run(query, NULL, &madison, why);
	if (err)
		goto out;
	err = candidates_parse(madison, out, n);
	if (err)
		error_say(why, "out of memory");
out:
	free(query);
	free(names);
	free(madison);
	return err;
}

int apt_download(const struct apt *apt, const char *package, const char *version, const char *dir,
		 struct error *why)
{
	char what[256];
	char *argv[] = {"apt-get", "-q", "-c", (char *)apt->config, "download", what, NULL};

	snprintf(what, sizeof(what), "%s=%s", package, version);
	return process_run(argv, dir, NULL, why);
}

int apt_download_all(const struct apt *apt, const char *release, const char *const *packages,
		     const char *dir, struct error *why)
{
	char archives[PATH_MAX + 32], partial[PATH_MAX + 16];
	struct words w = {0};

	snprintf(archives, sizeof(archives), "Dir::Cache::archives=%s", dir);
	path_put(partial, sizeof(partial), "%s/partial", dir);
	if (mkdir(partial, 0700) && errno != EEXIST)
		return error_set(why, -errno, "%s: %s", partial, strerror(errno));
	words_add(&w, "apt-get", "-q", "-y", "-c", apt->config, "--no-install-recommends",
		  "--download-only", "-o", archives, NULL);
	if (release && *release)
		words_add(&w, "-t", release, NULL);
	words_add(&w, "install", NULL);
	while (*packages)
		words_add(&w, *packages++, NULL);
	return process_run(w.argv, NULL, NULL, why);
}

bool apt_has_suite(const char *codename)
{
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (!strcmp(suites[i], codename))
			return true;
	return false;
}
