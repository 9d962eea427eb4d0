// Kernels of the lab side by side: exact counts of instructions.
import { table } from "../table.js";
import { count } from "../format.js";
import { configurationColumn, hookColumn, nameOf } from "../model.js";

export function kernels(model) {
	const { lab } = model.data;
	if (!lab?.rows?.length) return null;
	const first = lab.kernels.length > 1 ? lab.kernels[0] : null;
	const several = (key) => new Set(lab.rows.map((row) => row[key])).size > 1;
	const columns = lab.kernels.map((kernel, i) => ({
		key: `kernel_${i}`,
		title: lab.kernels.some((other) => other !== kernel && other.name === kernel.name)
			? `${kernel.name} ${kernel.arch}`
			: kernel.name,
		kind: "number",
		whole: true,
		get: (row) => row.counts[i],
		tip: (row) => ({
			title: `${nameOf(row)}, Linux ${kernel.name}`,
			rows: [
				["instructions", count(row.counts[i])],
				["architecture", kernel.arch],
				[
					`against ${first?.name}`,
					first &&
					i > 0 &&
					row.counts[i] != null &&
					row.counts[0] != null
						? `${row.counts[i] >= row.counts[0] ? "+" : "\u2212"}${count(Math.abs(row.counts[i] - row.counts[0]))}`
						: null,
				],
				["not measured", row.counts[i] == null ? row.reasons?.[i] : null],
			],
		}),
	}));
	return {
		id: "kernels",
		title: "Kernels side by side",
		lead: "Instructions that a probe adds to one call, counted exactly in a virtual machine: the same on every host. They say nothing of caches or nanoseconds.",
		nodes: [
			table({
				name: "kernels",
				caption: "Instructions by kernel",
				rows: lab.rows,
				full: true,
				columns: [
					configurationColumn,
					hookColumn,
					{
						key: "syscall",
						title: "Syscall",
						get: (row) => row.syscall,
						shown: several("syscall"),
						filter: true,
					},
					{
						key: "cache",
						title: "Cache",
						get: (row) => row.cache,
						shown: several("cache"),
					},
					...columns,
				],
			}),
		],
	};
}
