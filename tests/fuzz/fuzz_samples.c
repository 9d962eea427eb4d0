/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the file of readings: as it is, or (first byte odd) gzipped here. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "reports/record/samples.h"
#include "tests/fuzz/fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t *ticks = NULL;
	struct error why;
	char dir[128];
	size_t n = 0;

	if (!size)
		return 0;
	snprintf(dir, sizeof(dir), "%s/samples", fuzz_folder());
	mkdir(dir, 0700);
	if (data[0] & 1)
		fuzz_pack("samples/x.gz", data + 1, size - 1);
	else
		fuzz_file("samples/x.gz", data + 1, size - 1);
	/* all of the readings that were packed, or a reason */
	if (!samples_read(fuzz_folder(), "x.gz", &ticks, &n, &why) && (data[0] & 1) &&
	    n != (size - 1) / sizeof(*ticks))
		abort();
	free(ticks);
	return 0;
}
