/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unprivileged: as whom root runs a program that needs no right of root's: the user who called
 * sudo, else nobody. Such a program gets a closed environment, and comes from the system's folders
 * only.
 */
#ifndef BPFTOLL_REPORTS_USER_UNPRIVILEGED_H
#define BPFTOLL_REPORTS_USER_UNPRIVILEGED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct unprivileged {
	uid_t uid; /* 0: this process is not root, and nothing is changed */
	gid_t gid;
	char path[96];	      /* "PATH=…": those of the caller's folders that are the system's */
	const char *names[4]; /* the whole environment */
};

/* Root, and called through sudo by somebody else: his uid and gid, and nothing more, into out. */
bool unprivileged_caller(struct unprivileged *out);

/* Before fork. 0; -ENOENT: root, and there is no user nobody. */
int unprivileged_find(struct unprivileged *out);

/* In the child: becomes that user for good. 0 or -errno. */
int unprivileged_become(const struct unprivileged *user);

/* The full path of a program in a list of folders as PATH has it. 0; -ENOENT: none. */
int program_search(const char *folders, const char *name, char *path, size_t len);

/* The same for one that such a user runs: in PATH, for root in what of it is the system's. */
int unprivileged_program(const char *name, char *path, size_t len);

/* The environment for exec. */
char **unprivileged_environment(struct unprivileged *user);

#endif
