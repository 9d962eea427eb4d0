-- Suites helpers, apps and calibrate: a row each of the record, and a view that has it with its run, as "figure" and "event". Runs that
-- were added before have no such rows: make the database again from the records.
-- What a call of a helper costs, in the row's unit: the first one, and each further one (NULL where there is no one price: nonlinear).
CREATE TABLE helper_price (
	run BIGINT NOT NULL REFERENCES run(id),
	name TEXT NOT NULL,             -- host program/helper/size/wakeup policy/cache state
	host_program TEXT NOT NULL, helper TEXT NOT NULL, size TEXT NOT NULL,
	syscall TEXT NOT NULL, wakeup TEXT NOT NULL, cache TEXT NOT NULL,
	status TEXT NOT NULL, reason TEXT, unit TEXT NOT NULL, rounds INTEGER,
	first_call DOUBLE PRECISION, first_call_lo DOUBLE PRECISION, first_call_hi DOUBLE PRECISION,
	further_call DOUBLE PRECISION, further_call_lo DOUBLE PRECISION, further_call_hi DOUBLE PRECISION,
	nonlinear INTEGER NOT NULL,
	PRIMARY KEY (run, name)
);
-- One quantity of a program without ("baseline") and with a probe, in the row's unit; change, predicted change and the least visible one
-- in % of the baseline.
CREATE TABLE app_result (
	run BIGINT NOT NULL REFERENCES run(id),
	name TEXT NOT NULL,             -- program/variant/monitored/quantity
	app TEXT NOT NULL, scale TEXT NOT NULL, variant TEXT NOT NULL, monitored TEXT NOT NULL,
	quantity TEXT NOT NULL, unit TEXT NOT NULL,
	status TEXT NOT NULL, reason TEXT, windows INTEGER,
	baseline DOUBLE PRECISION, baseline_lo DOUBLE PRECISION, baseline_hi DOUBLE PRECISION,
	with_probe DOUBLE PRECISION, with_probe_lo DOUBLE PRECISION, with_probe_hi DOUBLE PRECISION,
	change DOUBLE PRECISION, change_lo DOUBLE PRECISION, change_hi DOUBLE PRECISION,
	predicted DOUBLE PRECISION, predicted_lo DOUBLE PRECISION, predicted_hi DOUBLE PRECISION,
	visible DOUBLE PRECISION,
	PRIMARY KEY (run, name)
);
-- What an instruction, or a few that belong together, cost in user space: ns, over rounds and lengths of the loop.
CREATE TABLE instruction_price (
	run BIGINT NOT NULL REFERENCES run(id),
	name TEXT NOT NULL,             -- instructions/how this kernel makes them
	instructions TEXT NOT NULL, way TEXT NOT NULL,
	status TEXT NOT NULL, reason TEXT, rounds INTEGER,
	ns DOUBLE PRECISION, ns_lo DOUBLE PRECISION, ns_hi DOUBLE PRECISION,
	PRIMARY KEY (run, name)
);
CREATE VIEW helper AS
SELECT run.created, machine.id AS machine, machine.known AS machine_known, machine.cpu, machine.arch,
	kernel.release AS kernel, run.boot, run.hash AS run, run.suite, run.partial, run.folder,
	p.name, p.host_program, p.helper, p.size, p.syscall, p.wakeup, p.cache, p.status, p.reason, p.unit, p.rounds,
	p.first_call, p.first_call_lo, p.first_call_hi, p.further_call, p.further_call_lo, p.further_call_hi, p.nonlinear
FROM helper_price AS p
JOIN run ON run.id = p.run
JOIN machine ON machine.id = run.machine
JOIN kernel ON kernel.id = run.kernel;
CREATE VIEW app AS
SELECT run.created, machine.id AS machine, machine.known AS machine_known, machine.cpu, machine.arch,
	kernel.release AS kernel, run.boot, run.hash AS run, run.suite, run.partial, run.folder,
	r.name, r.app, r.scale, r.variant, r.monitored, r.quantity, r.unit, r.status, r.reason, r.windows,
	r.baseline, r.baseline_lo, r.baseline_hi, r.with_probe, r.with_probe_lo, r.with_probe_hi,
	r.change, r.change_lo, r.change_hi, r.predicted, r.predicted_lo, r.predicted_hi, r.visible
FROM app_result AS r
JOIN run ON run.id = r.run
JOIN machine ON machine.id = run.machine
JOIN kernel ON kernel.id = run.kernel;
CREATE VIEW instruction AS
SELECT run.created, machine.id AS machine, machine.known AS machine_known, machine.cpu, machine.arch,
	kernel.release AS kernel, run.boot, run.hash AS run, run.suite, run.partial, run.folder,
	p.name, p.instructions, p.way, p.status, p.reason, p.rounds, p.ns, p.ns_lo, p.ns_hi
FROM instruction_price AS p
JOIN run ON run.id = p.run
JOIN machine ON machine.id = run.machine
JOIN kernel ON kernel.id = run.kernel;
