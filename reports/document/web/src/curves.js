// Curves of suite events: cost, CPU, loss and age of events over the rate, or over what else a scenario changes.
import { chart, legend } from "./chart.js";
import { check, choice, distinct, el } from "./dom.js";
import {
	bounded,
	bytesTick,
	count,
	effectLine,
	known,
	rateTick,
	short,
	timeTick,
} from "./format.js";
import { nameOf } from "./model.js";
import { table } from "./table.js";

const AT_FIRST = 6;
const MOST_ON_LINEAR = 20; // x: beyond this ratio of largest to smallest the y axis begins logarithmic

const TELLING = ["per-event", "every-64", "polled-1ms"]; // shown at first: from dear to cheap
const ANY = "";
const PICKS = [
	["hook", "Hook"],
	["program", "Program"],
	["wakeup", "Wakeup"],
];

const ns = { tick: timeTick, unit: { name: "ns", size: 1 } };
const share = { tick: (v) => `${short(v)} %`, unit: { name: "%", size: 1 } };
const alone = (value) => (value == null ? null : { value });
const QUANTITIES = [
	["cost", "added CPU time a call", ns, (p) => p.cost],
	["cpu", "CPU added to the producer", share, (p) => p.cpu],
	["reader_cpu", "CPU of the reader", share, (p) => p.reader_cpu],
	["machine_cpu", "CPU of the machine", share, (p) => p.machine_cpu],
	["loss", "loss of events", share, (p) => p.loss],
	["age50", "age of an event, p50", ns, (p) => alone(p.age?.p50)],
	["age99", "age of an event, p99", ns, (p) => alone(p.age?.p99)],
	["call50", "call, p50", ns, (p) => p.call?.p50],
	["call99", "call, p99", ns, (p) => p.call?.p99],
	["call999", "call, p99.9", ns, (p) => p.call?.p999],
	["response50", "response time, p50", ns, (p) => p.response?.p50],
	["response99", "response time, p99", ns, (p) => p.response?.p99],
	["delay99", "start delay, p99", ns, (p) => alone(p.start_delay?.p99)],
	[
		"throughput",
		"events received a second",
		{ tick: rateTick, unit: { name: "1/s", size: 1 } },
		(p) => p.throughput,
	],
].map(([key, title, kind, get]) => ({ key, title, ...kind, get }));

const AXES = {
	rate: {
		title: "calls a second",
		tick: rateTick,
		log: true,
		get: (p) => p.achieved ?? p.rate,
	},
	burst: { title: "calls back to back", tick: short, log: true, get: (p) => p.burst },
	producers: { title: "producers", tick: short, get: (p) => p.producers },
	buffer_bytes: {
		title: "size of the buffer",
		tick: bytesTick,
		log: true,
		get: (p) => p.buffer_bytes,
	},
};

/** A loss that a window's buffer may have hidden is a count without an interval. */
function lossNote({ loss }) {
	if (!loss) return null;
	return `${count(loss.lost)} of ${count(loss.produced)}${loss.bound ? "" : " (the window may fit into the buffer: no bound)"}`;
}

function tipOf(curve, point, quantity) {
	return {
		title: `${nameOf(curve)} \u00b7 ${quantity.title}`,
		rows: [
			[
				"figure",
				effectLine(
					quantity.get(point),
					quantity.unit,
					quantity.key !== "cost",
				),
			],
			["rate asked", point.rate == null ? null : `${rateTick(point.rate)}/s`],
			[
				"rate achieved",
				point.achieved == null
					? null
					: `${rateTick(point.achieved)}/s${point.saturated ? ", saturated" : ""}`,
			],
			["lost", quantity.key === "loss" ? lossNote(point) : null],
			["calls", point.n == null ? null : `n = ${count(point.n)}`],
			[
				"measured for",
				point.seconds == null ? null : `${short(point.seconds)} s`,
			],
			["wakeups", point.wakeups == null ? null : count(point.wakeups)],
			[
				"status",
				point.status === "measured"
					? null
					: `${point.status}: ${point.reason ?? ""}`,
			],
		],
	};
}

function seriesOf(curve, label, index, quantity, axis) {
	const points = curve.points
		.filter(
			(p) =>
				(p.status ?? "measured") === "measured" &&
				quantity.get(p) &&
				axis.get(p) != null,
		)
		.sort((a, b) => axis.get(a) - axis.get(b));
	const of = (end) => points.map((p) => quantity.get(p)[end] ?? null);
	return {
		label,
		index,
		dash: curve.program?.includes("perf") ? [6, 4] : null,
		dots: true,
		x: points.map(axis.get),
		y: of("value"),
		low: of("low"),
		high: of("high"),
		tip: (i) => tipOf(curve, points[i], quantity),
	};
}

