-- Cells lie by configuration; this finds those of a run, and with it of a machine.
CREATE INDEX cell_run ON cell(run);
-- One row for each figure with all that it can be chosen by: for SQL by hand, and for dashboards.
CREATE VIEW figure AS
SELECT run.created, machine.id AS machine, machine.known AS machine_known, machine.cpu, machine.arch,
	kernel.release AS kernel, run.boot, run.hash AS run, run.suite, run.partial, run.folder,
	configuration.name AS configuration, configuration.variant, configuration.hook,
	configuration.program, configuration.syscall, configuration.wakeup, configuration.cache,
	cell.status, cell.reason, cell.unit, cell.rounds, cell.n,
	cell.typical, cell.typical_lo, cell.typical_hi, cell.mean, cell.mean_lo, cell.mean_hi,
	cell.p99, cell.p99_lo, cell.p99_hi, cell.baseline_typical
FROM cell
JOIN configuration ON configuration.id = cell.configuration
JOIN run ON run.id = cell.run
JOIN machine ON machine.id = run.machine
JOIN kernel ON kernel.id = run.kernel;
