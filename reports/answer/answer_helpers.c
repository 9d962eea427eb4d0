/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/answer/answers.h"

void answer_helpers(struct answer *a, const struct record *rec)
{
	answer_quality(a, rec);
}
