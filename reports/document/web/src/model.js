// Look-ups over the page's document that several sections need.

const LISTS = [
	"records",
	"results",
	"samples",
	"curves",
	"prices",
	"claims",
	"waterfall",
	"cold",
	"evictions",
	"xray",
	"apps",
	"crosschecks",
	"conditions",
	"findings",
	"left_out",
	"quantile_levels",
];

export function index(data) {
	for (const list of LISTS) data[list] ??= [];
	const conditions = new Map(
		data.conditions.map((c) => [[c.record, c.syscall, c.cache].join("\n"), c.rounds]),
	);
	const many = data.records.length > 1;
	return {
		data,
		many,
		recordName: (i) => data.records[i]?.name ?? "?",
		/** The rounds that a row was measured in; [] where they were not recorded. */
		roundsOf: (row) =>
			conditions.get([row.record, row.syscall, row.cache].join("\n")) ?? [],
	};
}

/** "tracepoint_ringbuf, per-event": what a reader tells configurations apart by. */
export function nameOf({ variant, wakeup }) {
	if (variant === "none" || variant === "none_again")
		return variant === "none" ? "no probe" : "null test (nothing attached, twice)";
	return wakeup && wakeup !== "-" ? `${variant}, ${wakeup}` : variant;
}

/** Columns that every table of configurations begins with. */
export const configurationColumn = {
	key: "configuration",
	title: "Configuration",
	get: nameOf,
	class: "name",
};
export const hookColumn = {
	key: "hook",
	title: "Hook",
	get: (row) => row.hook,
	shown: false,
	filter: true,
};

export function isBaseline({ hook }) {
	return hook === "none";
}

function range(rounds, key, digits) {
	const values = rounds.map((round) => round[key]).filter((value) => value != null);
	if (!values.length) return null;
	const [low, high] = [Math.min(...values), Math.max(...values)].map((v) =>
		v.toFixed(digits),
	);
	return low === high ? low : `${low} to ${high}`;
}

/** What a tip says of the rounds: [name, text]. */
export function conditionRows(rounds) {
	const steal = range(rounds, "steal", 1);
	const switches = range(rounds, "switches", 0);
	const contended = rounds.map((round) => round.contended).filter((value) => value != null);
	const hz = range(
		rounds.map((r) => ({ ghz: r.frequency_hz == null ? null : r.frequency_hz / 1e9 })),
		"ghz",
		2,
	);
	return [
		["steal a round", steal && `${steal} %`],
		["switches a round", switches],
		["core frequency", hz && `${hz} GHz`],
		[
			"neighbour",
			contended.length
				? `${((100 * contended.reduce((a, b) => a + b, 0)) / contended.length).toFixed(0)} % of the time`
				: null,
		],
	];
}
