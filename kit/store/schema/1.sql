-- What records say, for questions over many of them. SQLite and PostgreSQL. Times are ISO 8601 in UTC,
-- costs in the unit of their row; NULL: not known. A run is found again by the hash of its record.json.
CREATE TABLE machine (
	id TEXT PRIMARY KEY,            -- the record's host.node, or "unknown: CPU"
	known INTEGER NOT NULL,         -- 1: a machine; 0: the record does not say which
	cpu TEXT, arch TEXT, cpus INTEGER, virtualization TEXT, microcode TEXT, firmware TEXT
);
CREATE TABLE kernel (
	id TEXT PRIMARY KEY,            -- release, and the hash of its configuration where that is known
	release TEXT, config_hash TEXT
);
CREATE TABLE boot (
	id TEXT PRIMARY KEY,            -- the kernel's own boot_id
	machine TEXT NOT NULL REFERENCES machine(id),
	kernel TEXT NOT NULL REFERENCES kernel(id),
	mitigations TEXT, cmdline TEXT
);
CREATE TABLE run (
	id BIGINT PRIMARY KEY,          -- the first 63 bits of hash
	hash TEXT NOT NULL UNIQUE,      -- of record.json
	folder TEXT NOT NULL,           -- where it was when it was added
	machine TEXT NOT NULL REFERENCES machine(id),
	kernel TEXT NOT NULL REFERENCES kernel(id),
	boot TEXT REFERENCES boot(id),  -- NULL: the record does not say which
	created TEXT, suite TEXT, version TEXT, record_schema TEXT NOT NULL,
	partial INTEGER NOT NULL, command TEXT
);
CREATE TABLE configuration (
	id BIGINT PRIMARY KEY,          -- of the name
	name TEXT NOT NULL UNIQUE,      -- variant/syscall/wakeup policy/cache state
	variant TEXT NOT NULL, hook TEXT NOT NULL, program TEXT NOT NULL,
	syscall TEXT NOT NULL, wakeup TEXT NOT NULL, cache TEXT NOT NULL
);
-- What a probe adds to one call, with its 95 % interval.
CREATE TABLE cell (
	run BIGINT NOT NULL REFERENCES run(id),
	configuration BIGINT NOT NULL REFERENCES configuration(id),
	status TEXT NOT NULL, reason TEXT, unit TEXT NOT NULL,
	n BIGINT, rounds INTEGER, workers INTEGER,
	typical DOUBLE PRECISION, typical_lo DOUBLE PRECISION, typical_hi DOUBLE PRECISION,
	mean DOUBLE PRECISION, mean_lo DOUBLE PRECISION, mean_hi DOUBLE PRECISION,
	p99 DOUBLE PRECISION, p99_lo DOUBLE PRECISION, p99_hi DOUBLE PRECISION,
	baseline_typical DOUBLE PRECISION,
	PRIMARY KEY (configuration, run)
);
CREATE TABLE event_point (
	run BIGINT NOT NULL REFERENCES run(id),
	name TEXT NOT NULL, scenario TEXT NOT NULL, variant TEXT NOT NULL, wakeup TEXT NOT NULL,
	policy TEXT, status TEXT NOT NULL, reason TEXT,
	rate_target DOUBLE PRECISION, rate_achieved DOUBLE PRECISION,
	overhead DOUBLE PRECISION, overhead_lo DOUBLE PRECISION, overhead_hi DOUBLE PRECISION,
	producer_cpu DOUBLE PRECISION, consumer_cpu DOUBLE PRECISION, age_p99 DOUBLE PRECISION,
	produced BIGINT, received BIGINT, exposure_produced BIGINT, exposure_lost BIGINT,
	PRIMARY KEY (run, name)
);
-- Why the run's figures may be less than they could be.
CREATE TABLE condition (
	run BIGINT NOT NULL REFERENCES run(id),
	number INTEGER NOT NULL,
	words TEXT NOT NULL,
	PRIMARY KEY (run, number)
);
-- Files of readings, below the run's folder.
CREATE TABLE sample (
	run BIGINT NOT NULL REFERENCES run(id),
	name TEXT NOT NULL, hash TEXT NOT NULL, bytes BIGINT NOT NULL,
	PRIMARY KEY (run, name)
);
CREATE INDEX run_created ON run(created);
CREATE INDEX run_kernel ON run(kernel);
CREATE INDEX run_machine ON run(machine);
CREATE INDEX configuration_variant ON configuration(variant);
