// The X-ray's flame graph: every instruction of one hit by the function that executed it, and the difference of two.
import { select } from "d3-selection";
import flamegraph from "d3-flame-graph";
import { copyOf, difference, functionTable, ownOf } from "./calltree.js";
import { button, choice, el } from "./dom.js";
import { count } from "./format.js";
import { currentTheme, onTheme } from "./theme.js";
import { table } from "./table.js";
import { hideTip, showTip } from "./tip.js";

const ROW = 20; // px
const NONE = "-1";

function signed(value) {
	return `${value > 0 ? "+" : value < 0 ? "\u2212" : ""}${count(Math.abs(value))}`;
}

/** The name's own hue among warm ones: a function has the same colour in every graph. */
function warm(name) {
	let hash = 0;
	for (let i = 0; i < name.length; i++) hash = (hash * 31 + name.charCodeAt(i)) >>> 0;
	const light = currentTheme() === "dark";
	return `hsl(${(hash % 50) + 5} ${55 + ((hash >> 8) % 25)}% ${(light ? 62 : 70) + ((hash >> 16) % 10)}%)`;
}

/** Red: more instructions than the other, blue: fewer. Pale where the part that changed is small. */
function redBlue({ delta, value, before }) {
	if (!delta) return currentTheme() === "dark" ? "hsl(0 0% 62%)" : "hsl(0 0% 88%)";
	const part = Math.min(1, Math.abs(delta) / Math.max(value, before, 1));
	return `hsl(${delta > 0 ? 8 : 212} ${45 + 40 * part}% ${86 - 30 * part}%)`;
}

function tipOf({ data }, total, other) {
	return {
		title: data.name,
		rows: [
			["instructions", count(data.value)],
			["of them its own", count(ownOf(data))],
			["share of the hit", `${((100 * data.value) / total).toFixed(1)} %`],
			[`in ${other}`, other && count(data.before)],
			["difference", other && signed(data.delta)],
		],
	};
}

/** Arrow keys walk the tree, Enter zooms, Escape shows all. */
function walk(box, stage, live) {
	let now = null;
	const frames = () => select(box).selectAll("g");
	const visible = (d) => d && !d.data.hide && d.x1 > d.x0;
	function go(to) {
		if (!visible(to)) return;
		now = to;
		const node = frames()
			.filter((d) => d === to)
			.node();
		frames().classed("current", (d) => d === to);
		const { left, bottom } = node.getBoundingClientRect();
		const { title, rows } = tipOf(to, stage.total, stage.other);
		showTip(title, rows, Math.max(left, 0), bottom);
		live.textContent = `${title}: ${rows
			.filter((row) => row[1])
			.map((row) => row.join(" "))
			.join(", ")}`;
	}
	function sibling(step) {
		const all = now.parent?.children.filter(visible).sort((a, b) => a.x0 - b.x0) ?? [];
		return all[all.indexOf(now) + step];
	}
	box.addEventListener("keydown", (event) => {
		const root = select(box).datum();
		const moves = {
			ArrowUp: () => now.children?.find(visible),
			ArrowDown: () => now.parent,
			ArrowLeft: () => sibling(-1),
			ArrowRight: () => sibling(1),
		};
		if (Object.hasOwn(moves, event.key)) {
			event.preventDefault();
			go(now ? moves[event.key]() : root);
		} else if (event.key === "Enter" && now) {
			stage.graph.zoomTo(now);
		} else if (event.key === "Escape") {
			stage.graph.resetZoom();
		}
	});
	box.addEventListener("blur", () => {
		hideTip();
		frames().classed("current", false);
	});
	return () => {
		now = null;
	};
}

function titles(list) {
	return list.map(({ title, total }, i) => [String(i), `${title} (${count(total)})`]);
}

