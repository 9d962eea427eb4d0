/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kit/cmd/version.h"

const char *version_commit = "";
