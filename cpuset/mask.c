/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpuset/mask.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

enum { GROUP_BITS = 32, GROUP_DIGITS = 8 };

bool mask_valid(const char *text)
{
	int digits = 0;

	for (const char *at = text;; at++) {
		if (isxdigit((unsigned char)*at)) {
			if (++digits > GROUP_DIGITS)
				return false;
			continue;
		}
		if (!digits)
			return false;
		if (!*at)
			return true;
		if (*at != ',')
			return false;
		digits = 0;
	}
}

static int parse(const char *text, hwloc_bitmap_t set)
{
	return mask_valid(text) && hwloc_bitmap_sscanf(set, text) == 0 ? 0 : -EBADMSG;
}

bool mask_same(const char *a, const char *b)
{
	hwloc_bitmap_t set_a = hwloc_bitmap_alloc();
	hwloc_bitmap_t set_b = hwloc_bitmap_alloc();
	bool same = set_a && set_b && parse(a, set_a) == 0 && parse(b, set_b) == 0 &&
		    hwloc_bitmap_isequal(set_a, set_b);

	hwloc_bitmap_free(set_b);
	hwloc_bitmap_free(set_a);
	return same;
}

static void format(hwloc_const_bitmap_t set, char mask[SYSFILE_MAX])
{
	size_t used = 0;

	for (int group = hwloc_bitmap_last(set) / GROUP_BITS; group >= 0; group--) {
		unsigned int bits = 0;

		for (unsigned int bit = 0; bit < GROUP_BITS; bit++) {
			if (hwloc_bitmap_isset(set, (unsigned int)group * GROUP_BITS + bit))
				bits |= 1U << bit;
		}
		used += (size_t)snprintf(mask + used, SYSFILE_MAX - used, "%08x%s", bits,
					 group ? "," : "");
	}
}

int mask_without(const char *before, int cpu, hwloc_const_bitmap_t online, char mask[SYSFILE_MAX])
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int err = -ENOMEM;

	if (!set)
		return err;
	err = parse(before, set);
	if (err)
		goto out;
	hwloc_bitmap_clr(set, (unsigned int)cpu);
	if (!hwloc_bitmap_iszero(online) && !hwloc_bitmap_intersects(set, online)) {
		if (hwloc_bitmap_copy(set, online) < 0) {
			err = -ENOMEM;
			goto out;
		}
		hwloc_bitmap_clr(set, (unsigned int)cpu);
	}
	/*
	 * the text before had a bounded length, and no CPU above its last or the last online one
	 * was added
	 */
	if (hwloc_bitmap_iszero(set))
		err = -ENODEV;
	else
		format(set, mask);
out:
	hwloc_bitmap_free(set);
	return err;
}
