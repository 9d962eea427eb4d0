// A fleet: verdicts by machine type, kernel and configuration, and what each rests on.
import { pill, resultColumn } from "./decision.js";
import { el } from "./dom.js";
import { NONE, plain } from "./format.js";
import { nameOf } from "./model.js";
import { table } from "./table.js";
import { withTip } from "./tip.js";

const configuration = (row) =>
	row.cache && row.cache !== "stirred" && row.cache !== "hot"
		? `${nameOf(row)}, ${row.cache}`
		: nameOf(row);
const criterion = (row, name) => row.criteria.find((one) => one.name === name);
const places = ({ type, kernel }) => `${type}\n${kernel}`;

function measuredText(one, unit) {
	if (!one?.measured) return one?.why ?? "not measured";
	const { low, high } = one.measured;
	if (high == null) return `at least ${plain(low)} ${unit}`;
	return `${plain(low)} to ${plain(high)} ${unit}, ${one.holds_for}`;
}

function seenText({ seen }) {
	return Object.entries(seen)
		.filter(([, n]) => n)
		.map(([result, n]) => `${n} ${result}`)
		.join(", ");
}

function says(row) {
	return {
		title: `${configuration(row)} on ${row.type}, ${row.kernel}`,
		rows: [
			["result", row.result],
			["why", row.reason],
			["machines", row.machines],
			["boots", row.boots],
			["runs by themselves", seenText(row)],
			["p99 of the cost", row.reason ? null : measuredText(criterion(row, "p99"), "ns")],
			["CPU", row.reason ? null : measuredText(criterion(row, "CPU"), "% of one CPU")],
			["loss", criterion(row, "loss")?.result],
			["withheld", criterion(row, "p99")?.why],
		],
	};
}

/* A row a type and kernel, a column a configuration: those asked for first. */
function matrix(rows) {
	const asked = rows.filter((row) => row.asked);
	const columns = [...new Set([...asked, ...rows].map(configuration))];
	const lines = new Map();
	for (const row of rows) {
		const line = lines.get(places(row)) ?? new Map();
		line.set(configuration(row), row);
		lines.set(places(row), line);
	}
	const head = ["Machine type", "Kernel", ...columns];
	return el(
		"div",
		{ class: "scroll", tabindex: 0, role: "region", "aria-label": "Verdicts" },
		el(
			"table",
			{ id: "fleet-matrix" },
			el("caption", { class: "hidden" }, "Verdicts by machine type, kernel, configuration"),
			el(
				"thead",
				null,
				el(
					"tr",
					null,
					head.map((title) => el("th", { scope: "col", class: "text" }, title)),
				),
			),
			el(
				"tbody",
				null,
				[...lines.values()].map((line) => {
					const [first] = line.values();
					return el(
						"tr",
						null,
						el("th", { scope: "row" }, first.type),
						el("td", null, first.kernel),
						columns.map((name) => {
							const row = line.get(name);
							const cell = el("td", null, row ? pill(row.result) : NONE);
							return row ? withTip(cell, () => says(row)) : cell;
						}),
					);
				}),
			),
		),
	);
}

const share = (level) => ({
	key: level,
	title: `${level}, share`,
	unit: "%",
	kind: "effect",
	unsigned: true,
	get: (row) => row.shares.find((one) => one.level === level)?.share,
	missing: (row) => row.shares.find((one) => one.level === level)?.why ?? "withheld",
});

function rowTable(rows) {
	const number = (key, title) => ({ key, title, kind: "number", whole: true, get: (row) => row[key] });
	const effect = (key, title, unit, get) => ({
		key,
		title,
		unit,
		kind: "effect",
		unsigned: true,
		get,
		tip: says,
	});
	const bound = (name, end, words) => ({
		key: `${name.toLowerCase()}_${end}`,
		title: `${name} ${words}`,
		unit: name === "p99" ? "ns" : "% of one CPU",
		kind: "number",
		get: (row) => criterion(row, name)?.measured?.[end],
		tip: says,
	});
	return table({
		name: "fleet",
		caption: "What each verdict rests on",
		rows,
		full: true,
		columns: [
			{ key: "type", title: "Machine type", get: (row) => row.type, filter: true },
			{ key: "kernel", title: "Kernel", get: (row) => row.kernel, filter: true },
			{ key: "configuration", title: "Configuration", get: configuration, class: "name" },
			number("machines", "Machines"),
			number("boots", "Boots"),
			number("runs", "Runs"),
			resultColumn,
			{
				key: "holds_for",
				title: "Holds for",
				get: (row) => criterion(row, "p99")?.holds_for,
			},
			...["p99", "CPU"].flatMap((name) => [
				bound(name, "low", "at least"),
				bound(name, "high", "at most"),
			]),
			effect("typical", "typical", "ns", (row) => row.typical),
			effect("next", "typical, next run", "ns", (row) => row.next),
			...["machines", "boots", "runs", "rounds"].map(share),
		],
	});
}

export function fleet({ data }) {
	const { fleet: made } = data;
	if (!made) return null;
	const kinds = `${made.types} machine type${made.types === 1 ? "" : "s"}`;
	return {
		id: "fleet",
		title: "Fleet",
		lead:
			`${kinds}, ${made.machines} machines, ${made.boots} boots, ${made.records} records. ` +
			"GREEN and RED hold for a run in a boot of its own on a further machine of the type; " +
			"types and kernels are never taken together.",
		nodes: [
			made.rows.length ? matrix(made.rows) : el("p", null, "No record of a known machine."),
			made.mixed.length > 0 &&
				el(
					"ul",
					{ class: "warnings" },
					made.mixed.map(({ type, versions, microcode }) =>
						el(
							"li",
							null,
							`${type} has ${versions} versions of microcode (${microcode}): what they change is in ` +
								"its machines' spread, and its interval is of that mixture",
						),
					),
				),
			made.gaps.length > 0 && [
				el("h3", null, "Left out"),
				el(
					"ul",
					{ class: "warnings" },
					made.gaps.map(({ where, why }) => el("li", null, `${where}: ${why}`)),
				),
			],
			made.rows.some((row) => row.runs) && [
				el("h3", null, "What each verdict rests on"),
				rowTable(made.rows.filter((row) => row.runs)),
			],
		],
	};
}
