/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/foreign/foreign_bundle.h"
#include "bpf/foreign/presets.h"
#include "bpf/foreign/foreign_tool.h"
#include "kit/cmd/options/nearest.h"
#include "kit/foreign/measure_file.h"
#include "reports/show/escape.h"

/* ---- reading ---- */

static int list_object(struct measure_file *file, size_t i)
{
	const char *elf = (const char *)file->image + file->found.objects[i].offset;
	size_t bytes = file->found.objects[i].bytes;
	/* objects lie anywhere in a file; libelf wants them aligned */
	void *copy = malloc(bytes);
	int err;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, elf, bytes);
	err = inventory_prove(copy, bytes, &file->refused[i]);
	if (!err)
		err = inventory_read(copy, bytes, &file->listings[i], &file->refused[i]);
	free(copy);
	return err;
}

int measure_file_open(const char *path, struct measure_file *out, struct error *why)
{
	size_t good = 0;
	int err;

	*out = (struct measure_file){.path = path};
	err = carve_read(path, &out->image, &out->bytes, why);
	if (err)
		return err;
	err = carve_find(out->image, out->bytes, &out->found, why);
	if (err) {
		struct error what = *why;

		return error_set(why, err, "%s: %s", path, what.text);
	}
	out->listings = calloc(out->found.n, sizeof(*out->listings));
	out->refused = calloc(out->found.n, sizeof(*out->refused));
	if (!out->listings || !out->refused)
		return error_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < out->found.n; i++)
		good += !list_object(out, i);
	return good ? 0 : error_set(why, -EBADMSG, "%s: %s", path, out->refused[0].text);
}

void measure_file_close(struct measure_file *file)
{
	for (size_t i = 0; file->listings && i < file->found.n; i++)
		inventory_free(&file->listings[i]);
	free(file->listings);
	free(file->refused);
	free(file->image);
	*file = (struct measure_file){.path = NULL};
}

/* ---- listing ---- */

static void print_program(const struct listed_program *program, FILE *out)
{
	fprintf(out, "  %-3s %-16s ", program->section_parsed.kind == SECTION_OTHER ? "no" : "yes",
		section_word(program->section_parsed.kind));
	escape_print(out, program->name, RENDER_TEXT);
	fprintf(out, "\n      section ");
	escape_print(out, program->section, RENDER_TEXT);
	fprintf(out, ", %zu instructions", program->insns);
	if (program->section_parsed.why_not)
		fprintf(out, "; %s", program->section_parsed.why_not);
	else if (!*program->section_parsed.target)
		fputs("; its loader knows where it belongs: --attach NAME=SECTION", out);
	fputc('\n', out);
}

static void print_map(const struct listed_map *map, FILE *out)
{
	if (map->internal)
		return;
	fprintf(out, "      map ");
	escape_print(out, map->name, RENDER_TEXT);
	fprintf(out, ": %s, key %u, value %u, ", inventory_map_type(map->type), map->key_size,
		map->value_size);
	if (map->max_entries)
		fprintf(out, "%u entries\n", map->max_entries);
	else
		fputs("entries set when it is loaded\n", out);
}

size_t measure_file_list(const struct measure_file *file, FILE *out)
{
	size_t can = 0;

	for (size_t i = 0; i < file->found.n; i++) {
		const struct inventory *l = &file->listings[i];

		fprintf(out, "object %zu of %zu: at byte %zu of the file, %zu bytes%s\n", i + 1,
			file->found.n, file->found.objects[i].offset, file->found.objects[i].bytes,
			*file->refused[i].text || l->btf ? "" : ", without BTF");
		if (*file->refused[i].text) {
			fputs("  refused: ", out);
			escape_print(out, file->refused[i].text, RENDER_TEXT);
			fputc('\n', out);
		}
		for (size_t p = 0; p < l->n_programs; p++) {
			print_program(&l->programs[p], out);
			can += l->programs[p].section_parsed.kind != SECTION_OTHER;
		}
		for (size_t m = 0; m < l->n_maps; m++)
			print_map(&l->maps[m], out);
	}
	if (file->found.n)
		fputs("yes: of a type that bpftoll measures; no: of another one\n", out);
	if (file->found.other_endian)
		fprintf(out, "%zu more of the other byte order\n", file->found.other_endian);
	if (file->found.damaged)
		fprintf(out, "%zu more damaged: %s\n", file->found.damaged, file->found.why.text);
	return can;
}

/* ---- choosing ---- */

static bool wanted(const struct measure_options *options, const char *name)
{
	for (size_t i = 0; i < options->programs.n; i++)
		if (!fnmatch(options->programs.names[i], name, 0))
			return true;
	return !options->programs.n;
}

/* The section that --attach gives to the program, or its own. */
static const char *section_of(const struct measure_options *options,
			      const struct listed_program *program)
{
	size_t n = strlen(program->name);

	for (size_t i = 0; i < options->attaches.n; i++)
		if (!strncmp(options->attaches.names[i], program->name, n) &&
		    options->attaches.names[i][n] == '=')
			return options->attaches.names[i] + n + 1;
	return program->section;
}

/* A program reads its context as the kind of its hook gives it. */
static int check_family(const struct listed_program *program, const char *section,
			struct error *why)
{
	struct section to;

	if (section == program->section)
		return 0;
	section_parse(section, &to);
	if (to.kind == SECTION_OTHER)
		return error_set(why, -EINVAL, "--attach %s=%s: %s", program->name, section,
				 to.why_not);
	if (program->section_parsed.kind == SECTION_OTHER ||
	    section_family(to.kind) != section_family(program->section_parsed.kind))
		return error_set(why, -EINVAL,
				 "--attach %s=%s: the program was written for %s, which gives it "
				 "another context than %s",
				 program->name, section, program->section, section_word(to.kind));
	return 0;
}

