/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prediction: a run and a lab's instructions to what variants would cost that the run did not
 * measure.
 *
 * prediction_make: the run's results on munmap_einval whose program sends nothing, or wakes nobody,
 * are the rows that prices are fitted to, with the instructions of the lab record of the same
 * kernel series; every variant of the other lab record (the same one, or another kernel's) that was
 * not measured on its kernel gets a row. prediction_pool, if other machines were measured too.
 * prediction_free releases it; the records stay the
 * caller's, and must outlive it.
 */
#ifndef BPFTOLL_REPORTS_PREDICT_PREDICTION_H
#define BPFTOLL_REPORTS_PREDICT_PREDICTION_H

#include "reports/predict/holdout.h"
#include "reports/predict/model.h"
#include "reports/record/record.h"

#define PREDICTION_WORKLOAD "munmap_einval"

/* What is predicted for one variant. */
struct prediction_row {
	const struct record_result *lab; /* its instructions */
	double counts[CLASS_COUNT];
	double says;			 /* ns; NAN: something has no price */
	struct effect ns;		 /* NAN: withheld */
	char withheld[256];		 /* why; empty: it is not */
	const struct model_row *nearest; /* measured, of the same program if there is one */
};

struct prediction {
	const struct record *run, *fit_lab, *lab; /* lab: whose variants are predicted */
	const struct record *prices;		  /* of suite calibrate; NULL: none */
	const char *cache;			  /* of the rows that were fitted */
	struct model_row *measured;	      /* n_measured, and n_known of prices behind them */
	const struct record_result **results; /* of the run, as many and in that order */
	size_t n_measured, n_known;
	struct model model;
	struct holdout holdout;
	struct prediction_row *rows;
	size_t n_rows;
	char notes[3][320]; /* what a reader has to know; empty: nothing */
	size_t n_notes;
};

/* "6.18" of 6.18.44-fc, in text; an empty string: it begins with no version. */
void prediction_series(const char *kernel, char *text, size_t len);

/* Has it instructions by class of any result? */
bool prediction_has_features(const struct record *lab);

/* Did most of a guest's indirect branches go through a retpoline? */
bool prediction_has_retpolines(const struct record *lab);

/* Was it booted with mitigations=off? */
bool prediction_is_off(const struct record *lab);

/* 0; -ENODATA: no instructions by class; -EINVAL: of another architecture or version; why. */
int prediction_check_lab(const struct record *run, const struct record *lab, struct error *why);

/*
 * prices: NULL, or the same machine's from suite calibrate. fit_lab: of the run's kernel series. 0;
 * -EINVAL: these records do not belong together (another architecture, version of the programs or
 * kernel); -ENODATA: the run or the lab has too little; other -errno; with why.
 */
int prediction_make(const struct record *run, const struct record *prices,
		    const struct record *fit_lab, const struct record *lab, struct prediction *out,
		    struct error *why);

/* Takes what was seen on other machines into the ranges (holdout_pool). */
void prediction_pool(struct prediction *prediction, const struct holdout *others, size_t n,
		     bool own);
void prediction_free(struct prediction *prediction);

#endif
