/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "reports/record/tree/utf8.h"
#include "reports/show/escape.h"

#define LONGEST 1000

/* Moves the cursor, ends the line or changes the direction of what follows. */
static bool acts(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
	       (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
	       (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
	       (point >= 0xe0000 && point <= 0xe007f);
}

static void put(FILE *out, int c, enum render_format format)
{
	if (format == RENDER_CSV && c == '"') {
		fputs("\"\"", out);
		return;
	}
	if (format == RENDER_MARKDOWN) {
		const char *entity = c == '<'	? "&lt;"
				     : c == '>' ? "&gt;"
				     : c == '&' ? "&amp;"
						: NULL;

		if (entity) {
			fputs(entity, out);
			return;
		}
		if (strchr("\\`*[]|~!$", c))
			fputc('\\', out);
	}
	fputc(c, out);
}

static void put_hex(FILE *out, unsigned char byte, enum render_format format)
{
	static const char digits[] = "0123456789abcdef";

	put(out, '\\', format);
	fputc('x', out);
	fputc(digits[byte >> 4], out);
	fputc(digits[byte & 15], out);
}

static void put_all(FILE *out, const char *text, enum render_format format, size_t most)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t shown = 0; *s; shown++) {
		size_t length, bytes;
		uint32_t point = utf8_decode(s, &length);

		if (shown == most) {
			fputs("...", out);
			return;
		}
		bytes = length ? length : 1;
		if (length == 1 && !acts(point))
			put(out, (int)point, format);
		else if (length > 1 && !acts(point))
			fwrite(s, 1, bytes, out);
		else
			for (size_t i = 0; i < bytes; i++)
				put_hex(out, s[i], format);
		s += bytes;
	}
}

static void put_csv(FILE *out, const char *text)
{
	/* A spreadsheet takes a field that begins so for a formula. A lone "-" is a wakeup policy.
	 */
	bool formula = strchr("=+@\t\r", *text) || (*text == '-' && text[1]);

	if (!*text)
		return;
	fputc('"', out);
	if (formula)
		fputc('\'', out);
	put_all(out, text, RENDER_CSV, SIZE_MAX);
	fputc('"', out);
}

void escape_part(FILE *out, const char *text, enum render_format format)
{
	put_all(out, text ? text : "", format, format == RENDER_CSV ? SIZE_MAX : LONGEST);
}

void escape_print(FILE *out, const char *text, enum render_format format)
{
	if (format == RENDER_CSV) {
		if (text)
			put_csv(out, text);
		return;
	}
	put_all(out, text ? text : "unknown", format, LONGEST);
}

size_t escape_width(const char *text)
{
	size_t width = 0;

	for (const char *c = text; *c; c++)
		width += ((unsigned char)*c & 0xc0) != 0x80;
	return width;
}

void escape_clip(FILE *out, const char *text, size_t columns)
{
	bool all = escape_width(text) <= columns;
	size_t room = all ? columns : columns - 1, at = 0;

	for (; text[at]; at++) {
		if (((unsigned char)text[at] & 0xc0) != 0x80 && room-- == 0)
			break;
		fputc(text[at], out);
	}
	fputs(all ? "" : "…", out);
}
