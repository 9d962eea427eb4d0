// The decision: its criteria, each with what was measured and its limit, and how the other configurations fare.
import { el } from "./dom.js";
import { effectText, isRange, known, NONE, plain } from "./format.js";
import { table } from "./table.js";

const SIGNS = { GREEN: "\u2713", YELLOW: "!", RED: "\u2715", INCONCLUSIVE: "?" };

export function pill(result) {
	const known = Object.hasOwn(SIGNS, result ?? "");
	return el(
		"span",
		{ class: `pill ${known ? result.toLowerCase() : "none"}` },
		el("span", { "aria-hidden": "true" }, known ? SIGNS[result] : ""),
		result ?? "not judged",
	);
}

/* Of a table whose rows have a verdict. */
export const resultColumn = {
	key: "result",
	title: "Result",
	get: (row) => row.result,
	show: (row) => pill(row.result),
	filter: true,
};

function limitText({ limit }) {
	if (limit?.green == null) return NONE;
	return `green below ${plain(limit.green)}, ${limit.red == null ? "yellow above it" : `red above ${plain(limit.red)}`}`;
}

function measuredText({ measured, partial, shows }) {
	if (!known(measured) && !isRange(measured)) return shows || "not measured";
	const { value, interval } = effectText(measured, null, true);
	return `${partial ? "\u2265 " : ""}${value} ${interval}`;
}

function criteriaTable(criteria) {
	return el(
		"div",
		{ class: "scroll", tabindex: 0, role: "region", "aria-label": "Criteria" },
		el(
			"table",
			null,
			el("caption", { class: "hidden" }, "Criteria of the decision"),
			el(
				"thead",
				null,
				el(
					"tr",
					null,
					["Criterion", "Measured", "Unit", "Limit", "Result"].map(
						(title) =>
							el(
								"th",
								{ scope: "col", class: "text" },
								title,
							),
					),
				),
			),
			el(
				"tbody",
				null,
				criteria.map((criterion) =>
					el(
						"tr",
						null,
						el("th", { scope: "row" }, criterion.name),
						el("td", null, measuredText(criterion)),
						el("td", null, criterion.unit),
						el("td", null, limitText(criterion)),
						el("td", null, pill(criterion.result)),
					),
				),
			),
		),
	);
}

function criterionColumn(name, title, unit) {
	const of = (row) => (row.criteria ?? []).find((criterion) => criterion.name === name);
	return {
		key: name.toLowerCase(),
		title,
		unit,
		kind: "effect",
		unsigned: true,
		figure: true,
		get: (row) => of(row)?.measured,
		prefix: (row) => of(row)?.partial && known(of(row).measured) && "\u2265 ",
		missing: (row) => (of(row)?.shows ? "no bound" : "not measured"),
		tip: (row) => ({
			title: `${row.name}: ${name}`,
			rows: [
				["result", of(row)?.result],
				["limit", limitText(of(row) ?? {})],
				[
					"bound",
					of(row)?.partial
						? "at least this: a part was not measured"
						: null,
				],
				["shows", of(row)?.shows],
				["to settle", of(row)?.settle],
			],
		}),
	};
}

function configurationTable(rows) {
	const hides =
		rows.some((row) => row.status !== "measured") &&
		rows.some((row) => row.status === "measured");
	return table({
		name: "configurations",
		caption: "Configurations against the budget",
		rows,
		full: true,
		only: new Map(hides ? [["status", "measured"]] : []),
		columns: [
			{
				key: "name",
				title: "Configuration",
				get: (row) => row.name,
				class: "name",
				show: (row) =>
					el(
						"span",
						null,
						row.name,
						row.under_test && el("em", null, " under test"),
					),
			},
			{
				key: "cache",
				title: "Cache",
				get: (row) => row.cache,
				shown: new Set(rows.map((row) => row.cache)).size > 1,
				filter: true,
			},
			criterionColumn("p99", "p99 of the cost", "ns"),
			criterionColumn("CPU", "CPU", "% of one CPU"),
			criterionColumn("loss", "loss", "% of the events"),
			resultColumn,
			{
				key: "status",
				title: "Status",
				get: (row) => row.status,
				shown: false,
				filter: true,
			},
		],
	});
}

/** What the probe under test reports wrongly, and what other tasks pay. */
function besides({ findings, decision: made }) {
	const others = made?.others ?? [];
	return [
		findings.length > 0 && [
			el("h3", null, "Found in the records"),
			el(
				"ul",
				{ class: "warnings" },
				findings.map(({ text }) => el("li", null, text)),
			),
		],
		others.length > 0 && [
			el("h3", null, "Paid by every other task"),
			el(
				"ul",
				null,
				others.map((text) => el("li", null, text)),
			),
		],
	];
}

export function decision({ data }) {
	const { decision: made, budget } = data;
	if (!made?.text && !made?.result)
		return data.findings.length
			? { id: "decision", title: "Findings", nodes: besides(data) }
			: null;
	const lower = String(made.result ?? "none").toLowerCase();
	const text = made.text?.startsWith(made.result)
		? made.text.slice(made.result.length).replace(/^[:,]?\s*/, "")
		: made.text;
	const settle = (made.criteria ?? [])
		.filter((criterion) => criterion.settle)
		.map((criterion) =>
			el("li", null, el("strong", null, `${criterion.name}: `), criterion.settle),
		);
	return {
		id: "decision",
		title: "Decision",
		nodes: [
			el(
				"div",
				{
					class: `verdict ${Object.hasOwn(SIGNS, made.result ?? "") ? lower : "none"}`,
				},
				pill(made.result),
				el(
					"div",
					null,
					el("p", null, text),
					made.reasons?.length > 0 &&
						el(
							"ul",
							null,
							made.reasons.map((reason) =>
								el("li", null, reason),
							),
						),
				),
			),
			made.criteria?.length > 0 && [
				el("h3", null, made.configuration ?? "Criteria"),
				criteriaTable(made.criteria),
			],
			besides(data),
			settle.length > 0 && [
				el("h3", null, "What would settle it"),
				el("ul", null, settle),
			],
			made.configurations?.length > 0 && [
				el("h3", null, "Configurations"),
				budget?.rate != null &&
					el(
						"p",
						{ class: "lead" },
						`CPU and loss at ${plain(budget.rate)} calls a second. Point at a figure, or focus it and use the arrow keys, for what it rests on.`,
					),
				configurationTable(made.configurations),
			],
		],
	};
}
