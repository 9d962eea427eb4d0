/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/document/page/bundle.h"

/* Of build/web.o; weak: without it they are at address 0. */
#define PART(name)                                               \
	extern const char bundle_##name[] __attribute__((weak)); \
	extern const char bundle_##name##_end[] __attribute__((weak))

PART(template);
PART(script);
PART(style);
extern const char bundle_script_hash[] __attribute__((weak));
extern const char bundle_style_hash[] __attribute__((weak));
extern const char bundle_version[] __attribute__((weak));

static struct bundle_text between(const char *begin, const char *end)
{
	return (struct bundle_text){begin, (size_t)(end - begin)};
}

bool bundle_get(struct bundle *out)
{
	if (!bundle_version)
		return false;
	*out = (struct bundle){
		.template = between(bundle_template, bundle_template_end),
		.script = between(bundle_script, bundle_script_end),
		.style = between(bundle_style, bundle_style_end),
		.script_hash = bundle_script_hash,
		.style_hash = bundle_style_hash,
		.version = bundle_version,
	};
	return true;
}
