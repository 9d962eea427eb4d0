/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tree: a made-up system below a temporary folder, for tests that include cmocka.h first.
 */
#ifndef BPFTOLL_TESTS_UNIT_CPUSET_TREE_H
#define BPFTOLL_TESTS_UNIT_CPUSET_TREE_H

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TREE_TEXT = 8192 };

struct tree {
	char root[64];
	FILE *log;
	char *log_text;
	size_t log_len;
};

static inline void tree_make(struct tree *tree)
{
	*tree = (struct tree){.root = "/tmp/bpftoll-tree-XXXXXX"};
	assert_non_null(mkdtemp(tree->root));
	tree->log = open_memstream(&tree->log_text, &tree->log_len);
	assert_non_null(tree->log);
}

static inline int tree_remove_item(const char *path, const struct stat *st, int type,
				   struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void tree_remove(struct tree *tree)
{
	assert_int_equal(fclose(tree->log), 0);
	free(tree->log_text);
	assert_int_equal(nftw(tree->root, tree_remove_item, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static inline void tree_path(const struct tree *tree, const char *path, char full[PATH_MAX])
{
	assert_true(snprintf(full, PATH_MAX, "%s%s", tree->root, path) < PATH_MAX);
}

/* Makes the folders above it, too. */
static inline void tree_put(const struct tree *tree, const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *file;

	tree_path(tree, path, full);
	for (char *at = full + strlen(tree->root) + 1; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(full, 0755);
		*at = '/';
	}
	file = fopen(full, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static inline void tree_get(const struct tree *tree, const char *path, char text[TREE_TEXT])
{
	char full[PATH_MAX];
	size_t len;
	FILE *file;

	tree_path(tree, path, full);
	file = fopen(full, "re");
	if (!file)
		fail_msg("%s is not there", full);
	len = fread(text, 1, TREE_TEXT - 1, file);
	text[len] = '\0';
	fclose(file);
}

static inline void tree_holds(const struct tree *tree, const char *path, const char *text)
{
	char got[TREE_TEXT];

	tree_get(tree, path, got);
	if (strcmp(got, text) != 0)
		fail_msg("%s holds \"%s\", not \"%s\"", path, got, text);
}

static inline bool tree_has(const struct tree *tree, const char *path)
{
	char full[PATH_MAX];

	tree_path(tree, path, full);
	return access(full, F_OK) == 0;
}

static inline void tree_link(const struct tree *tree, const char *path, const char *target)
{
	char full[PATH_MAX];

	tree_put(tree, path, "");
	tree_path(tree, path, full);
	assert_int_equal(unlink(full), 0);
	assert_int_equal(symlink(target, full), 0);
}

static inline bool tree_logged(struct tree *tree, const char *words)
{
	fflush(tree->log);
	if (strstr(tree->log_text, words))
		return true;
	print_error("not in the log: %s\nthe log:\n%s", words, tree->log_text);
	return false;
}

#endif
