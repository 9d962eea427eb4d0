// Prices of helpers and what is claimed of them.
import { el } from "./dom.js";
import { effectLine, known } from "./format.js";
import { table } from "./table.js";

function claimsTable(claims) {
	return table({
		name: "claims",
		caption: "Claims",
		rows: claims,
		columns: [
			{ key: "what", title: "Claim", get: (row) => row.what },
			{
				key: "claimed",
				title: "claimed",
				get: (row) => (row.claimed == null ? null : String(row.claimed)),
			},
			{ key: "unit", title: "unit", get: (row) => row.unit },
			{
				key: "measured",
				title: "measured",
				kind: "effect",
				unsigned: true,
				get: (row) => row.measured,
				tip: (row) => ({
					title: row.what,
					rows: [
						[
							"figure",
							effectLine(
								row.measured,
								{ name: row.unit, size: 1 },
								true,
							),
						],
						["by", row.by],
					],
				}),
			},
			{ key: "by", title: "by", get: (row) => row.by },
			{ key: "result", title: "Result", get: (row) => row.result },
		],
	});
}

export function helpers(model) {
	const { prices, claims } = model.data;
	if (!prices.length && !claims.length) return null;
	const units = [...new Set(prices.map((row) => row.unit))];
	const effect = (key, title, unit, get, more) => ({
		key,
		title,
		kind: "effect",
		unit,
		figure: true,
		get,
		...more,
		tip: (row) => ({
			title: `${row.helper}, ${title}`,
			rows: [
				["figure", effectLine(get(row), { name: row.unit, size: 1 })],
				["rounds", row.rounds],
				["copies", row.copies],
				["syscall", row.syscall],
				["cache", row.cache],
				["basis", row.basis],
				[
					"residuals",
					row.nonlinear
						? "more than chance: the slope is no price"
						: null,
				],
				["note", row.note],
			],
		}),
	});
	const pricesOf = (unit) =>
		table({
			name: `helpers-${unit}`,
			caption: `Prices of helpers, ${unit}`,
			full: true,
			rows: prices.filter((row) => row.unit === unit),
			columns: [
				{
					key: "helper",
					title: "Helper",
					get: (row) => row.helper,
					class: "name",
				},
				{ key: "size", title: "Size", get: (row) => row.size },
				{
					key: "host_program",
					title: "Host program",
					get: (row) => row.host_program,
					filter: true,
				},
				{
					key: "wakeup",
					title: "Wakeup",
					get: (row) => row.wakeup,
					shown: false,
				},
				{
					key: "cache",
					title: "Cache",
					get: (row) => row.cache,
					filter: true,
				},
				{
					key: "record",
					title: "Record",
					get: (row) => model.recordName(row.record),
					shown: new Set(prices.map((row) => row.record)).size > 1,
				},
				{
					key: "drawn",
					title: "price",
					label: "price, drawn",
					kind: "forest",
					unit,
					figure: true,
					get: (row) => row.price,
				},
				effect("price", "price", unit, (row) => row.price),
				{
					key: "basis",
					title: "Basis",
					get: (row) =>
						known(row.price)
							? row.basis
							: row.nonlinear
								? "withheld: not linear"
								: row.status,
				},
				effect("first", "first call", unit, (row) => row.first, {
					shown: false,
				}),
				effect("slope", "slope", unit, (row) => row.slope, {
					shown: false,
				}),
				effect("intercept", "intercept", unit, (row) => row.intercept, {
					shown: false,
				}),
			],
		});
	const title = prices.length > 0 ? "Helpers" : "Claims";
	return {
		id: "helpers",
		title,
		lead:
			prices.length > 0
				? "What one call more of a helper costs within a program."
				: "What is claimed, and what was measured.",
		nodes: [
			claims.length > 0 && claimsTable(claims),
			units.map((unit) => [
				units.length > 1 && el("h3", null, `In ${unit}`),
				pricesOf(unit),
			]),
		],
	};
}
