/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes what is read of a program to learn what it is linked with. */
#include <stdint.h>
#include <stdlib.h>

#include "kit/lab/guest/libraries.h"
#include "kit/lab/guest/needed.h"
#include "tests/fuzz/fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file("program", data, size);
	struct libraries found = {0};
	char loader[256];
	struct error why;

	libraries_loader(path, loader, sizeof(loader));
	/* a root folder without libraries: each name is looked for and not found */
	needed_find(path, fuzz_folder(), &found, &why);
	libraries_free(&found);
	return 0;
}
