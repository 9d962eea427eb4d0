/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "bpf/foreign/presets.h"

#define VALUE_MOST (256u << 20) /* entries or bytes of a map */

/* The name before `end` in the word. */
static bool name_of(const char *word, char end, char *name, size_t len)
{
	const char *at = strchr(word, end);

	if (!at || at == word || (size_t)(at - word) >= len)
		return false;
	snprintf(name, len, "%.*s", (int)(at - word), word);
	return true;
}

/* ---- global variables ---- */

/* A variable within the initial value of its section's map. */
struct variable {
	struct bpf_map *map;
	size_t offset;
	const struct btf *btf;
	unsigned int type;
	size_t bytes;
};

static bool in_section(const struct btf *btf, const struct btf_type *section, const char *name,
		       struct bpf_map *map, struct variable *out)
{
	size_t bytes;
	const void *value = bpf_map__initial_value(map, &bytes);
	const struct btf_var_secinfo *v = btf_var_secinfos(section);

	for (int i = 0; value && i < btf_vlen(section); i++, v++) {
		const struct btf_type *var = btf__type_by_id(btf, v->type);

		if (!var || !btf_is_var(var) ||
		    strcmp(btf__name_by_offset(btf, var->name_off), name) != 0 ||
		    v->offset > bytes || v->size > bytes - v->offset)
			continue;
		*out = (struct variable){map, v->offset, btf, var->type, v->size};
		return true;
	}
	return false;
}

/* The map of the section: libbpf's name of it ends with the section's, ".rodata.str1.1" included.
 */
static struct bpf_map *section_map(struct bpf_object *object, const char *section)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, object)
	{
		const char *name = bpf_map__name(map), *dot = strchr(name, '.');

		if (bpf_map__is_internal(map) && dot && !strcmp(dot, section))
			return map;
	}
	return NULL;
}

static bool find_variable(struct bpf_object *object, const char *name, struct variable *out)
{
	const struct btf *btf = bpf_object__btf(object);

	for (unsigned int id = 1; btf && id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		struct bpf_map *map;

		if (!btf_is_datasec(type))
			continue;
		map = section_map(object, btf__name_by_offset(btf, type->name_off));
		if (map && in_section(btf, type, name, map, out))
			return true;
	}
	return false;
}

static const struct btf_type *plain_type(const struct btf *btf, unsigned int id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (type && (btf_is_typedef(type) || btf_is_mod(type)))
		type = btf__type_by_id(btf, type->type);
	return type;
}

static bool is_text(const struct variable *v, const struct btf_type *type)
{
	const struct btf_type *element =
		btf_is_array(type) ? plain_type(v->btf, btf_array(type)->type) : NULL;

	return element && btf_is_int(element) && element->size == 1;
}

/* The value of an enumeration's word. */
static bool enum_value(const struct variable *v, const struct btf_type *type, const char *word,
		       long long *out)
{
	const struct btf_enum *e = btf_enum(type);

	for (int i = 0; btf_is_enum(type) && i < btf_vlen(type); i++)
		if (!strcmp(btf__name_by_offset(v->btf, e[i].name_off), word)) {
			*out = e[i].val;
			return true;
		}
	return false;
}

static bool number_of(const char *word, long long *out)
{
	char *end;

	if (!strcmp(word, "true") || !strcmp(word, "false")) {
		*out = *word == 't';
		return true;
	}
	errno = 0;
	*out = *word == '-' ? strtoll(word, &end, 0) : (long long)strtoull(word, &end, 0);
	return end != word && !*end && !errno;
}

/* Does the number fit into so many bytes, as a signed or an unsigned one? */
static bool holds(long long number, const char *word, size_t bytes)
{
	if (bytes == sizeof(number))
		return true;
	if (*word == '-')
		return number >= -(1LL << (8 * bytes - 1));
	return (unsigned long long)number < 1ULL << (8 * bytes);
}

