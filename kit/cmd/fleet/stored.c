/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/cmd/fleet/stored.h"
#include "kit/store/store.h"

/* Text that comes one after another, each once where equal ones follow each other. */
struct texts {
	char **all;
	size_t n;
};

static int add_text(struct texts *to, const char *text)
{
	char **more;

	if (to->n && strcmp(to->all[to->n - 1], text) == 0)
		return 0;
	more = realloc((void *)to->all, (to->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	to->all = more;
	more[to->n] = strdup(text);
	if (!more[to->n])
		return -ENOMEM;
	to->n++;
	return 0;
}

static void free_texts(struct texts *texts)
{
	for (size_t i = 0; i < texts->n; i++)
		free(texts->all[i]);
	free((void *)texts->all);
	*texts = (struct texts){NULL, 0};
}

struct found {
	struct texts folders, boots;
};

static int take_figure(void *ctx, const char *const *values, size_t n)
{
	struct found *found = ctx;
	int err = n == 2 && values[0] ? add_text(&found->folders, values[0]) : 0;

	return err || !values[1] ? err : add_text(&found->boots, values[1]);
}

static int take_folder(void *ctx, const char *const *values, size_t n)
{
	return n == 1 && values[0] ? add_text(ctx, values[0]) : 0;
}

static int by_text(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Records of these boots that have no configurations. */
static int add_beside(struct store *store, struct found *found, struct error *why)
{
	static const char text[] = "SELECT folder FROM run WHERE boot = $1 AND NOT EXISTS "
				   "(SELECT 1 FROM cell WHERE cell.run = run.id) ORDER BY folder";
	int err = 0;

	if (found->boots.n)
		qsort((void *)found->boots.all, found->boots.n, sizeof(char *), by_text);
	for (size_t i = 0; i < found->boots.n && !err; i++) {
		const char *values[] = {found->boots.all[i]};

		if (!i || strcmp(values[0], found->boots.all[i - 1]) != 0)
			err = sql_ask(store_sql(store), text, values, 1, take_folder,
				      &found->folders, NULL, why);
	}
	return err;
}

int stored_find(const char *url, const char *const *filters, size_t n, struct stored *out,
		struct error *why)
{
	struct store_filter filter = {.n = 0};
	struct found found = {{NULL, 0}, {NULL, 0}};
	struct store *store = NULL;
	int err;

	*out = (struct stored){NULL, 0};
	if (n > STORE_FILTERS_MAX)
		return error_set(why, -EINVAL, "more than %d filters", STORE_FILTERS_MAX);
	/* opening would make an empty one */
	if (!strstr(url, "://") && access(url, F_OK))
		return error_set(why, -ENOENT,
				 "%s: no such database (bpftoll store add DIR makes one)", url);
	while (filter.n < n) {
		filter.words[filter.n] = filters[filter.n];
		filter.n++;
	}
	err = store_open_to_read(url, &store, why);
	if (!err)
		err = store_query(store, STORE_FIGURES, &filter, "folder, boot", 0, take_figure,
				  &found, why);
	if (!err)
		err = add_beside(store, &found, why);
	if (!err && !found.folders.n)
		err = error_set(why, -ENOENT, "nothing in the database passes these filters");
	store_close(store);
	*out = (struct stored){found.folders.all, found.folders.n};
	free_texts(&found.boots);
	return err;
}

void stored_free(struct stored *stored)
{
	free_texts(&(struct texts){stored->folders, stored->n});
}
