/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of contents: the published values of FNV-1a with 128 bits, and keys that fit SQL's BIGINT.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "kit/store/content_hash.h"

static void published_values(void **state)
{
	/* draft-eastlake-fnv, test vectors */
	static const struct {
		const char *text, *hash;
	} known[] = {
		{"", "6c62272e07bb014262b821756295c58d"},
		{"a", "d228cb696f1a8caf78912b704e4a8964"},
		{"foobar", "343e1662793c64bf6f0d3597ba446f18"},
	};
	char hash[CONTENT_HASH_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		content_hash(known[i].text, strlen(known[i].text), hash);
		assert_string_equal(hash, known[i].hash);
	}
}

static void keys_fit(void **state)
{
	char key[24];

	(void)state;
	content_hash_key("ffffffffffffffff0000000000000000", key);
	assert_string_equal(key, "9223372036854775807");
	content_hash_key("00000000000000020000000000000000", key);
	assert_string_equal(key, "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_values),
		cmocka_unit_test(keys_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
