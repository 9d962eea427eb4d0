// Intervals drawn to one scale: in a column of a table, or as a chart of rows. The scale is linear, or where the figures
// reach over decades, logarithmic away from zero (inverse hyperbolic sine).
import { el } from "./dom.js";
import { bounded, effectText, known, short, unitOf } from "./format.js";
import { withTip } from "./tip.js";

const DECADES = 30; // a figure so many times the median makes the scale logarithmic
const APART = 27; // %, of the numbers on an axis

function niceTicks(low, high, many) {
	const raw = (high - low) / many;
	const power = 10 ** Math.floor(Math.log10(raw));
	const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw);
	const ticks = [];
	for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-6; v += step)
		ticks.push(Number(v.toPrecision(12)));
	return ticks;
}

/** {at(value): percent, ticks: [value]} of effects, with zero always inside. */
export function forestScale(effects) {
	const shown = effects.filter(known);
	const ends = shown.flatMap((e) => [e.value, e.low ?? e.value, e.high ?? e.value]);
	let low = Math.min(0, ...ends),
		high = Math.max(0, ...ends);
	if (!(high > low)) high = low + 1;
	const sizes = shown
		.map((e) => Math.abs(e.value))
		.filter((v) => v > 0)
		.sort((a, b) => a - b);
	const median = sizes[sizes.length >> 1] ?? 1;
	const wide = sizes.length > 2 && Math.max(high, -low) > DECADES * median;
	const knee = median / 3;
	const bend = wide ? (v) => Math.asinh(v / knee) : (v) => v;
	const room = (bend(high) - bend(low)) * 0.03;
	const begin = bend(low) - (low < 0 ? room : 0),
		end = bend(high) + room;
	const at = (value) => (100 * (bend(value) - begin)) / (end - begin);
	let ticks;
	if (wide) {
		ticks = [0];
		// the largest first; those that would run into another's text are left out
		const most = Math.max(high, -low);
		for (let v = 10 ** Math.floor(Math.log10(most)); v >= knee / 2; v /= 10)
			for (const tick of [v, -v])
				if (
					tick <= high &&
					tick >= low &&
					ticks.every(
						(other) => Math.abs(at(other) - at(tick)) > APART,
					)
				)
					ticks.push(tick);
	} else {
		ticks = niceTicks(low, high, 3);
	}
	return { at, ticks, wide };
}

export function forestHead(scale) {
	return el(
		"span",
		{ class: "axis", "aria-hidden": "true" },
		scale.ticks.map((tick) =>
			el(
				"span",
				{ style: { left: `${scale.at(tick)}%` } },
				short(tick / (scale.unit?.size ?? 1)),
			),
		),
	);
}

export function forestCell(effect, scale) {
	const track = el(
		"div",
		{ class: "track" },
		el("span", { class: "zero", style: { left: `${scale.at(0)}%` } }),
	);
	if (!known(effect)) return track;
	if (bounded(effect))
		track.append(
			el("span", {
				class: "whisker",
				style: {
					left: `${scale.at(effect.low)}%`,
					width: `${Math.max(scale.at(effect.high) - scale.at(effect.low), 0.4)}%`,
				},
			}),
		);
	track.append(el("span", { class: "dot", style: { left: `${scale.at(effect.value)}%` } }));
	return track;
}

/**
 * Rows of [{label, effect, from, series, tip, note}] in one unit. from: where a bar begins (waterfall); without it there
 * are a dot and its interval. note stands instead of a figure that there is none of.
 */
export function forest({ unit, rows, caption, unsigned }) {
	const inUnit = unitOf(
		unit,
		rows.flatMap((row) => [row.effect?.value]),
	);
	const scale = {
		...forestScale(
			rows.flatMap(({ effect, from }) =>
				known(effect)
					? [
							from == null
								? effect
								: {
										value:
											from +
											effect.value,
										low:
											from +
											(effect.low ??
												effect.value),
										high:
											from +
											(effect.high ??
												effect.value),
									},
						]
					: [],
			),
		),
		unit: inUnit,
	};
	const line = ({ label, effect, from, series, tip, note }) => {
		const { value, interval } = effectText(effect, inUnit, unsigned);
		let track;
		if (from != null && known(effect)) {
			const [a, b] = [scale.at(from), scale.at(from + effect.value)].sort(
				(x, y) => x - y,
			);
			track = el(
				"div",
				{ class: "track" },
				el("span", { class: "zero", style: { left: `${scale.at(0)}%` } }),
				el("span", {
					class: effect.value < 0 ? "bar less" : "bar",
					style: { left: `${a}%`, width: `${Math.max(b - a, 0.3)}%` },
				}),
			);
			if (bounded(effect) && effect.low < effect.high)
				track.append(
					el("span", {
						class: "whisker over",
						style: {
							left: `${scale.at(from + effect.low)}%`,
							width: `${scale.at(from + effect.high) - scale.at(from + effect.low)}%`,
						},
					}),
				);
		} else {
			track = forestCell(effect, scale);
			if (series != null) track.classList.add(`mark-${series}`);
		}
		if (tip && known(effect)) withTip(track, tip);
		const figure =
			known(effect) || !note
				? [
						el("span", { class: "value" }, value),
						el("span", { class: "interval" }, interval),
					]
				: [el("span", { class: "note" }, note)];
		return el(
			"tr",
			null,
			el("th", { scope: "row" }, label),
			el("td", { class: "forest" }, track),
			el("td", { class: "number" }, el("span", { class: "effect" }, figure)),
		);
	};
	return el(
		"table",
		{ class: "forest-chart" },
		el("caption", { class: caption ? null : "hidden" }, caption ?? ""),
		el(
			"thead",
			null,
			el(
				"tr",
				null,
				el("td"),
				el("td", { class: "forest" }, forestHead(scale)),
				el("th", { class: "number", scope: "col" }, inUnit.name || "value"),
			),
		),
		el("tbody", null, rows.map(line)),
	);
}
