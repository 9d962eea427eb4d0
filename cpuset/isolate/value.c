/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpuset/isolate/value.h"

#include <string.h>

bool value_is_number(const char *value)
{
	size_t len = strlen(value);

	return len > 0 && len <= 10 && strspn(value, "0123456789") == len;
}

bool value_is_word(const char *value)
{
	size_t len = strlen(value);

	return len > 0 && len <= 32 &&
	       strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

bool value_is_latency(const char *value)
{
	return strcmp(value, "n/a") == 0 || value_is_number(value);
}

bool value_same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

void value_whole(char *text)
{
	(void)text;
}

void value_chosen(char *text)
{
	char *open = strchr(text, '[');
	char *close = open ? strchr(open, ']') : NULL;

	if (!close)
		return;
	*close = '\0';
	memmove(text, open + 1, (size_t)(close - open));
}
