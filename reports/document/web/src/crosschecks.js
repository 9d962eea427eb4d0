// The same runs as other tools saw them.
import { effectLine } from "./format.js";
import { table } from "./table.js";

export function crosschecks(model) {
	const rows = model.data.crosschecks;
	if (!rows.length) return null;
	const effect = (key, title) => ({
		key,
		title,
		kind: "effect",
		unit: "ns",
		unsigned: true,
		figure: true,
		get: (row) => row[key],
		tip: (row) => ({
			title: `${row.variant}, ${row.tool}`,
			rows: [
				[title, effectLine(row[key], { name: "ns", size: 1 }, true)],
				["its figure", row.quantity],
				["command", row.command],
				["why they differ", row.why],
			],
		}),
	});
	return {
		id: "crosschecks",
		title: "Against other tools",
		nodes: [
			table({
				name: "crosschecks",
				caption: "Against other tools",
				rows,
				full: true,
				columns: [
					{
						key: "tool",
						title: "Tool",
						get: (row) => row.tool,
						filter: true,
					},
					{
						key: "variant",
						title: "Probe",
						get: (row) => row.variant,
						filter: true,
					},
					{
						key: "syscall",
						title: "Syscall",
						get: (row) => row.syscall,
					},
					effect("says", "the tool says"),
					effect("bpftoll", "bpftoll says"),
					{
						key: "quantity",
						title: "Its figure is",
						get: (row) => row.quantity,
					},
					{
						key: "why",
						title: "Why they differ",
						get: (row) => row.why,
					},
					{
						key: "command",
						title: "Command",
						get: (row) => row.command,
						shown: false,
					},
				],
			}),
		],
	};
}