export function xray(model) {
	const list = model.data.xray.filter(({ tree }) => tree?.value > 0);
	if (!list.length) return null;
	const state = { shown: 0, other: NONE, term: "" };
	const box = el("div", {
		class: "flame",
		tabindex: 0,
		role: "group",
		"aria-label":
			"Flame graph. Up goes to what is called, Down to the caller, Left and Right to the neighbours; Enter zooms, Escape shows all.",
	});
	const live = el("span", { class: "hidden", role: "status" });
	const told = el("span", { class: "told", role: "status" });
	const below = el("div"),
		key = el("p", { class: "lead" });
	const stage = { graph: null, total: 1, other: null };
	const restart = walk(box, stage, live);
	let width = 0;
	const still = matchMedia("(prefers-reduced-motion: reduce)");
	function tip(svg) {
		return svg;
	}
	tip.show = (event, d) => {
		const { title, rows } = tipOf(d, stage.total, stage.other);
		showTip(title, rows, event.clientX, event.clientY);
	};
	tip.hide = hideTip;
	const matches = (d) => state.term !== "" && d.data.name.toLowerCase().includes(state.term);
	function search() {
		if (!stage.graph) return;
		if (state.term === "") {
			told.textContent = "";
			stage.graph.clear();
		} else {
			stage.graph.search(state.term);
		}
	}
	function draw() {
		const after = list[state.shown];
		const before = state.other === NONE ? null : list[Number(state.other)];
		Object.assign(stage, { total: after.tree.value, other: before?.title ?? null });
		key.textContent = before
			? `Frames of ${after.title}; red: more instructions than in ${before.title}, blue: fewer, grey: as many. ${signed(after.tree.value - before.tree.value)} in all. What only ${before.title} executes is in the table.`
			: "Width: instructions of a function with all that it calls. A click zooms, a click on the lowest frame shows all.";
		if (width < 40) return;
		stage.graph?.destroy();
		box.replaceChildren();
		restart();
		stage.graph = flamegraph()
			.width(width)
			.cellHeight(ROW)
			.minFrameSize(0)
			.transitionDuration(still.matches ? 0 : 150)
			.tooltip(tip)
			.sort(false)
			.getName((d) => d.data.name)
			.label((d) => d.data.name)
			.setSearchMatch(matches)
			.setSearchHandler((found, sum, total) => {
				told.textContent = `${found.length} frames, ${count(sum)} of ${count(total)} instructions`;
			})
			.setColorMapper((d) =>
				d.highlight
					? "#c77dff"
					: before
						? redBlue(d.data)
						: warm(d.data.name),
			);
		select(box)
			.datum(before ? difference(before.tree, after.tree) : copyOf(after.tree))
			.call(stage.graph);
		search();
	}
	function tables() {
		const before = state.other === NONE ? null : list[Number(state.other)];
		const after = list[state.shown];
		const rows = functionTable(before?.tree, after.tree);
		below.replaceChildren(
			el(
				"details",
				{ open: before != null },
				el(
					"summary",
					null,
					before ? "Differences by function" : "Functions",
				),
				table({
					name: "functions",
					caption: "Own instructions by function",
					rows,
					full: true,
					sort: { key: before ? "size" : "after", down: true },
					columns: [
						{
							key: "name",
							title: "Function",
							get: (row) => row.name,
							class: "name",
						},
						...(before
							? [
									{
										key: "before",
										title: before.title,
										kind: "number",
										whole: true,
										get: (row) =>
											row.before,
									},
								]
							: []),
						{
							key: "after",
							title: after.title,
							kind: "number",
							whole: true,
							get: (row) => row.after,
						},
						...(before
							? [
									{
										key: "delta",
										title: "difference",
										kind: "number",
										plus: true,
										get: (row) =>
											row.delta,
									},
									{
										key: "size",
										title: "size of it",
										kind: "number",
										get: (row) =>
											Math.abs(
												row.delta,
											),
										shown: false,
									},
								]
							: []),
					],
				}),
			),
		);
	}
	const redraw = () => {
		draw();
		tables();
	};
	const find = el("input", {
		type: "search",
		placeholder: "Find a function",
		"aria-label": "Find a function",
		on: {
			input: () => {
				state.term = find.value.trim().toLowerCase();
				search();
			},
		},
	});
	new ResizeObserver(([{ contentRect }]) => {
		if (Math.abs(contentRect.width - width) >= 1) {
			({ width } = contentRect);
			draw();
		}
	}).observe(box);
	onTheme(draw);
	redraw();
	return {
		id: "xray",
		title: "X-ray",
		nodes: [
			el(
				"div",
				{ class: "tools" },
				choice("Hit", titles(list), "0", (at) => {
					state.shown = Number(at);
					redraw();
				}),
				list.length > 1 &&
					choice(
						"Compare with",
						[[NONE, "none"], ...titles(list)],
						NONE,
						(at) => {
							state.other = at;
							redraw();
						},
					),
				find,
				el(
					"span",
					{ class: "group" },
					button(
						"all",
						() => stage.graph?.resetZoom(),
						"Show all of the graph",
					),
				),
				told,
			),
			key,
			box,
			live,
			below,
		],
	};
}
