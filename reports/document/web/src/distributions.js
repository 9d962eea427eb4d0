// Distributions of the calls (ECDF, tail) and the shift function, from the quantiles and the largest calls that the page holds.
import { chart, legend } from "./chart.js";
import { choice, el } from "./dom.js";
import { count, effectLine, fixed, short, timeTick } from "./format.js";
import { nameOf } from "./model.js";

const FEW = 10; // calls above a quantile, below which it says little: the shift function ends there
const AT_FIRST = 4;
const MARKED = [
	["p50", 0.5],
	["p90", 0.9],
	["p99", 0.99],
	["p999", 0.999],
];

/** {x: values, share: P(call <= x), above: P(call >= x)}: one point for each value. */
function pointsOf(sample, levels) {
	const { n, values = [], tail = [] } = sample;
	const points = new Map();
	const add = (value, share, above) => {
		const at = points.get(value);
		// the values of a clock with steps repeat: all of them are at most this, all at least
		points.set(value, {
			share: Math.max(share, at?.share ?? 0),
			above: Math.max(above, at?.above ?? 0),
		});
	};
	const begin = tail.length ? 1 - tail.length / n : 1;
	values.forEach((value, i) => {
		if (value != null && levels[i] <= begin) add(value, levels[i], 1 - levels[i]);
	});
	tail.forEach((value, i) => add(value, 1 - i / n, (i + 1) / n));
	const x = [...points.keys()].sort((a, b) => a - b);
	return {
		x,
		share: x.map((v) => points.get(v).share),
		above: x.map((v) => points.get(v).above),
	};
}

function percent(share) {
	return `${short(100 * share)} %`;
}

/** The distance of a level from the top in powers of ten: 50 % is 0.3, 99 % is 2. */
function nines(level) {
	return -Math.log10(1 - level);
}

function levelText(x) {
	const level = 1 - 10 ** -x;
	return `p${fixed(100 * level, Math.max(0, Math.ceil(x - 2.01)))}`;
}

function distributionSeries(list, kind, model) {
	const { samples, quantile_levels: levels } = model.data;
	const seen = new Map();
	for (const { row, label, index } of list) {
		for (const [side, dash] of [
			["probe", null],
			["baseline", [5, 4]],
		]) {
			const at = row.samples[side];
			if (at == null || !samples[at] || seen.has(at)) continue;
			const { x, share, above } = pointsOf(samples[at], levels);
			const y = kind === "tail" ? above : share;
			const name = side === "probe" ? label : `${label}, baseline`;
			seen.set(at, {
				label: name,
				x,
				y,
				index,
				dash,
				stepped: kind === "tail" ? -1 : 1,
				dots: false,
				tip: (i) => ({
					title: name,
					rows: [
						["call", timeTick(x[i])],
						["calls at most as long", percent(share[i])],
						["at least as long", percent(above[i])],
						["calls", `n = ${count(samples[at].n)}`],
						[
							"left out",
							samples[at].left_out
								? count(samples[at].left_out)
								: null,
						],
					],
				}),
			});
		}
	}
	return [...seen.values()];
}

function shiftSeries(list, model) {
	const { samples, quantile_levels: levels } = model.data;
	return list.flatMap(({ row, label, index }) => {
		const probe = samples[row.samples.probe],
			baseline = samples[row.samples.baseline];
		if (!probe || !baseline) return [];
		const most = 1 - FEW / Math.min(probe.n, baseline.n);
		const at = levels
			.map((_, i) => i)
			.filter(
				(i) =>
					levels[i] <= most &&
					probe.values[i] != null &&
					baseline.values[i] != null,
			);
		const line = {
			label,
			index,
			dots: false,
			x: at.map((i) => nines(levels[i])),
			y: at.map((i) => probe.values[i] - baseline.values[i]),
			tip: (k) => ({
				title: label,
				rows: [
					["quantile", levelText(nines(levels[at[k]]))],
					["with the probe", timeTick(probe.values[at[k]])],
					["baseline", timeTick(baseline.values[at[k]])],
					[
						"difference",
						timeTick(
							probe.values[at[k]] -
								baseline.values[at[k]],
						),
					],
				],
			}),
		};
		const marks = MARKED.filter(([key]) => row.overhead?.[key]?.value != null);
		const of = (end) => marks.map(([key]) => row.overhead[key][end] ?? null);
		const marked = {
			label: `${label}, intervals`,
			index,
			dots: true,
			marks: true,
			x: marks.map(([, level]) => nines(level)),
			y: of("value"),
			low: of("low"),
			high: of("high"),
			tip: (k) => ({
				title: label,
				rows: [
					["quantile", levelText(nines(marks[k][1]))],
					[
						"shift",
						effectLine(row.overhead[marks[k][0]], {
							name: row.unit,
							size: 1,
						}),
					],
					["rounds", row.rounds],
					["interval over", row.interval_over],
				],
			}),
		};
		return [line, marked];
	});
}

