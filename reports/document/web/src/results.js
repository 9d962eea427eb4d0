// All results in one table.
import { el } from "./dom.js";
import { count, effectLine, NONE, plain, timeUnit } from "./format.js";
import { conditionRows, configurationColumn, hookColumn, isBaseline, nameOf } from "./model.js";
import { table } from "./table.js";

function tipOf(model, row, what, effect, key) {
	const unit =
		row.unit === "ns"
			? timeUnit([effect?.value])
			: { name: row.unit, size: 1, exact: true };
	return {
		title: `${nameOf(row)} \u00b7 ${what}`,
		rows: [
			["figure", effectLine(effect, unit)],
			["withheld", effect?.value == null ? row.withheld?.[key] : null],
			["calls", row.n == null ? null : `n = ${count(row.n)}`],
			["rounds", row.rounds == null ? null : count(row.rounds)],
			[
				"interval over",
				row.interval_over &&
					`${row.interval_over}${row.workers > 1 ? `, ${row.workers} worker processes` : ""}`,
			],
			["syscall", row.syscall],
			["cache", row.cache],
			["mechanism", row.mechanism],
			[
				"baseline",
				row.baseline?.typical == null
					? null
					: `${plain(row.baseline.typical)} ${row.unit}, typical`,
			],
			["left out", row.censored ? `${count(row.censored)} calls` : null],
			...conditionRows(model.roundsOf(row)),
			["record", model.many ? model.recordName(row.record) : null],
		],
	};
}

function shift(model, key, title, more) {
	const get = (row) => row.overhead?.[key];
	return {
		key,
		title,
		kind: "effect",
		figure: true,
		get,
		tip: (row) => tipOf(model, row, title, get(row), key),
		missing: (row) => row.withheld?.[key] && "withheld",
		...more,
	};
}

function columnsOf(model, unit, rows) {
	const { many } = model;
	const several = (get) => new Set(rows.map(get)).size > 1;
	const figure = { figure: true, unit };
	return [
		configurationColumn,
		{
			key: "record",
			title: "Record",
			get: (row) => model.recordName(row.record),
			shown: several((row) => row.record),
			filter: many,
		},
		hookColumn,
		{
			key: "program",
			title: "Program",
			get: (row) => row.program,
			shown: false,
			filter: true,
		},
		{ key: "syscall", title: "Syscall", get: (row) => row.syscall, filter: true },
		{
			key: "wakeup",
			title: "Wakeup",
			get: (row) => row.wakeup,
			shown: false,
			filter: true,
		},
		{
			key: "cache",
			title: "Cache",
			get: (row) => row.cache,
			filter: true,
			shown: several((row) => row.cache),
		},
		{
			key: "status",
			title: "Status",
			get: (row) => row.status,
			shown: false,
			filter: true,
		},
		{ key: "reason", title: "Reason", get: (row) => row.reason, shown: false },
		{
			key: "drawn",
			title: "typical",
			label: "typical, drawn",
			kind: "forest",
			...figure,
			get: (row) => row.overhead?.typical,
			tip: (row) => tipOf(model, row, "typical", row.overhead?.typical),
		},
		shift(model, "typical", "typical", {
			unit,
			help: "interquartile mean, paired by round",
		}),
		shift(model, "mean", "mean", {
			unit,
			shown: false,
			help: "of all calls, nothing left out of the tail",
		}),
		shift(model, "p50", "\u0394p50", {
			unit,
			shown: false,
			help: "difference of the medians",
		}),
		shift(model, "p90", "\u0394p90", {
			unit,
			shown: false,
			help: "difference of the 90th percentiles",
		}),
		shift(model, "p99", "\u0394p99", {
			unit,
			help: "difference of the 99th percentiles: a shift, not the 99th percentile of the cost",
		}),
		shift(model, "p999", "\u0394p99.9", {
			unit,
			shown: false,
			help: "difference of the 99.9th percentiles",
		}),
		{
			key: "p99_bound",
			title: "p99 of the cost, at most",
			kind: "effect",
			unsigned: true,
			...figure,
			shown: false,
			get: (row) => row.p99_bound,
			tip: (row) => tipOf(model, row, "p99 of the cost, at most", row.p99_bound),
		},
		{
			key: "baseline",
			title: "baseline",
			kind: "number",
			...figure,
			get: (row) => row.baseline?.typical,
			help: "the call without the probe, interquartile mean",
		},
		{
			key: "max",
			title: "maximum",
			kind: "number",
			...figure,
			shown: false,
			get: (row) => row.max,
		},
		{
			key: "n",
			title: "n",
			label: "n (calls)",
			kind: "number",
			figure: true,
			whole: true,
			get: (row) => row.n,
		},
		{
			key: "rounds",
			title: "rounds",
			kind: "number",
			figure: true,
			whole: true,
			shown: false,
			get: (row) => row.rounds,
		},
		{
			key: "workers",
			title: "workers",
			kind: "number",
			figure: true,
			whole: true,
			shown: false,
			get: (row) => row.workers,
		},
	];
}

function one(model, unit, rows) {
	const only = new Map();
	if (
		rows.some((row) => row.status === "measured") &&
		rows.some((row) => row.status !== "measured")
	)
		only.set("status", "measured");
	return table({
		name: `results-${unit}`,
		caption: `Results in ${unit}`,
		rows,
		full: true,
		only,
		columns: columnsOf(model, unit, rows),
	});
}

export function results(model) {
	const rows = model.data.results.filter(
		(row) => !isBaseline(row) || row.variant === "none_again",
	);
	if (!rows.length) return null;
	const units = [...new Set(rows.map((row) => row.unit ?? NONE))];
	return {
		id: "results",
		title: "Results",
		lead: "What each configuration adds to one call, with 95 % intervals. Point at a figure, or focus it and use the arrow keys, for calls, rounds and conditions. An interval that reaches over zero shows no difference.",
		nodes: units.map((unit) => [
			units.length > 1 && el("h3", null, `In ${unit}`),
			one(
				model,
				unit,
				rows.filter((row) => (row.unit ?? NONE) === unit),
			),
		]),
	};
}
