// A chart of curves by uPlot: log axes, zoom, intervals as bars, a tip for each point with mouse and keyboard, and its
// points as a table below. A series is {label, x: [], y: [], low: [], high: [], dash, index (its colour), stepped, dots,
// marks (no line), tip(i)}; x ascends; stepped 1: a value holds up to the next x, -1: from the one before.
import uPlot from "uplot";
import { button, el } from "./dom.js";
import { table } from "./table.js";
import { color, isPrinting, onTheme, seriesColor } from "./theme.js";
import { hideTip, showTip } from "./tip.js";

const NEAR = 40; // px
const X_ROOM = 1.05;
const PAPER = 660,
	HALF = 310; // px, the width of a printed page, of one of two columns

function axis(title, tick, extra) {
	return {
		stroke: color("text"),
		grid: { stroke: color("grid"), width: 1 },
		ticks: { stroke: color("grid"), width: 1 },
		font: "11px system-ui, sans-serif",
		labelFont: "12px system-ui, sans-serif",
		label: title,
		labelSize: 18,
		values: (_, splits) => splits.map((v) => (v == null ? "" : tick(v))),
		...extra,
	};
}

/** What can be drawn: on a logarithmic axis above zero alone. */
function drawable(series, xLog, yLog) {
	return series
		.map((s) => {
			const keep = s.x
				.map((x, i) => i)
				.filter(
					(i) =>
						s.x[i] != null &&
						(!xLog || s.x[i] > 0) &&
						((s.y[i] != null && (!yLog || s.y[i] > 0)) ||
							(s.high?.[i] != null &&
								(!yLog || s.high[i] > 0))),
				);
			const of = (list) => list && keep.map((i) => list[i]);
			return {
				...s,
				x: of(s.x),
				y: of(s.y).map((y) => (yLog && !(y > 0) ? null : y)),
				low: of(s.low),
				high: of(s.high),
				tip: s.tip && ((i) => s.tip(keep[i])),
			};
		})
		.filter((s) => s.x.length > 0);
}

/** A bar for each interval, a tick below where only an upper bound can be drawn. */
function drawBars(u, series) {
	const { ctx } = u;
	const floor = u.bbox.top + u.bbox.height;
	ctx.save();
	ctx.beginPath();
	ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
	ctx.clip();
	for (const s of series) {
		if (!s.high) continue;
		ctx.strokeStyle = seriesColor(s.index);
		ctx.lineWidth = 1.5 * devicePixelRatio;
		ctx.globalAlpha = 0.75;
		s.x.forEach((x, i) => {
			if (s.high[i] == null) return;
			const at = u.valToPos(x, "x", true);
			const top = u.valToPos(s.high[i], "y", true);
			const drawnLow =
				s.low?.[i] != null && (u.scales.y.distr !== 3 || s.low[i] > 0);
			const bottom = drawnLow ? u.valToPos(s.low[i], "y", true) : floor;
			const cap = 3 * devicePixelRatio;
			ctx.beginPath();
			ctx.moveTo(at, top);
			ctx.lineTo(at, bottom);
			ctx.moveTo(at - cap, top);
			ctx.lineTo(at + cap, top);
			if (drawnLow) {
				ctx.moveTo(at - cap, bottom);
				ctx.lineTo(at + cap, bottom);
			}
			ctx.stroke();
		});
	}
	ctx.restore();
}

/** Decades, and 2 and 5 of each where there are few. */
function logSplits(min, max) {
	const of = (steps) => {
		const all = [];
		for (let power = 10 ** Math.floor(Math.log10(min)); power <= max; power *= 10)
			all.push(
				...steps
					.map((step) => step * power)
					.filter((v) => v >= min * 0.999 && v <= max * 1.001),
			);
		return all;
	};
	const decades = of([1]);
	return decades.length > 3 ? decades : of([1, 2, 5]);
}

const logAxis = {
	splits: (u, axisIndex, min, max) => logSplits(min, max),
	filter: (u, splits) => splits,
};

/** Lowest and highest of what is drawn between two x; of all where nothing is. */
function extent(series, lists, log, min, max) {
	let low = Infinity;
	let high = -Infinity;
	for (const s of series)
		for (const list of lists)
			(s[list] ?? []).forEach((v, i) => {
				if (v == null || (log && v <= 0) || s.x[i] < min || s.x[i] > max)
					return;
				low = Math.min(low, v);
				high = Math.max(high, v);
			});
	return low > high && min > -Infinity
		? extent(series, lists, log, -Infinity, Infinity)
		: [low, high];
}

/** clip: bars may make the range twice that of the lines, no more; what is longer ends at the edge. */
function yRange(series, { log, clip }, min, max) {
	let [low, high] = extent(series, ["y", "low", "high"], log, min, max);
	if (log) return low === high ? [low / 2, high * 2] : [low / 1.3, high * 1.3];
	if (clip) {
		const [bottom, top] = extent(series, ["y"], log, min, max);
		const more = (Math.max(top, 0) - Math.min(bottom, 0)) / 2;
		[low, high] = [Math.max(low, bottom - more), Math.min(high, top + more)];
	}
	[low, high] = [Math.min(0, low), Math.max(0, high)];
	const room = (high - low || 1) * 0.06;
	return [low < 0 ? low - room : 0, high + room];
}

