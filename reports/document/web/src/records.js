// Where the figures come from: hosts, commands, warnings, and what the page leaves out.
import { el } from "./dom.js";
import { known, plain } from "./format.js";

function pairs(object) {
	return Object.entries(object ?? {})
		.filter(([, value]) => value != null && typeof value !== "object")
		.map(([key, value]) => [
			el("dt", null, key.replaceAll("_", " ")),
			el("dd", null, typeof value === "number" ? plain(value) : String(value)),
		]);
}

function one(record) {
	const { placement, floor, warnings = [] } = record;
	const timer = floor?.typical;
	return el(
		"details",
		{ class: "record" },
		el(
			"summary",
			null,
			`${record.name}: suite ${record.suite ?? "?"}, ${record.created ?? "no date"}`,
			record.partial && " (partial: the run was stopped)",
			warnings.length > 0 &&
				`, ${warnings.length} warning${warnings.length > 1 ? "s" : ""}`,
		),
		record.answer?.lines?.length > 0 &&
			el(
				"dl",
				{ class: "facts" },
				record.answer.lines.map(({ label, text }) => [
					el("dt", null, label),
					el("dd", null, text),
				]),
			),
		record.argv?.length > 0 && el("p", null, el("code", null, record.argv.join(" "))),
		warnings.length > 0 &&
			el(
				"ul",
				{ class: "warnings" },
				warnings.map((warning) => el("li", null, warning)),
			),
		el(
			"dl",
			{ class: "facts" },
			pairs(record.host),
			placement?.reason && [
				el("dt", null, "placement"),
				el("dd", null, placement.reason),
			],
			record.seed != null && [
				el("dt", null, "seed"),
				el("dd", null, String(record.seed)),
			],
			record.version && [
				el("dt", null, "version"),
				el("dd", null, record.version),
			],
			timer != null && [
				el("dt", null, "timer overhead"),
				el(
					"dd",
					null,
					`${plain(known(timer) ? timer.value : timer)} ns, typical`,
				),
			],
		),
	);
}

export function records({ data }) {
	if (!data.records.length) return null;
	// paper cannot be opened by a click
	addEventListener("beforeprint", () =>
		document.querySelectorAll("details.record").forEach((details) => {
			details.open = true;
		}),
	);
	return {
		id: "records",
		title: "Records",
		nodes: [
			data.records.map(one),
			data.left_out.length > 0 && [
				el("h3", null, "Left out of this page"),
				el(
					"ul",
					null,
					data.left_out.map((text) => el("li", null, text)),
				),
			],
		],
	};
}
