/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the journal of what --isolate changed, which restore follows as root. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cpuset/isolate/journal.h"
#include "tests/fuzz/fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct journal *journal;
	struct error why;

	if (journal_load(fuzz_file("journal", data, size), &journal, &why))
		return 0;
	for (size_t i = 0; i < journal_count(journal); i++) {
		const struct journal_entry *entry = journal_entry_at(journal, i);

		if (!entry->name || !entry->path || !entry->before || !entry->after)
			abort();
	}
	journal_close(journal);
	return 0;
}
