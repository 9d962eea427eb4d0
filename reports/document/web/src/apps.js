// What probes do to applications.
import { effectLine, known } from "./format.js";
import { table } from "./table.js";

export function applications(model) {
	const rows = model.data.apps.filter((row) => row.variant !== "none");
	const hides =
		rows.some((row) => row.status === "measured") &&
		rows.some((row) => row.status !== "measured");
	if (!rows.length) return null;
	const tip = (row) => ({
		title: `${row.app}, ${row.variant}: ${row.quantity}`,
		rows: [
			["change", effectLine(row.change, { name: "%", size: 1 })],
			[
				"without the probe",
				known(row.baseline)
					? effectLine(
							row.baseline,
							{ name: row.measure, size: 1 },
							true,
						)
					: null,
			],
			[
				"with it",
				known(row.value)
					? effectLine(
							row.value,
							{ name: row.measure, size: 1 },
							true,
						)
					: null,
			],
			["pairs of windows", row.windows],
			["a window", row.window_s == null ? null : `${row.window_s} s`],
			[
				"smallest change that would be seen",
				row.visible == null ? null : `${row.visible} %`,
			],
			["note", row.note],
			["record", model.many ? model.recordName(row.record) : null],
		],
	});
	const effect = (key, title, more) => ({
		key,
		title,
		kind: "effect",
		figure: true,
		get: (row) => row[key],
		tip,
		...more,
	});
	return {
		id: "applications",
		title: "Applications",
		lead: "Changes are paired by window, with 95 % intervals. A change that is smaller than the smallest visible one cannot be seen here.",
		nodes: [
			table({
				name: "applications",
				caption: "Applications",
				rows,
				full: true,
				only: new Map(hides ? [["status", "measured"]] : []),
				columns: [
					{
						key: "app",
						title: "Application",
						get: (row) => row.app,
						filter: true,
					},
					{
						key: "variant",
						title: "Probe",
						get: (row) => row.variant,
						filter: true,
					},
					{
						key: "monitored",
						title: "Monitored",
						get: (row) => row.monitored,
						shown: false,
					},
					{
						key: "quantity",
						title: "Quantity",
						get: (row) => row.quantity,
						filter: true,
					},
					{
						key: "record",
						title: "Record",
						get: (row) => model.recordName(row.record),
						shown:
							new Set(rows.map((row) => row.record))
								.size > 1,
					},
					{
						key: "drawn",
						title: "change",
						label: "change, drawn",
						kind: "forest",
						unit: "%",
						figure: true,
						get: (row) => row.change,
						tip,
					},
					effect("change", "change", { unit: "%" }),
					effect("predicted", "predicted", { unit: "%" }),
					{
						key: "visible",
						title: "smallest visible, %",
						kind: "number",
						figure: true,
						get: (row) => row.visible,
					},
					effect("baseline", "without", {
						unsigned: true,
						shown: false,
					}),
					effect("value", "with", { unsigned: true, shown: false }),
					{
						key: "measure",
						title: "Unit",
						get: (row) => row.measure,
						shown: false,
					},
					{
						key: "note",
						title: "Note",
						get: (row) => row.note,
						shown: false,
					},
					{
						key: "status",
						title: "Status",
						get: (row) => row.status,
						shown: false,
						filter: true,
					},
				],
			}),
		],
	};
}
