/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "kit/cmd/options/nearest.h"

#define NAME_MAX_LEN 64

static size_t edit_distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1], n = strnlen(b, NAME_MAX_LEN);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i] && i < NAME_MAX_LEN; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t replace = diagonal + (a[i] != b[j]);
			size_t drop = row[j + 1] + 1, add = row[j] + 1;

			diagonal = row[j + 1];
			row[j + 1] = replace < drop ? replace : drop;
			if (add < row[j + 1])
				row[j + 1] = add;
		}
	}
	return row[n];
}

void nearest_offer(struct nearest *near, const char *name)
{
	size_t distance = edit_distance(near->wrong, name), at = near->n;

	while (at > 0 && near->best[at - 1].distance > distance)
		at--;
	if (at == 3)
		return;
	if (near->n < 3)
		near->n++;
	memmove(&near->best[at + 1], &near->best[at], (near->n - at - 1) * sizeof(near->best[0]));
	near->best[at].name = name;
	near->best[at].distance = distance;
}

void nearest_say(const struct nearest *near, const char *what, struct error *why)
{
	error_say(why, "no %s '%s'; nearest:", what, near->wrong);
	for (size_t i = 0; i < near->n; i++)
		error_add(why, "%s %s", i ? "," : "", near->best[i].name);
}
