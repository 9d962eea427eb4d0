// Where the cost of a probe comes from: each program adds one step to the one before it.
import { choice, distinct, el } from "./dom.js";
import { effectLine, known } from "./format.js";
import { forest } from "./forest.js";

function one(fall) {
	let sum = 0,
		broken = false;
	const rows = fall.steps.map((step) => {
		const effect = known(step) ? step : null;
		const row = {
			label: step.name,
			effect,
			from: broken ? null : sum,
			note: "its program was not measured",
			tip: () => ({
				title: step.name,
				rows: [["adds", effectLine(step, { name: fall.unit, size: 1 })]],
			}),
		};
		if (effect) sum += effect.value;
		else broken = true; // where the next one begins is not known
		return row;
	});
	if (known(fall.whole))
		rows.push({
			label: "measured as a whole",
			effect: fall.whole,
			tip: () => ({
				title: fall.variant,
				rows: [
					[
						"figure",
						effectLine(fall.whole, {
							name: fall.unit,
							size: 1,
						}),
					],
				],
			}),
		});
	const name = [
		fall.variant ?? fall.hook,
		fall.syscall,
		fall.cache,
		fall.wakeup !== "-" && fall.wakeup,
	]
		.filter(Boolean)
		.join(", ");
	return el("figure", null, el("figcaption", null, name), forest({ unit: fall.unit, rows }));
}

const AT_ONCE = 12;

export function waterfall(model) {
	const falls = model.data.waterfall.filter((fall) => fall.steps.some(known));
	if (!falls.length) return null;
	const nameOfRecord = (fall) => model.recordName(fall.record);
	const choices = [
		["Record", nameOfRecord],
		["Syscall", (fall) => fall.syscall],
		["Cache", (fall) => fall.cache],
		["Hook", (fall) => fall.hook],
	];
	const picked = new Map();
	const bar = el("div", { class: "tools" }),
		box = el("div", { class: "grid" }),
		told = el("p", { class: "note" });
	// of what a choice leaves the next ones offer; a hook is chosen by the reader alone
	function draw() {
		let left = falls;
		const boxes = choices.map(([title, get]) => {
			const values = distinct(left, get);
			const all = title === "Hook";
			if (!values.includes(picked.get(title)))
				picked.set(title, all ? undefined : values[0]);
			const at = values.indexOf(picked.get(title));
			if (at >= 0) left = left.filter((fall) => get(fall) === values[at]);
			return (
				values.length > 1 &&
				choice(
					title,
					[
						...(all ? [[-1, "all"]] : []),
						...values.map((value, i) => [i, value]),
					],
					at,
					(i) => {
						picked.set(title, values[i]);
						draw();
					},
				)
			);
		});
		bar.replaceChildren(...boxes.filter(Boolean));
		box.replaceChildren(...left.slice(0, AT_ONCE).map((fall) => one(fall)));
		told.textContent =
			left.length > AT_ONCE
				? `${AT_ONCE} of ${left.length} are drawn: choose a hook.`
				: "";
	}
	draw();
	return {
		id: "steps",
		title: "Where the cost comes from",
		lead: "What each step adds to the program before it, with its 95 % interval. The last row is measured by itself, not summed up.",
		nodes: [bar, box, told],
	};
}
