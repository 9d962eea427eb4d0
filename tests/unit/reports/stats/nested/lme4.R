# Inputs and REML figures of nested random effects by lme4, for test_nested.c, which reads what this wrote:
#	Rscript lme4.R
# writes lme4_runs.csv (set, machine, boot, value) and lme4_fits.csv (set, mean, standard deviations, REML
# criterion). Debian 12: r-base-core, r-cran-lme4.
library(lme4)
set.seed(17)
sets <- list()

# Davies & Goldsmith 1972 as lme4's Pastes: 10 batches x 3 casks x 2 tests; and a part of it, unbalanced
pastes <- data.frame(machine = as.integer(Pastes$batch), boot = as.integer(Pastes$cask), value = Pastes$strength)
sets$pastes <- pastes
sets$pastes_part <- pastes[-c(2, 5, 6, 9, 10, 11, 12, 20, 31, 32, 33, 34, 44, 57), ]

# machines x boots x runs with the standard deviations s, n runs a boot drawn from 1..most
made <- function(machines, boots, most, s, at) {
	rows <- NULL
	for (m in seq_len(machines)) {
		by_machine <- rnorm(1, 0, s[1])
		for (b in seq_len(sample(boots, 1))) {
			by_boot <- rnorm(1, 0, s[2])
			for (r in seq_len(sample(most, 1)))
				rows <- rbind(rows, data.frame(machine = m, boot = b,
					value = round(at + by_machine + by_boot + rnorm(1, 0, s[3]), 3)))
		}
	}
	rows
}
sets$boots_differ <- made(5, 2:5, 1:4, c(2, 8, 3), 700)
sets$machines_differ <- made(8, 2:4, 1:3, c(20, 2, 3), 350)
sets$runs_differ <- made(4, 3:5, 2:3, c(0, 0, 5), 90) # at the edge: components of zero
sets$large_offset <- made(6, 2:3, 2:3, c(1, 1, 1), 1e7)

figures <- function(name) {
	d <- sets[[name]]
	fit <- lmer(value ~ 1 + (1 | machine) + (1 | machine:boot), d, REML = TRUE,
		control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
	v <- as.data.frame(VarCorr(fit))
	sd <- setNames(v$sdcor, v$grp)
	data.frame(set = name, mean = unname(fixef(fit)), machine = sd[["machine"]], boot = sd[["machine:boot"]],
		run = sd[["Residual"]], criterion = REMLcrit(fit))
}
runs <- do.call(rbind, lapply(names(sets), function(name) cbind(set = name, sets[[name]])))
write.csv(runs, "lme4_runs.csv", row.names = FALSE, quote = FALSE)
fits <- do.call(rbind, lapply(names(sets), figures))
fits[-1] <- lapply(fits[-1], function(x) sprintf("%.10g", x))
write.csv(fits, "lme4_fits.csv", row.names = FALSE, quote = FALSE)
