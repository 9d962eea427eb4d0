/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "calib/path.h"
#include "reports/user/unprivileged.h"

static const char *const systems[] = {"/usr/local/bin", "/usr/bin", "/bin"};

static bool has_folder(const char *list, const char *folder)
{
	size_t len = strlen(folder);

	for (const char *at = list; at; at = strchr(at, ':') ? strchr(at, ':') + 1 : NULL)
		if (!strncmp(at, folder, len) && (at[len] == ':' || !at[len]))
			return true;
	return false;
}

static void choose_path(struct unprivileged *out)
{
	const char *list = getenv("PATH");
	size_t used = (size_t)snprintf(out->path, sizeof(out->path), "PATH=");

	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		if (has_folder(list ? list : "/usr/bin", systems[i]))
			used += (size_t)snprintf(out->path + used, sizeof(out->path) - used, "%s%s",
						 out->path[used - 1] == '=' ? "" : ":", systems[i]);
	/* an empty PATH is the working folder */
	if (out->path[used - 1] == '=')
		snprintf(out->path + used, sizeof(out->path) - used, "/nonexistent");
}

int program_search(const char *folders, const char *name, char *path, size_t len)
{
	for (const char *at = folders; *at; at += strspn(at, ":")) {
		size_t n = strcspn(at, ":");

		if (n && !path_put(path, len, "%.*s/%s", (int)n, at, name) && !access(path, X_OK))
			return 0;
		at += n;
	}
	return -ENOENT;
}

int unprivileged_program(const char *name, char *path, size_t len)
{
	const char *list = getenv("PATH");
	struct unprivileged user;

	if (!geteuid()) {
		choose_path(&user);
		list = strchr(user.path, '=') + 1;
	}
	return program_search(list ? list : "/usr/bin:/bin", name, path, len);
}

/* A number above 0 as sudo sets it; else 0. */
static unsigned int number(const char *name)
{
	const char *text = getenv(name);
	unsigned long value;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoul(text, &end, 10);
	return errno || *end || value >= (uid_t)-1 ? 0 : (unsigned int)value;
}

bool unprivileged_caller(struct unprivileged *out)
{
	*out = (struct unprivileged){.uid = 0};
	if (geteuid())
		return false;
	out->uid = number("SUDO_UID");
	out->gid = number("SUDO_GID");
	return out->uid && out->gid;
}

int unprivileged_find(struct unprivileged *out)
{
	bool called = unprivileged_caller(out);
	const struct passwd *nobody;

	if (geteuid())
		return 0;
	choose_path(out);
	if (called)
		return 0;
	nobody = getpwnam("nobody");
	if (!nobody || !nobody->pw_uid || !nobody->pw_gid)
		return -ENOENT;
	out->uid = nobody->pw_uid;
	out->gid = nobody->pw_gid;
	return 0;
}

int unprivileged_become(const struct unprivileged *user)
{
	if (user->uid && (setgroups(0, NULL) || setresgid(user->gid, user->gid, user->gid) ||
			  setresuid(user->uid, user->uid, user->uid)))
		return -errno;
	/* a user who is not root may have been given capabilities, which exec would keep */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

char **unprivileged_environment(struct unprivileged *user)
{
	if (!user->uid)
		return environ;
	user->names[0] = user->path;
	user->names[1] = "LC_ALL=C.UTF-8";
	user->names[2] = "HOME=/nonexistent";
	user->names[3] = NULL;
	return (char **)user->names;
}