static int add_program(size_t object, const struct listed_program *program,
		       const struct measure_options *options, struct error *why)
{
	const char *section = section_of(options, program);
	int err = check_family(program, section, why);

	if (err || !wanted(options, program->name) ||
	    (program->section_parsed.kind == SECTION_OTHER && section == program->section))
		return err;
	return bundle_add(object, program->name, section)
		       ? 0
		       : error_set(why, -E2BIG, "more than %d programs: choose with --program",
				   BUNDLE_ENTRIES_MOST);
}

static bool has_program(const struct measure_file *file, const char *pattern)
{
	for (size_t i = 0; i < file->found.n; i++)
		for (size_t p = 0; p < file->listings[i].n_programs; p++)
			if (!fnmatch(pattern, file->listings[i].programs[p].name, 0))
				return true;
	return false;
}

static int no_program(const struct measure_file *file, const char *name, struct error *why)
{
	struct nearest near = {.wrong = name};

	for (size_t i = 0; i < file->found.n; i++)
		for (size_t p = 0; p < file->listings[i].n_programs; p++)
			nearest_offer(&near, file->listings[i].programs[p].name);
	nearest_say(&near, "program", why);
	return -EINVAL;
}

static int check_names(const struct measure_file *file, const struct measure_options *options,
		       struct error *why)
{
	for (size_t i = 0; i < options->programs.n; i++)
		if (!has_program(file, options->programs.names[i]))
			return no_program(file, options->programs.names[i], why);
	for (size_t i = 0; i < options->attaches.n; i++) {
		char name[128];
		size_t n = strcspn(options->attaches.names[i], "=");

		snprintf(name, sizeof(name), "%.*s", (int)(n < 127 ? n : 127),
			 options->attaches.names[i]);
		if (!options->attaches.names[i][n])
			return error_set(why, -EINVAL, "--attach %s: must be NAME=SECTION", name);
		if (!has_program(file, name))
			return no_program(file, name, why);
	}
	return 0;
}

/* Copies words into rows of `len` bytes each. */
static int copy_words(const struct name_list *words, char *rows, size_t len, size_t *n,
		      const char *option, struct error *why)
{
	for (size_t i = 0; i < words->n; i++) {
		if (i == BUNDLE_SETTINGS_MOST || strlen(words->names[i]) >= len)
			return error_set(why, -E2BIG, "%s: too many, or too long", option);
		memcpy(rows + i * len, words->names[i], strlen(words->names[i]) + 1);
	}
	*n = words->n;
	return 0;
}

static int copy_settings(const struct measure_options *options, struct error *why)
{
	struct foreign_bundle *b = bundle();
	int err = copy_words(&options->sets, b->sets[0], sizeof(b->sets[0]), &b->n_sets, "--set",
			     why);

	if (!err)
		err = copy_words(&options->maps, b->maps[0], sizeof(b->maps[0]), &b->n_maps,
				 "--map", why);
	if (!err)
		err = copy_words(&options->pins, b->pins[0], sizeof(b->pins[0]), &b->n_pins,
				 "--pin-map", why);
	if (!err && options->monitor && strlen(options->monitor) >= sizeof(b->monitor))
		err = error_set(why, -E2BIG, "--monitor: too long");
	if (!err && options->monitor)
		snprintf(b->monitor, sizeof(b->monitor), "%s", options->monitor);
	if (!err)
		err = presets_check(b, why);
	return err ? err : presets_unknown(b, why);
}

int measure_tool_bundle(const struct measure_options *options, struct error *why)
{
	static const struct carve_found none;
	const char *name = strrchr(options->words[0], '/');
	struct foreign_entry *entry;
	size_t n = 0;
	int err = bundle_make("", &none, why);

	if (err)
		return err;
	for (; options->words[n]; n++) {
		struct foreign_bundle *b = bundle();
		size_t bytes = strlen(options->words[n]) + 1;

		if (n == TOOL_WORDS_MOST || bytes > sizeof(b->command) - b->command_bytes)
			return error_set(why, -E2BIG, "the command is too long");
		memcpy(b->command + b->command_bytes, options->words[n], bytes);
		b->command_bytes += bytes;
	}
	entry = bundle_add(0, name ? name + 1 : options->words[0], "");
	entry->tool = true;
	return 0;
}

int measure_file_bundle(const struct measure_file *file, const struct measure_options *options,
			struct error *why)
{
	int err = check_names(file, options, why);

	if (!err)
		err = bundle_make(file->image, &file->found, why);
	/* what libbpf refuses, or crashes on, is opened no more */
	for (size_t i = 0; i < file->found.n && !err; i++)
		if (*file->refused[i].text)
			bundle()->objects[i].bytes = 0;
	if (!err)
		err = copy_settings(options, why);
	for (size_t i = 0; i < file->found.n && !err; i++)
		for (size_t p = 0; p < file->listings[i].n_programs && !err; p++)
			err = add_program(i, &file->listings[i].programs[p], options, why);
	return err;
}

void measure_file_unsupported(const struct measure_file *file,
			      const struct measure_options *options,
			      void (*each)(void *ctx, const struct listed_program *program),
			      void *ctx)
{
	for (size_t i = 0; i < file->found.n; i++)
		for (size_t p = 0; p < file->listings[i].n_programs; p++) {
			const struct listed_program *program = &file->listings[i].programs[p];

			if (program->section_parsed.kind == SECTION_OTHER &&
			    wanted(options, program->name) &&
			    section_of(options, program) == program->section)
				each(ctx, program);
		}
}
