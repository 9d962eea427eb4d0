/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab/kernels/debversion.h"

/* Order of characters by deb-version(7): letters before everything else, ~ before even the end. */
static int weight(char c)
{
	if (c == '~')
		return -1;
	if (isdigit((unsigned char)c) || c == '\0')
		return 0;
	if (isalpha((unsigned char)c))
		return (unsigned char)c;
	return (unsigned char)c + 256;
}

/* Compares [a, a_end) with [b, b_end): runs of non-digits and of digits in turn. */
static int compare_part(const char *a, const char *a_end, const char *b, const char *b_end)
{
#define AT(p, end) ((p) < (end) ? *(p) : '\0')
	while (a < a_end || b < b_end) {
		int first = 0;

		while ((a < a_end && !isdigit((unsigned char)*a)) ||
		       (b < b_end && !isdigit((unsigned char)*b))) {
			int diff = weight(AT(a, a_end)) - weight(AT(b, b_end));

			if (diff)
				return diff;
			a += a < a_end;
			b += b < b_end;
		}
		while (AT(a, a_end) == '0')
			a++;
		while (AT(b, b_end) == '0')
			b++;
		while (isdigit((unsigned char)AT(a, a_end)) &&
		       isdigit((unsigned char)AT(b, b_end))) {
			if (!first)
				first = *a - *b;
			a++;
			b++;
		}
		if (isdigit((unsigned char)AT(a, a_end)))
			return 1;
		if (isdigit((unsigned char)AT(b, b_end)))
			return -1;
		if (first)
			return first;
	}
#undef AT
	return 0;
}

static const char *after_epoch(const char *version, long *epoch)
{
	const char *colon = strchr(version, ':');

	*epoch = colon ? strtol(version, NULL, 10) : 0;
	return colon ? colon + 1 : version;
}

int debversion_compare(const char *a, const char *b)
{
	const char *a_rev, *b_rev, *a_end, *b_end;
	long a_epoch, b_epoch;
	int diff;

	a = after_epoch(a, &a_epoch);
	b = after_epoch(b, &b_epoch);
	if (a_epoch != b_epoch)
		return a_epoch < b_epoch ? -1 : 1;
	a_end = a + strlen(a);
	b_end = b + strlen(b);
	a_rev = strrchr(a, '-');
	b_rev = strrchr(b, '-');
	diff = compare_part(a, a_rev ? a_rev : a_end, b, b_rev ? b_rev : b_end);
	if (diff)
		return diff;
	return compare_part(a_rev ? a_rev + 1 : a_end, a_end, b_rev ? b_rev + 1 : b_end, b_end);
}

bool debversion_begins(const char *version, const char *prefix)
{
	size_t len = strlen(prefix);

	if (!len || strncmp(version, prefix, len) != 0)
		return false;
	return !isdigit((unsigned char)version[len]) || !isdigit((unsigned char)prefix[len - 1]);
}
