// What probes would cost that were not measured: ranges, in words that no measured figure has.
import { count, plain } from "../format.js";
import { configurationColumn, hookColumn } from "../model.js";
import { table } from "../table.js";

// two digits are all that a range knows
const two = (value) => count(Number(value.toPrecision(2)));
const range = (row) =>
	row.low == null ? null : `\u2248 ${two(row.low)}..${two(row.high)} ns (predicted)`;

export function predictions(model) {
	const { predicted } = model.data;
	if (!predicted) return null;
	const section = { id: "predictions", title: "Predicted, not measured" };
	if (predicted.why)
		return { ...section, lead: `Nothing is predicted: ${predicted.why}.`, nodes: [] };
	const { results, prices, inside, scored, median, largest } = predicted;
	return {
		...section,
		lead: `No measurements: what one ${predicted.syscall} (${predicted.cache}) would cost more with probes that this machine did not run, from their instructions on kernel ${predicted.kernel} and prices fitted to ${count(results)} results${prices ? ` and ${count(prices)} prices in user space` : ""}. With its mechanism left out ${inside} of ${scored} measured costs lie in their range; they are off by ${Math.round(median)} % (median), ${Math.round(largest)} % at most.`,
		nodes: [
			table({
				name: "predictions",
				caption: "Predicted, not measured",
				rows: predicted.rows,
				full: true,
				columns: [
					configurationColumn,
					hookColumn,
					{
						key: "predicted",
						title: "Predicted",
						get: range,
						class: "withheld",
					},
					{
						key: "instructions",
						title: "instructions",
						kind: "number",
						whole: true,
						get: (row) => row.instructions,
					},
					{
						key: "nearest",
						title: "Most alike, measured",
						get: (row) =>
							row.nearest &&
							`${row.nearest}, ${plain(row.nearest_ns)} ns`,
					},
					{
						key: "withheld",
						title: "Withheld because",
						get: (row) => row.withheld,
						class: "withheld",
					},
				],
			}),
		],
	};
}
