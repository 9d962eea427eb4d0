/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "kit/cmd/fleet/store_views.h"

#define OF_RUN                                                                    \
	{"created", STORE_WORDS}, {"machine", STORE_WORDS}, {"cpu", STORE_WORDS}, \
		{"kernel", STORE_WORDS}, {"boot", STORE_WORDS},                   \
	{                                                                         \
		"suite", STORE_WORDS                                              \
	}
#define EFFECT(name)                                  \
	{name, STORE_REAL}, {name "_lo", STORE_REAL}, \
	{                                             \
		name "_hi", STORE_REAL                \
	}
#define FOLDER                        \
	{                             \
		"folder", STORE_WORDS \
	}

static const struct store_column figure_columns[] = {OF_RUN,
						     {"configuration", STORE_WORDS},
						     {"variant", STORE_WORDS},
						     {"hook", STORE_WORDS},
						     {"program", STORE_WORDS},
						     {"syscall", STORE_WORDS},
						     {"wakeup", STORE_WORDS},
						     {"cache", STORE_WORDS},
						     {"status", STORE_WORDS},
						     {"unit", STORE_WORDS},
						     {"rounds", STORE_WHOLE},
						     {"n", STORE_WHOLE},
						     EFFECT("typical"),
						     EFFECT("mean"),
						     EFFECT("p99"),
						     {"baseline_typical", STORE_REAL},
						     FOLDER,
						     {NULL, STORE_WORDS}};

static const struct store_column event_columns[] = {OF_RUN,
						    {"point", STORE_WORDS},
						    {"scenario", STORE_WORDS},
						    {"variant", STORE_WORDS},
						    {"wakeup", STORE_WORDS},
						    {"policy", STORE_WORDS},
						    {"status", STORE_WORDS},
						    {"reason", STORE_WORDS},
						    {"rate_target", STORE_REAL},
						    {"rate_achieved", STORE_REAL},
						    EFFECT("overhead"),
						    {"producer_cpu", STORE_REAL},
						    {"consumer_cpu", STORE_REAL},
						    {"age_p99", STORE_REAL},
						    {"produced", STORE_WHOLE},
						    {"received", STORE_WHOLE},
						    {"exposure_produced", STORE_WHOLE},
						    {"exposure_lost", STORE_WHOLE},
						    FOLDER,
						    {NULL, STORE_WORDS}};

static const struct store_column helper_columns[] = {OF_RUN,
						     {"name", STORE_WORDS},
						     {"host_program", STORE_WORDS},
						     {"helper", STORE_WORDS},
						     {"size", STORE_WORDS},
						     {"syscall", STORE_WORDS},
						     {"wakeup", STORE_WORDS},
						     {"cache", STORE_WORDS},
						     {"status", STORE_WORDS},
						     {"reason", STORE_WORDS},
						     {"unit", STORE_WORDS},
						     {"rounds", STORE_WHOLE},
						     EFFECT("first_call"),
						     EFFECT("further_call"),
						     {"nonlinear", STORE_WHOLE},
						     FOLDER,
						     {NULL, STORE_WORDS}};

static const struct store_column app_columns[] = {OF_RUN,
						  {"name", STORE_WORDS},
						  {"app", STORE_WORDS},
						  {"scale", STORE_WORDS},
						  {"variant", STORE_WORDS},
						  {"monitored", STORE_WORDS},
						  {"quantity", STORE_WORDS},
						  {"unit", STORE_WORDS},
						  {"status", STORE_WORDS},
						  {"reason", STORE_WORDS},
						  {"windows", STORE_WHOLE},
						  EFFECT("baseline"),
						  EFFECT("with_probe"),
						  EFFECT("change"),
						  EFFECT("predicted"),
						  {"visible", STORE_REAL},
						  FOLDER,
						  {NULL, STORE_WORDS}};

static const struct store_column instruction_columns[] = {OF_RUN,
							  {"name", STORE_WORDS},
							  {"instructions", STORE_WORDS},
							  {"way", STORE_WORDS},
							  {"status", STORE_WORDS},
							  {"reason", STORE_WORDS},
							  {"rounds", STORE_WHOLE},
							  EFFECT("ns"),
							  FOLDER,
							  {NULL, STORE_WORDS}};

static const struct store_list lists[] = {
	{NULL,
	 STORE_FIGURES,
	 figure_columns,
	 "configuration",
	 {"variant", "syscall", "wakeup", "cache"},
	 {{"typical", "typical, 95 %"}},
	 "unit"},
	{"events",
	 STORE_EVENTS,
	 event_columns,
	 "point",
	 {"scenario", "variant", "syscall", "wakeup", "policy", "rate or size"},
	 {{"overhead", "ns, 95 %"}},
	 "lost"},
	{"helpers",
	 STORE_HELPERS,
	 helper_columns,
	 "name",
	 {"on", "helper", "size", "wakeup", "cache"},
	 {{"first_call", "first call, 95 %"}},
	 "unit"},
	{"apps",
	 STORE_APPS,
	 app_columns,
	 "name",
	 {"app", "variant", "monitored", "quantity"},
	 {{"change", "change, %"}, {"predicted", "predicted, %"}},
	 NULL},
	{"instructions",
	 STORE_INSTRUCTIONS,
	 instruction_columns,
	 "name",
	 {"instructions", "mitigation"},
	 {{"ns", "ns each, 95 %"}},
	 NULL},
};

const struct store_list *store_list_at(size_t i)
{
	return i < sizeof(lists) / sizeof(*lists) ? &lists[i] : NULL;
}

const struct store_list *store_list_find(const char *word)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (word && lists[i].word && !strcmp(lists[i].word, word))
			return &lists[i];
	return lists;
}

size_t store_column_of(const struct store_list *list, const char *name)
{
	size_t i = 0;

	while (strcmp(list->columns[i].name, name) != 0)
		i++;
	return i;
}
