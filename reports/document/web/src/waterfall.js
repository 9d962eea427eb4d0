// Where the cost of a probe comes from: each program adds one step to the one before it.
import { el } from "./dom.js";
import { effectLine, known } from "./format.js";
import { forest } from "./forest.js";

function one(fall, model) {
	let sum = 0, broken = false;
	const rows = fall.steps.map((step) => {
		const effect = known(step) ? step : null;
		const row = { label: step.name, effect, from: broken ? null : sum, note: "its program was not measured",
			tip: () => ({ title: step.name, rows: [["adds", effectLine(step, { name: fall.unit, size: 1 })]] }) };
		if (effect)
			sum += effect.value;
		else
			broken = true; // where the next one begins is not known
		return row;
	});
	if (known(fall.whole))
		rows.push({ label: "measured as a whole", effect: fall.whole, tip: () => ({ title: fall.variant, rows: [["figure", effectLine(fall.whole, { name: fall.unit, size: 1 })]] }) });
	const name = [fall.hook, fall.syscall, fall.cache, fall.wakeup !== "-" && fall.wakeup, model.many && model.recordName(fall.record)].filter(Boolean).join(", ");
	return el("figure", null, el("figcaption", null, name), forest({ unit: fall.unit, rows }));
}

export function waterfall(model) {
	const falls = model.data.waterfall.filter((fall) => fall.steps.some(known));
	if (!falls.length)
		return null;
	return { id: "steps", title: "Where the cost comes from", lead: "What each step adds to the program before it. The last bar is measured by itself, not summed up.",
		nodes: [el("div", { class: "grid" }, falls.map((fall) => one(fall, model)))] };
}