function labelOf(curve) {
	return [nameOf(curve), curve.policy && curve.policy !== "-" ? curve.policy : null]
		.filter(Boolean)
		.join(", ");
}

function breakpoints(curves, model) {
	const rows = curves.flatMap((curve) =>
		(curve.breakpoints ?? []).map((b) => ({
			...b,
			name: labelOf(curve),
			record: curve.record,
		})),
	);
	if (!rows.length) return null;
	const many = new Set(rows.map((row) => row.record)).size > 1;
	const says = (row) =>
		row.found
			? effectLine(row.rate, { name: "calls/s", size: 1 }, true)
			: row.highest == null
				? "not found"
				: `none below ${rateTick(row.highest)} calls/s`;
	return el(
		"details",
		null,
		el(
			"summary",
			null,
			`Breakpoints (${rows.filter((row) => row.found).length} found)`,
		),
		table({
			name: "breakpoints",
			caption: "Breakpoints",
			rows,
			full: true,
			columns: [
				{ key: "name", title: "Configuration", get: (row) => row.name },
				{
					key: "record",
					title: "Record",
					get: (row) => model.recordName(row.record),
					shown: many,
				},
				{
					key: "quantity",
					title: "Quantity",
					get: (row) => row.quantity,
					filter: true,
				},
				{ key: "breakpoint", title: "Breakpoint", get: says },
				{ key: "p", title: "p", kind: "number", get: (row) => row.p },
			],
		}),
	);
}

function pointsTable(curves, model) {
	const rows = curves.flatMap((curve) =>
		curve.points.map((p) => ({
			...p,
			status: p.status ?? "measured",
			name: labelOf(curve),
			record: curve.record,
		})),
	);
	const effect = ({ key, title, unit, get }) => ({
		key,
		title,
		kind: "effect",
		unit: unit.name,
		unsigned: key !== "cost",
		figure: true,
		get,
		shown:
			["cost", "cpu", "reader_cpu", "loss", "age99"].includes(key) &&
			rows.some((row) => known(get(row))),
	});
	return el(
		"details",
		null,
		el("summary", null, "All points"),
		table({
			name: "rates",
			caption: "All points",
			rows,
			full: true,
			columns: [
				{
					key: "name",
					title: "Configuration",
					get: (row) => row.name,
					class: "name",
					filter: true,
				},
				{
					key: "record",
					title: "Record",
					get: (row) => model.recordName(row.record),
					shown: new Set(rows.map((row) => row.record)).size > 1,
				},
				{
					key: "rate",
					title: "asked, 1/s",
					kind: "number",
					whole: true,
					get: (row) => row.rate,
				},
				{
					key: "achieved",
					title: "achieved, 1/s",
					kind: "number",
					whole: true,
					figure: true,
					get: (row) => row.achieved,
				},
				...QUANTITIES.map(effect),
			],
		}),
	);
}

