/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/foreign/foreign_bundle.h"
#include "bpf/load/variant.h"

static struct foreign_bundle *here;
static int here_fd = -1;
static struct variant published[BUNDLE_ENTRIES_MOST];

struct foreign_bundle *bundle(void)
{
	return here;
}

int bundle_fd(void)
{
	return here_fd;
}

/* ---- making ---- */

static int map_memory(int fd, size_t bytes, struct error *why)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		return error_set(why, -errno, "no memory for the objects: %s", strerror(errno));
	here = memory;
	here_fd = fd;
	return 0;
}

int bundle_make(const void *image, const struct carve_found *found, struct error *why)
{
	size_t bytes = sizeof(*here), at = sizeof(*here);
	int fd, err;

	for (size_t i = 0; i < found->n; i++)
		bytes += (found->objects[i].bytes + 7) / 8 * 8;
	/* no MFD_CLOEXEC: workers inherit it */
	fd = memfd_create("bpftoll-objects", 0);
	if (fd < 0)
		return error_set(why, -errno, "no memory for the objects: %s", strerror(errno));
	err = ftruncate(fd, (off_t)bytes) ? -errno : map_memory(fd, bytes, why);
	if (err) {
		close(fd);
		return err;
	}
	here->bytes = bytes;
	here->n_objects = found->n;
	for (size_t i = 0; i < found->n; i++) {
		const struct carved *from = &found->objects[i];

		here->objects[i] = (struct carved){at, from->bytes};
		memcpy((char *)here + at, (const char *)image + from->offset, from->bytes);
		at += (from->bytes + 7) / 8 * 8;
	}
	return 0;
}

void bundle_close(void)
{
	if (!here)
		return;
	variant_publish(NULL);
	munmap(here, here->bytes);
	close(here_fd);
	here = NULL;
	here_fd = -1;
}

const void *bundle_object(size_t object, size_t *bytes)
{
	*bytes = here->objects[object].bytes;
	return (const char *)here + here->objects[object].offset;
}

/* ---- entries ---- */

static bool taken(const char *name)
{
	for (size_t i = 0; i < here->n_entries; i++)
		if (!strcmp(here->entries[i].name, name))
			return true;
	return false;
}

/*
 * A name of letters, digits, '_', '-' and '.' for a result's id and a file. What is too long keeps
 * its end, where names of programs differ.
 */
static void make_name(const char *program, char *out, size_t len)
{
	char plain[BUNDLE_NAME];
	size_t n = strlen(program), from = n < sizeof(plain) - 4 ? 0 : n - (sizeof(plain) - 5);
	size_t at = 0;

	for (size_t i = from; i < n; i++)
		plain[at++] = isalnum((unsigned char)program[i]) || strchr("_-.", program[i])
				      ? program[i]
				      : '_';
	plain[at] = '\0';
	snprintf(out, len, "%s", plain);
	for (unsigned int i = 2; taken(out) && i < 1000; i++)
		snprintf(out, len, "%.*s.%u", (int)sizeof(plain) - 5, plain, i);
}

struct foreign_entry *bundle_add(size_t object, const char *program, const char *section)
{
	struct foreign_entry *entry;

	if (here->n_entries == BUNDLE_ENTRIES_MOST)
		return NULL;
	entry = &here->entries[here->n_entries];
	*entry = (struct foreign_entry){.object = object};
	make_name(program, entry->name, sizeof(entry->name));
	snprintf(entry->program, sizeof(entry->program), "%s", program);
	snprintf(entry->section, sizeof(entry->section), "%s", section);
	section_parse(section, &entry->place);
	here->n_entries++;
	return entry;
}

void bundle_publish(void)
{
	for (size_t i = 0; i < here->n_entries; i++) {
		const struct foreign_entry *entry = &here->entries[i];

		published[i] = (struct variant){
			.name = entry->name,
			.hook = entry->place.kind == SECTION_OTHER
					? HOOK_TRACEPOINT
					: section_hook(entry->place.kind),
			/* it sends nothing that readers of our own events could check */
			.body = BODY_EMPTY,
			.foreign = entry,
			.hook_word = entry->together ? "together"
				     : entry->tool   ? "tool"
						     : section_word(entry->place.kind),
		};
	}
	variant_publish(published);
}

int bundle_adopt(int fd)
{
	struct error why;
	struct stat st;
	int err;

	if (fd < 0)
		return 0;
	if (fstat(fd, &st))
		return -errno;
	if (st.st_size < (off_t)sizeof(*here))
		return -EINVAL;
	err = map_memory(fd, (size_t)st.st_size, &why);
	if (!err)
		bundle_publish();
	return err;
}