/** One line of data for all series, with holes. */
function aligned(series) {
	return series.length === 1
		? [series[0].x, series[0].y]
		: uPlot.join(series.map((s) => [s.x, s.y]));
}

function options(series, { x, y, height }, width, hooks) {
	let shown = [-Infinity, Infinity];
	return {
		width,
		height,
		legend: { show: false },
		hooks,
		scales: {
			x: {
				time: false,
				distr: x.log ? 3 : 1,
				range: (u, min, max) => {
					shown = x.log ? [min / X_ROOM, max * X_ROOM] : [min, max];
					return shown;
				},
			},
			// x comes first; u.scales has what it was before
			y: { distr: y.log ? 3 : 1, range: () => yRange(series, y, ...shown) },
		},
		cursor: {
			drag: { x: true, y: false, setScale: true },
			points: { show: false },
			y: false,
		},
		axes: [
			axis(x.title, x.tick, {
				size: 28,
				labelSize: 16,
				...(x.log && logAxis),
				...(x.splits && { splits: () => x.splits }),
			}),
			axis(y.title, y.tick, { size: 62, ...(y.log && logAxis) }),
		],
		series: [
			{},
			...series.map((s) => ({
				label: s.label,
				stroke: seriesColor(s.index),
				width: 1.75,
				dash: s.dash,
				spanGaps: true,
				paths: s.marks
					? () => null
					: s.stepped
						? uPlot.paths.stepped({ align: s.stepped })
						: undefined,
				points: {
					show: s.dots ?? s.x.length < 30,
					size: 6,
					fill: seriesColor(s.index),
				},
			})),
		],
	};
}

function zoom(u, factor, log) {
	const { min, max } = u.scales.x;
	const bend = log ? Math.log : (v) => v,
		back = log ? Math.exp : (v) => v;
	const middle = (bend(min) + bend(max)) / 2,
		half = (factor * (bend(max) - bend(min))) / 2;
	u.setScale("x", { min: back(middle - half), max: back(middle + half) });
}

/** The point that is looked at: by the mouse the nearest, by arrow keys the next. */
function pointer(frame, state) {
	const ring = el("span", { class: "ring", hidden: true });
	const live = el("span", { class: "hidden", role: "status" });
	const hide = () => {
		ring.hidden = true;
		hideTip();
	};
	const place = ({ s, i }) => {
		const y = s.y[i] ?? s.high?.[i];
		return [state.u.valToPos(s.x[i], "x"), state.u.valToPos(y, "y")];
	};
	function show(at, speak) {
		const [left, top] = place(at);
		state.u.over.append(ring);
		ring.hidden = false;
		ring.style.left = `${left}px`;
		ring.style.top = `${top}px`;
		ring.style.borderColor = seriesColor(at.s.index);
		const { title, rows } = at.s.tip(at.i);
		const box = state.u.over.getBoundingClientRect();
		showTip(title, rows, box.left + left, box.top + top);
		if (speak)
			live.textContent = `${title}. ${rows
				.filter((row) => row[1])
				.map((row) => row.join(" "))
				.join(", ")}`;
	}
	function nearest(x, y) {
		let best = null,
			distance = NEAR;
		for (const s of state.series)
			for (let i = 0; s.tip && i < s.x.length; i++) {
				const [left, top] = place({ s, i });
				const d = Math.hypot(left - x, top - y);
				if (d < distance) [best, distance] = [{ s, i }, d];
			}
		return best;
	}
	frame.addEventListener("mousemove", (event) => {
		if (!state.u || event.buttons) return;
		const box = state.u.over.getBoundingClientRect();
		const at = nearest(event.clientX - box.left, event.clientY - box.top);
		if (at) show(at);
		else hide();
	});
	frame.addEventListener("mouseleave", hide);
	frame.addEventListener("blur", hide);
	let now = null;
	frame.addEventListener("keydown", (event) => {
		const step = {
			ArrowLeft: [-1, 0],
			ArrowRight: [1, 0],
			ArrowUp: [0, -1],
			ArrowDown: [0, 1],
		}[event.key];
		const able = state.series.filter((s) => s.tip);
		if (!step || !state.u || !able.length || event.target !== frame) return;
		event.preventDefault();
		const line =
			Math.max(
				0,
				able.findIndex((s) => s.label === now?.label),
			) + (now ? step[1] : 0);
		const s = able[(line + able.length) % able.length];
		const i = Math.min(Math.max((now?.i ?? -step[0]) + step[0], 0), s.x.length - 1);
		now = { label: s.label, i };
		show({ s, i }, true);
	});
	return live;
}

