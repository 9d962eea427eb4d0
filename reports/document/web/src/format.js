// Numbers as a reader may believe them, by the rules of the terminal's tables (reports/show/figure.c): no digit finer
// than the interval supports, one unit for all of a column.

const MOST_DECIMALS = 3;
export const NONE = "\u2013";

/** Thousands are grouped from five digits on. */
export function group(text) {
	const [, sign, whole, rest] = text.match(/^([+\u2212-]?)(\d+)(.*)$/) ?? [];
	if (whole === undefined) return text;
	return sign + (whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ",") : whole) + rest;
}

/** Decimals for an interval of this half-width; negative: tens, hundreds. */
export function decimalsOf(halfWidth) {
	if (!(halfWidth > 0)) return MOST_DECIMALS;
	return Math.min(-Math.floor(Math.log10(halfWidth / 2) + 1e-9), MOST_DECIMALS);
}

export function fixed(value, decimals, plus) {
	if (value === 0) return "0";
	const place = 10 ** -decimals;
	const rounded = Math.round(value / place) * place;
	const text = group(Math.abs(rounded).toFixed(Math.max(decimals, 0)));
	if (!/[1-9]/.test(text)) return text;
	return (rounded < 0 ? "\u2212" : plus ? "+" : "") + text;
}

/** A number without an interval: three digits. */
export function plain(value, plus) {
	if (value == null || !Number.isFinite(value)) return NONE;
	if (Number.isInteger(value)) return fixed(value, 0, plus);
	const size = Math.abs(value);
	return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3, plus);
}

export function known(effect) {
	return effect != null && effect.value != null && Number.isFinite(effect.value);
}

export function bounded(effect) {
	return known(effect) && effect.low != null && effect.high != null;
}

/** Two bounds without a value between them. */
export function isRange(effect) {
	return effect != null && effect.value == null && effect.low != null && effect.high != null;
}

export function holdsZero(effect) {
	return bounded(effect) && effect.low <= 0 && effect.high >= 0;
}

/** {value, interval}: the two texts of an effect, divided by the unit's size. Signed unless told otherwise. */
export function effectText(effect, unit, unsigned) {
	const size = unit?.size ?? 1;
	if (isRange(effect)) {
		const decimals = decimalsOf((effect.high - effect.low) / size / 2);
		const ends = [effect.low, effect.high].map((end) =>
			fixed(end / size, decimals, !unsigned),
		);
		return { value: "", interval: ends.join(" to ") };
	}
	if (!known(effect)) return { value: NONE, interval: "" };
	const value = effect.value / size;
	if (!bounded(effect))
		return {
			value: plain(value, !unsigned),
			interval: unit?.exact ? "" : "no interval",
		};
	const low = effect.low / size;
	const high = effect.high / size;
	if (!(low < high)) return { value: plain(value, !unsigned), interval: "" };
	let decimals = decimalsOf(Math.max(value - low, high - value));
	// an end that is not zero must not be rounded to it
	const vanishes = (end) => end !== 0 && Math.round(end * 10 ** decimals) === 0;
	for (let more = 0; more < 4 && decimals < MOST_DECIMALS; more++) {
		if (holdsZero(effect) || (!vanishes(low) && !vanishes(high))) break;
		decimals++;
	}
	const put = (x) => fixed(x, decimals, !unsigned);
	return { value: put(value), interval: `[${put(low)}, ${put(high)}]` };
}

export function effectLine(effect, unit, unsigned) {
	const { value, interval } = effectText(effect, unit, unsigned);
	const name = unit?.name ? ` ${unit.name}` : "";
	return interval
		? `${value} ${interval}${name}`.trim()
		: value + (value === NONE ? "" : name);
}

/** The unit that fits a whole column of lengths in ns: µs where no figure needs the ns, ms beyond. */
export function timeUnit(values) {
	const sizes = values
		.filter((v) => v != null && v !== 0 && Number.isFinite(v))
		.map(Math.abs);
	const least = sizes.length ? Math.min(...sizes) : 0;
	if (least >= 1e7) return { name: "ms", size: 1e6 };
	if (least >= 1e4) return { name: "\u00b5s", size: 1e3 };
	return { name: "ns", size: 1 };
}

export function unitOf(unit, values) {
	if (unit === "ns") return timeUnit(values);
	return { name: unit ?? "", size: 1, exact: unit === "instructions" };
}

export function count(value) {
	if (value == null) return NONE;
	const text = String(Math.round(value));
	return text.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** For an axis: 1.5 µs, 20 ms. */
export function timeTick(ns) {
	const size = Math.abs(ns);
	const [name, by] =
		size >= 1e9
			? ["s", 1e9]
			: size >= 1e6
				? ["ms", 1e6]
				: size >= 1e3
					? ["\u00b5s", 1e3]
					: ["ns", 1];
	return `${short(ns / by)} ${name}`;
}

export function rateTick(rate) {
	const size = Math.abs(rate);
	const [name, by] = size >= 1e6 ? ["M", 1e6] : size >= 1e3 ? ["K", 1e3] : ["", 1];
	return short(rate / by) + name;
}

export function short(value) {
	return group(String(Number(value.toPrecision(4)))).replace("-", "\u2212");
}

export function bytesTick(bytes) {
	return bytes >= 1048576 ? `${short(bytes / 1048576)} MiB` : `${short(bytes / 1024)} KiB`;
}