const KINDS = {
	ecdf: {
		text: "ECDF",
		lead: "Share of the calls that took at most so long; timer overhead is taken off. Dashed: the baseline.",
		y: { title: "share of the calls", tick: percent },
	},
	tail: {
		text: "Tail",
		lead: "Share of the calls that took at least so long, on a logarithmic axis: the largest calls are exact. Dashed: the baseline.",
		y: { title: "share of the calls", tick: percent, log: true },
	},
	shift: {
		text: "Shift function",
		lead: "Quantile with the probe minus the same quantile of the baseline. Bars: 95 % intervals at p50, p90, p99 and p99.9; one without an end goes on beyond the edge. A shift of a quantile is not that quantile of the cost.",
		y: { title: "difference, ns", tick: short, clip: true },
	},
};

export function distributions(model) {
	const rows = model.data.results.filter(
		(row) =>
			row.variant !== "none" &&
			row.samples?.probe != null &&
			row.status === "measured",
	);
	if (!rows.length) return null;
	const groups = new Map();
	for (const row of rows) {
		const key = [
			model.many ? model.recordName(row.record) : null,
			row.syscall,
			row.cache,
		]
			.filter(Boolean)
			.join(", ");
		groups.set(key, [...(groups.get(key) ?? []), row]);
	}
	const state = { group: [...groups.keys()][0], kind: "ecdf", on: new Map() };
	const plot = chart({ caption: "distribution of the calls", height: 320 });
	const lead = el("p", { class: "lead" });
	const keys = el("div");
	let items = [];
	function draw() {
		const list = items
			.filter(({ label }) => state.on.has(label))
			.map((item) => ({ ...item, index: state.on.get(item.label) }));
		const kind = KINDS[state.kind];
		lead.textContent = kind.lead;
		const x =
			state.kind === "shift"
				? {
						title: "quantile",
						tick: levelText,
						splits: [0, 0.30103, 1, 2, 3, 4, 5, 6],
					}
				: { title: "one call", tick: timeTick, log: true };
		plot.draw({
			series:
				state.kind === "shift"
					? shiftSeries(list, model)
					: distributionSeries(list, state.kind, model),
			x,
			y: kind.y,
		});
	}
	function grouped() {
		items = groups.get(state.group).map((row) => ({ row, label: nameOf(row) }));
		keys.replaceChildren(
			legend(
				items,
				items.slice(0, AT_FIRST).map(({ label }) => label),
				(on) => {
					state.on = on;
					draw();
				},
			),
		);
	}
	grouped();
	const left = model.data.samples.some((sample) => sample.decimated);
	return {
		id: "distributions",
		title: "Distributions",
		nodes: [
			el(
				"div",
				{ class: "tools" },
				choice(
					"Show",
					Object.entries(KINDS).map(([key, { text }]) => [key, text]),
					state.kind,
					(kind) => {
						state.kind = kind;
						draw();
					},
				),
				groups.size > 1 &&
					choice(
						"Of",
						[...groups.keys()].map((key) => [key, key]),
						state.group,
						(group) => {
							state.group = group;
							grouped();
						},
					),
			),
			lead,
			keys,
			plot.node,
			left &&
				el(
					"p",
					{ class: "note" },
					"Drawn from quantiles and the exact largest calls, not from all calls; the record's samples have all.",
				),
		],
	};
}
