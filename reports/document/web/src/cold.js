// The same call with warm and with emptied caches; and what evicting each kind of cache costs.
import { el } from "./dom.js";
import { effectLine } from "./format.js";
import { forest } from "./forest.js";
import { nameOf } from "./model.js";
import { table } from "./table.js";

export function coldAgainstHot(model) {
	const { cold, evictions } = model.data;
	if (!cold.length && !evictions.length) return null;
	const units = [...new Set(cold.map(({ unit }) => unit))];
	const rowsOf = (unit) =>
		cold
			.filter((row) => row.unit === unit)
			.flatMap((row) =>
				[
					[row.hot_cache ?? "hot", row.hot, 0],
					["cold", row.cold, 1],
				].map(([state, effect, series]) => ({
					label: `${nameOf(row)}, ${state}`,
					effect,
					series,
					note: "not measured",
					tip: () => ({
						title: `${nameOf(row)}, ${state} cache`,
						rows: [
							[
								"figure",
								effectLine(effect, {
									name: unit,
									size: 1,
								}),
							],
							["syscall", row.syscall],
							[
								"record",
								model.many
									? model.recordName(
											row.record,
										)
									: null,
							],
						],
					}),
				})),
			);
	const names = Object.keys(evictions[0] ?? {}).filter(
		(key) => !["record", "id"].includes(key),
	);
	const isEffect = (key) =>
		evictions.some(
			(row) =>
				typeof row[key] === "object" &&
				row[key] !== null &&
				"value" in row[key],
		);
	const simple = names.filter(
		(key) =>
			isEffect(key) ||
			evictions.every((row) => row[key] == null || typeof row[key] !== "object"),
	);
	return {
		id: "cold",
		title: "Cold against hot",
		lead: "Added to one call when the caches hold what the probe needs, and when they do not.",
		nodes: [
			units.map((unit) =>
				forest({
					unit,
					rows: rowsOf(unit),
					caption: units.length > 1 ? unit : null,
				}),
			),
			evictions.length > 0 && [
				el("h3", null, "What each eviction does"),
				table({
					name: "evictions",
					caption: "Evictions",
					rows: evictions,
					columns: simple.map((key) => ({
						key,
						title: key.replaceAll("_", " "),
						get: (row) => row[key],
						kind: isEffect(key)
							? "effect"
							: evictions.some(
										(row) =>
											typeof row[
												key
											] ===
											"number",
								  )
								? "number"
								: undefined,
					})),
				}),
			],
		],
	};
}
