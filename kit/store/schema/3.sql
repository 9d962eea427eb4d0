-- One row for each point of suite events, as "figure" has one for each cell: rates and throughput a second, costs in ns of CPU
-- a call, CPUs in % of one, age in ns from the event to its reader; exposure: of the time in which losses were counted.
CREATE VIEW event AS
SELECT run.created, machine.id AS machine, machine.known AS machine_known, machine.cpu, machine.arch,
	kernel.release AS kernel, run.boot, run.hash AS run, run.suite, run.partial, run.folder,
	event_point.name AS point, event_point.scenario, event_point.variant, event_point.wakeup, event_point.policy,
	event_point.status, event_point.reason, event_point.rate_target, event_point.rate_achieved,
	event_point.overhead, event_point.overhead_lo, event_point.overhead_hi,
	event_point.producer_cpu, event_point.consumer_cpu, event_point.age_p99,
	event_point.produced, event_point.received, event_point.exposure_produced, event_point.exposure_lost
FROM event_point
JOIN run ON run.id = event_point.run
JOIN machine ON machine.id = run.machine
JOIN kernel ON kernel.id = run.kernel;
