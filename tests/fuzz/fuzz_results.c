/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes what a guest sends: an archive, gzipped or (first byte odd) gzipped here. Whatever it
 * holds, nothing appears beside the folder that it is unpacked into.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "kit/lab/guest/guest.h"
#include "tests/fuzz/fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guest guest = {.state = GUEST_ENDED};
	char to[128];
	struct error why;

	if (!size)
		return 0;
	snprintf(to, sizeof(to), "%s/unpacked", fuzz_folder());
	mkdir(to, 0700);
	snprintf(guest.results, sizeof(guest.results), "%s/results", fuzz_folder());
	snprintf(guest.console, sizeof(guest.console), "%s/console", fuzz_folder());
	if (data[0] & 1)
		fuzz_pack("results", data + 1, size - 1);
	else
		fuzz_file("results", data + 1, size - 1);
	guest_results(&guest, to, &why);
	/* ".", "..", the results and the folder; perhaps a console */
	if (fuzz_entries(fuzz_folder()) > 4)
		abort();
	scratch_remove(to);
	return 0;
}
