/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "reports/record/wakeup_name.h"

static const struct {
	const char *value, *shown;
} names[] = {
	{"caught_up", "per-event"}, /* each event wakes the reader, which sleeps */
	{"idle", "none"},	    /* nobody is woken; the caller reads between blocks of calls */
	{"none", "buffer-full"},    /* nobody reads: the buffer is full, every event is lost */
	{"busy", "busy-poll"},	    /* each event wakes a reader that never sleeps */
	{"sampled", "every-64"},    /* the number is in the name unless it is 64 */
	{"polled_1ms", "polled-1ms"},
	{"polled_10ms", "polled-10ms"},
	{"sampled_16_10ms", "every-16-10ms"},
	{"sampled_256_10ms", "every-256-10ms"},
	{"watermark_16K_10ms", "watermark-16K-10ms"},
};

struct wakeup_name wakeup_name(const char *value)
{
	static const char sampled[] = "sampled_";
	struct wakeup_name name;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(value, names[i].value) == 0) {
			snprintf(name.text, sizeof(name.text), "%s", names[i].shown);
			return name;
		}
	if (strncmp(value, sampled, strlen(sampled)) == 0)
		snprintf(name.text, sizeof(name.text), "every-%s", value + strlen(sampled));
	else
		snprintf(name.text, sizeof(name.text), "%s", value);
	return name;
}