/* Writes bytes, and zeros up to the variable's end, into the section's initial value. */
static int write_value(const struct variable *v, const void *from, size_t n)
{
	size_t bytes;
	const void *was = bpf_map__initial_value(v->map, &bytes);
	char *now = malloc(bytes);
	int err;

	if (!now)
		return -ENOMEM;
	memcpy(now, was, bytes);
	memset(now + v->offset, 0, v->bytes);
	memcpy(now + v->offset, from, n);
	err = bpf_map__set_initial_value(v->map, now, bytes);
	free(now);
	return err;
}

static int set_variable(const struct variable *v, const char *word, const char *value,
			struct error *why)
{
	const struct btf_type *type = plain_type(v->btf, v->type);
	long long number;

	if (type && is_text(v, type)) {
		if (strlen(value) >= v->bytes)
			return error_set(why, -EINVAL, "--set %s: it holds %zu characters", word,
					 v->bytes - 1);
		return write_value(v, value, strlen(value));
	}
	if (!type || !(btf_is_int(type) || btf_is_any_enum(type)) ||
	    (v->bytes != 1 && v->bytes != 2 && v->bytes != 4 && v->bytes != 8))
		return error_set(why, -EINVAL, "--set %s: it is neither a number nor a text", word);
	if (!enum_value(v, type, value, &number) && !number_of(value, &number))
		return error_set(why, -EINVAL, "--set %s: '%s' is no value of it", word, value);
	if (!holds(number, value, v->bytes))
		return error_set(why, -EINVAL, "--set %s: it has %zu bytes, too few", word,
				 v->bytes);
	/* little-endian, as all machines that this runs on */
	return write_value(v, &number, v->bytes);
}

static int apply_set(struct bpf_object *object, const char *word, struct error *why)
{
	struct variable variable;
	char name[128];

	if (!name_of(word, '=', name, sizeof(name)) || !find_variable(object, name, &variable))
		return 0;
	return set_variable(&variable, word, strchr(word, '=') + 1, why);
}

/* ---- maps ---- */

/* The sizes in "max_entries=N,value_size=N"; 0: not given. false: of another form. */
static bool read_sizes(const char *at, unsigned int *entries, unsigned int *value)
{
	*entries = *value = 0;
	while (*at) {
		unsigned int *to = !strncmp(at, "max_entries=", 12)  ? entries
				   : !strncmp(at, "value_size=", 11) ? value
								     : NULL;
		unsigned long n;
		char *end;

		if (!to)
			return false;
		at = strchr(at, '=') + 1;
		n = strtoul(at, &end, 0);
		if (end == at || *at == '-' || !n || n > VALUE_MOST || (*end && *end != ','))
			return false;
		*to = (unsigned int)n;
		at = end + (*end == ',');
	}
	return *entries || *value;
}

static int apply_map(struct bpf_object *object, const char *word, struct error *why)
{
	unsigned int entries, value;
	struct bpf_map *map;
	char name[128];
	int err = 0;

	if (!name_of(word, ':', name, sizeof(name)))
		return 0;
	map = bpf_object__find_map_by_name(object, name);
	if (!map || !read_sizes(strchr(word, ':') + 1, &entries, &value))
		return 0;
	if (entries)
		err = bpf_map__set_max_entries(map, entries);
	if (!err && value)
		err = bpf_map__set_value_size(map, value);
	return err ? error_set(why, err, "--map %s: %s", word, strerror(-err)) : 0;
}

static int apply_pin(struct bpf_object *object, const char *word, struct error *why)
{
	struct bpf_map *map;
	char name[128];
	int fd, err;

	if (!name_of(word, '=', name, sizeof(name)))
		return 0;
	map = bpf_object__find_map_by_name(object, name);
	if (!map)
		return 0;
	fd = bpf_obj_get(strchr(word, '=') + 1);
	if (fd < 0)
		return error_set(why, fd, "--pin-map %s: %s", word, strerror(-fd));
	err = bpf_map__reuse_fd(map, fd);
	close(fd);
	return err ? error_set(why, err, "--pin-map %s: %s", word, strerror(-err)) : 0;
}

/* Kinds of map whose size 0 means that the loader has to set it. */
static bool wants_size(enum bpf_map_type type)
{
	switch (type) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
	case BPF_MAP_TYPE_STACK_TRACE:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_RINGBUF:
		return true;
	default:
		return false;
	}
}