function pointsTable(caption, series, x, y) {
	const rows = series.flatMap((s) =>
		s.x.map((at, i) => ({
			series: s.label,
			x: at,
			y: { value: s.y[i], low: s.low?.[i], high: s.high?.[i] },
		})),
	);
	return table({
		name: "points",
		caption: `Points of: ${caption}`,
		rows,
		full: true,
		columns: [
			{ key: "series", title: "Series", get: (row) => row.series, filter: true },
			{ key: "x", title: x.title, kind: "number", get: (row) => row.x },
			{
				key: "y",
				title: y.title,
				kind: "effect",
				unsigned: true,
				get: (row) => row.y,
			},
		],
	});
}

/** Returns {node, draw({series, x: {title, log, tick, splits}, y: {title, log, tick}})}; draw again changes it. */
export function chart({ caption, height = 280, small = false }) {
	const state = { u: null, series: [], asked: null };
	const frame = el("div", {
		class: "chart",
		tabindex: 0,
		role: "group",
		"aria-label": `Chart: ${caption}. Arrow keys go from point to point, + and - zoom, 0 shows all.`,
	});
	const empty = el("p", { class: "told", hidden: true }, "Nothing to draw with this choice.");
	const live = pointer(frame, state);
	const reset = () => state.u && state.u.setData(state.u.data, true);
	const zoomBy = (factor) => state.u && zoom(state.u, factor, state.asked.x.log);
	const keys = {
		"+": () => zoomBy(0.5),
		"=": () => zoomBy(0.5),
		"-": () => zoomBy(2),
		0: reset,
	};
	frame.addEventListener("keydown", (event) => {
		if (Object.hasOwn(keys, event.key) && !event.ctrlKey && !event.metaKey)
			keys[event.key]();
	});
	const bar = el(
		"div",
		{ class: "zoom" },
		button("+", () => zoomBy(0.5), "Zoom in"),
		button("\u2212", () => zoomBy(2), "Zoom out"),
		button("all", reset, "Show all"),
	);
	const points =
		!small &&
		el("details", { class: "points" }, el("summary", null, "These points as a table"));
	const fillPoints = () =>
		points &&
		points.open &&
		points.replaceChildren(
			points.firstChild,
			pointsTable(caption, state.asked.series, state.asked.x, state.asked.y),
		);
	if (points) points.addEventListener("toggle", fillPoints);
	let width = 0;
	function redraw() {
		const wide = Math.floor(
			isPrinting() ? Math.min(small ? HALF : PAPER, width) : width,
		);
		if (!state.asked || wide < 40) return;
		hideTip();
		state.u?.destroy();
		state.u = null;
		const { series, x, y } = state.asked;
		state.series = drawable(series, x.log, y.log);
		empty.hidden = state.series.length > 0;
		frame.hidden = bar.hidden = !empty.hidden;
		if (!state.series.length) return;
		state.u = new uPlot(
			options(state.series, { x, y, height }, wide, {
				draw: [(u) => drawBars(u, state.series)],
			}),
			aligned(state.series),
			frame,
		);
	}
	const node = el(
		"div",
		{ class: small ? "chart-box small" : "chart-box" },
		!small && bar,
		frame,
		empty,
		live,
		points,
	);
	new ResizeObserver(([{ contentRect }]) => {
		if (Math.abs(contentRect.width - width) < 1) return;
		({ width } = contentRect);
		redraw();
	}).observe(node);
	onTheme(redraw);
	return {
		node,
		draw: (asked) => {
			state.asked = asked;
			redraw();
			fillPoints();
		},
	};
}

/**
 * Series to tick, with the line's look before each; changed(Map of label to colour). A series takes the first colour that is
 * free and keeps it while it is shown.
 */
export function legend(items, start, changed) {
	const on = new Map();
	const add = (label) => {
		const taken = new Set(on.values());
		let free = 0;
		while (taken.has(free)) free++;
		if (!on.has(label)) on.set(label, free);
	};
	const told = () => {
		items.forEach(({ label, dash }, i) => {
			boxes[i].children[1].className =
				`line ${on.has(label) ? `series-${on.get(label) % 8}` : "off"}${dash ? " dashed" : ""}`;
		});
		changed(on);
	};
	[...start].forEach(add);
	const boxes = items.map(({ label }) => {
		const box = el("input", {
			type: "checkbox",
			checked: on.has(label),
			on: {
				change: () => {
					if (box.checked) add(label);
					else on.delete(label);
					told();
				},
			},
		});
		return el(
			"label",
			{ class: "check" },
			box,
			el("span", { "aria-hidden": "true" }),
			el("span", null, label),
		);
	});
	const all = (value) => () => {
		items.forEach(({ label }, i) => {
			boxes[i].firstChild.checked = value;
			if (value) add(label);
			else on.delete(label);
		});
		told();
	};
	told();
	return el(
		"fieldset",
		{ class: "legend" },
		el("legend", { class: "hidden" }, "Series"),
		boxes,
		items.length > 3 &&
			el(
				"span",
				{ class: "group" },
				button("all", all(true), "Show all series"),
				button("none", all(false), "Show none of the series"),
			),
	);
}