export function curves(model) {
	const all = model.data.curves.filter((curve) =>
		curve.points.some((p) => (p.status ?? "measured") === "measured"),
	);
	const skipped = model.data.curves.length - all.length;
	if (!all.length) return null;
	const scenarios = distinct(all, (curve) => curve.scenario);
	const state = {
		scenario: scenarios.includes("sweep") ? "sweep" : scenarios[0],
		hook: ANY,
		program: ANY,
		wakeup: ANY,
		quantity: "cost",
		log: { x: true, y: null },
		on: null,
	};
	const plot = chart({ caption: "curves over the rate", height: 340 });
	const keys = el("div"),
		quantityBox = el("span"),
		logBox = el("span", { class: "group" }),
		below = el("div"),
		note = el("p", { class: "note" });
	const scenarioCurves = () =>
		all.filter(
			(curve) =>
				curve.scenario === state.scenario &&
				PICKS.every(
					([key]) => state[key] === ANY || curve[key] === state[key],
				),
		);
	const axisOf = () => AXES[scenarioCurves()[0]?.x ?? "rate"];
	const items = () =>
		scenarioCurves()
			.map((curve) => ({
				curve,
				label: [
					model.many && scenariosSpan(curve)
						? model.recordName(curve.record)
						: null,
					labelOf(curve),
				]
					.filter(Boolean)
					.join(": "),
			}))
			.map((item) => ({ ...item, dash: item.curve.program?.includes("perf") }));
	const scenariosSpan = ({ scenario }) =>
		new Set(all.filter((c) => c.scenario === scenario).map((c) => c.record)).size > 1;
	function draw() {
		const axis = axisOf();
		const quantity = QUANTITIES.find(({ key }) => key === state.quantity);
		if (!axis)
			// policies have names, no numbers: the table has them
			return plot.draw({ series: [], x: AXES.rate, y: {} });
		const list = items()
			.filter(({ label }) => state.on.has(label))
			.map(({ curve, label }) =>
				seriesOf(curve, label, state.on.get(label), quantity, axis),
			);
		const positive = list.flatMap((s) => s.y).filter((v) => v > 0);
		const yLog =
			state.log.y ??
			(positive.length > 1 &&
				Math.max(...positive) / Math.min(...positive) > MOST_ON_LINEAR);
		logBox.replaceChildren(
			axis.log
				? check("log x", state.log.x, (on) => {
						state.log.x = on;
						draw();
					})
				: "",
			check("log y", yLog, (on) => {
				state.log.y = on;
				draw();
			}),
		);
		const below = (v) => v != null && v <= 0;
		note.textContent =
			yLog && list.some((s) => s.low.some(below))
				? "A bar that ends at the lower edge goes on to zero or below, which a logarithmic axis has no place for."
				: yLog &&
					  list.some((s) =>
							s.y.some(
								(v, i) =>
									v != null &&
									v <= 0 &&
									s.high[i] > 0,
							),
					  )
					? "A figure of zero or less has no place on a logarithmic axis: of those only the interval's part above it is drawn."
					: list.some(
								(s) =>
									s.y.length &&
									!s.high.some(
										(v) => v != null,
									),
						  )
						? state.quantity === "loss"
							? "Points without bars are counts: the window may fit into the buffer, and proves no bound."
							: "Points without bars have no interval in the record."
						: "";
		return plot.draw({
			series: list,
			x: { ...axis, log: axis.log && state.log.x },
			y: { title: quantity.title, tick: quantity.tick, log: yLog },
		});
	}
	function offered() {
		const points = scenarioCurves().flatMap((curve) => curve.points);
		return QUANTITIES.filter(({ get }) =>
			points.some((p) => known(get(p)) || bounded(get(p))),
		);
	}
	function begin() {
		const able = offered();
		if (!able.some(({ key }) => key === state.quantity))
			state.quantity = able[0]?.key ?? "cost";
		quantityBox.replaceChildren(
			choice(
				"Show",
				able.map(({ key, title }) => [key, title]),
				state.quantity,
				(key) => {
					state.quantity = key;
					state.log.y = null;
					draw();
				},
			),
		);
		const list = items();
		const probes = list.filter(({ curve }) => curve.variant !== "none");
		const telling = probes.filter(
			({ curve }) =>
				curve.hook === probes[0].curve.hook &&
				TELLING.includes(curve.wakeup),
		);
		const start = (telling.length > 1 ? telling : probes)
			.slice(0, AT_FIRST)
			.map(({ label }) => label);
		keys.replaceChildren(
			legend(list, start, (on) => {
				state.on = on;
				draw();
			}),
		);
		below.replaceChildren(
			...[
				breakpoints(scenarioCurves(), model),
				pointsTable(scenarioCurves(), model),
			].filter(Boolean),
		);
	}
	begin();
	return {
		id: "rates",
		title: "Rates",
		lead: "Drag over the chart to zoom, double-click to see all. Bars are 95 % intervals; dashed lines are perf buffers.",
		nodes: [
			el(
				"div",
				{ class: "tools" },
				scenarios.length > 1 &&
					choice(
						"Scenario",
						scenarios.map((s) => [s, s]),
						state.scenario,
						(scenario) => {
							state.scenario = scenario;
							begin();
						},
					),
				PICKS.map(([key, title]) => {
					const values = distinct(all, (curve) => curve[key]).filter(
						(value) => value !== "none" && value !== "-",
					);
					return (
						values.length > 1 &&
						choice(
							title,
							[
								[ANY, "all"],
								...values.map((value) => [
									value,
									value,
								]),
							],
							ANY,
							(value) => {
								state[key] = value;
								begin();
							},
						)
					);
				}),
				quantityBox,
				logBox,
			),
			keys,
			plot.node,
			note,
			below,
			skipped > 0 &&
				el(
					"p",
					{ class: "note" },
					`${skipped} curves were not measured here: `,
					distinct(
						model.data.curves.flatMap((curve) =>
							all.includes(curve) ? [] : curve.points,
						),
						(p) => p.reason,
					)
						.slice(0, 4)
						.join("; "),
				),
		],
	};
}