static int check_map(const struct bpf_map *map, struct error *why)
{
	const char *name = bpf_map__name(map);
	bool entries = wants_size(bpf_map__type(map)) && !bpf_map__max_entries(map);

	if (entries ||
	    (bpf_map__type(map) == BPF_MAP_TYPE_STACK_TRACE && !bpf_map__value_size(map)))
		return error_set(why, -EINVAL,
				 "its loader sets the size of map %s: give it with --map "
				 "%s:max_entries=N%s",
				 name, name, bpf_map__value_size(map) ? "" : ",value_size=N");
	return 0;
}

/* ---- all ---- */

int presets_apply(struct bpf_object *object, const struct foreign_bundle *b, struct error *why)
{
	struct bpf_map *map;
	int err = 0;

	for (size_t i = 0; i < b->n_sets && !err; i++)
		err = apply_set(object, b->sets[i], why);
	for (size_t i = 0; i < b->n_maps && !err; i++)
		err = apply_map(object, b->maps[i], why);
	for (size_t i = 0; i < b->n_pins && !err; i++)
		err = apply_pin(object, b->pins[i], why);
	bpf_object__for_each_map(map, object)
	{
		if (!err)
			err = bpf_map__set_pin_path(map, NULL);
		if (!err)
			err = check_map(map, why);
	}
	return err;
}

int presets_check(const struct foreign_bundle *b, struct error *why)
{
	unsigned int entries, value;
	char name[128];

	for (size_t i = 0; i < b->n_sets; i++)
		if (!name_of(b->sets[i], '=', name, sizeof(name)))
			return error_set(why, -EINVAL, "--set %s: must be VAR=VALUE", b->sets[i]);
	for (size_t i = 0; i < b->n_maps; i++)
		if (!name_of(b->maps[i], ':', name, sizeof(name)) ||
		    !read_sizes(strchr(b->maps[i], ':') + 1, &entries, &value))
			return error_set(why, -EINVAL,
					 "--map %s: must be NAME:max_entries=N,value_size=N",
					 b->maps[i]);
	for (size_t i = 0; i < b->n_pins; i++)
		if (!name_of(b->pins[i], '=', name, sizeof(name)))
			return error_set(why, -EINVAL, "--pin-map %s: must be NAME=PATH",
					 b->pins[i]);
	return 0;
}

/* Does any object of the bundle have it? */
static bool known(const struct foreign_bundle *b, const char *name, bool variable)
{
	bool found = false;

	for (size_t i = 0; i < b->n_objects && !found; i++) {
		const char *elf = (const char *)b + b->objects[i].offset;
		size_t bytes = b->objects[i].bytes;
		struct bpf_object *object = bytes ? bpf_object__open_mem(elf, bytes, NULL) : NULL;
		struct variable v;

		found = object && (variable ? find_variable(object, name, &v)
					    : bpf_object__find_map_by_name(object, name) != NULL);
		bpf_object__close(object);
	}
	return found;
}

int presets_unknown(const struct foreign_bundle *b, struct error *why)
{
	char name[128];

	for (size_t i = 0; i < b->n_sets; i++)
		if (name_of(b->sets[i], '=', name, sizeof(name)) && !known(b, name, true))
			return error_set(why, -ENOENT,
					 "--set %s: no object has such a global variable (by BTF)",
					 b->sets[i]);
	for (size_t i = 0; i < b->n_maps; i++)
		if (name_of(b->maps[i], ':', name, sizeof(name)) && !known(b, name, false))
			return error_set(why, -ENOENT, "--map %s: no object has such a map",
					 b->maps[i]);
	for (size_t i = 0; i < b->n_pins; i++)
		if (name_of(b->pins[i], '=', name, sizeof(name)) && !known(b, name, false))
			return error_set(why, -ENOENT, "--pin-map %s: no object has such a map",
					 b->pins[i]);
	if (*b->monitor && !known(b, b->monitor, false))
		return error_set(why, -ENOENT, "--monitor %s: no object has such a map",
				 b->monitor);
	return 0;
}
