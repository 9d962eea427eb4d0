/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base64: the vectors of RFC 4648, section 10; what is not as the encoder writes it is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit/archive/base64.h"

static void the_standard_vectors(void **state)
{
	static const char *const rows[][2] = {{"", ""},
					      {"f", "Zg=="},
					      {"fo", "Zm8="},
					      {"foo", "Zm9v"},
					      {"foob", "Zm9vYg=="},
					      {"fooba", "Zm9vYmE="},
					      {"foobar", "Zm9vYmFy"}};
	unsigned char bytes[16];
	char text[BASE64_TEXT(6)];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i][0]);

		base64_encode((const unsigned char *)rows[i][0], len, text);
		assert_string_equal(text, rows[i][1]);
		assert_int_equal(base64_decode(text, strlen(text), bytes), len);
		assert_memory_equal(bytes, rows[i][0], len);
	}
}

static void all_bytes_come_back(void **state)
{
	unsigned char bytes[256], back[258];
	char text[BASE64_TEXT(sizeof(bytes))];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(255 - i);
	base64_encode(bytes, sizeof(bytes), text);
	assert_int_equal(base64_decode(text, strlen(text), back), sizeof(bytes));
	assert_memory_equal(bytes, back, sizeof(bytes));
}

static void what_is_no_base64_is_refused(void **state)
{
	static const char *const bad[] = {
		"Z",	"Zg=",	"Zg",	    "Zh==", "Zm9=",
		"====", "Z===", "Zg==Zg==", "Zm9 ", "Zm9v\xff\xff\xff\xff",
		"Zm-_", "=Zm9"};
	unsigned char bytes[16];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(base64_decode(bad[i], strlen(bad[i]), bytes), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standard_vectors),
		cmocka_unit_test(all_bytes_come_back),
		cmocka_unit_test(what_is_no_base64_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
