// A table that sorts, filters, chooses its columns and is downloaded as it stands. A column is
//   {key, title, get(row), kind, unit, shown, figure, plus, tip(row), filter, missing(row)}
// kind: "text" (the default), "number", "effect" ({value, low, high}) or "forest" (an effect drawn). unit: "ns" (the unit
// is then chosen for the column), another name, or none. figure: withheld where the row's status is not "measured"; one
// cell with the row's reason takes the place of all figures that stand side by side; missing(row) stands where a single one is not known. filter: a choice of its values.
import { button, check, choice, distinct, download, el, newId } from "./dom.js";
import { count, effectText, isRange, known, NONE, plain, unitOf } from "./format.js";
import { forestCell, forestHead, forestScale } from "./forest.js";
import { csvOf, jsonOf } from "./export.js";
import { withTip } from "./tip.js";

const ROWS_AT_FIRST = 30;
const SHORT = 26; // characters: such a text is not broken
const ALL = "*"; // no value of a record is compared with it: choices carry indices

function sortKey(column, row) {
	const value = column.get(row);
	return column.kind === "effect" || column.kind === "forest"
		? (value?.value ?? value?.high)
		: value;
}

function compare(a, b) {
	if (a == null || b == null) return (a == null) - (b == null); // what is not known stands last
	return typeof a === "number" && typeof b === "number"
		? a - b
		: String(a).localeCompare(String(b), "en", { numeric: true });
}

function scaleOf(column, rows) {
	if (column.kind === "forest")
		return { ...forestScale(rows.map(column.get)), unit: unitOf(column.unit, []) };
	const values = rows.flatMap((row) => {
		const value = column.get(row);
		return column.kind === "effect"
			? [value?.value ?? value?.low]
			: typeof value === "number"
				? [value]
				: [];
	});
	const unit = unitOf(column.unit, values);
	const texts =
		column.kind === "effect"
			? rows.map((row) => effectText(column.get(row), unit, column.unsigned))
			: [];
	return { unit, room: Math.max(0, ...texts.map(({ interval }) => interval.length)) };
}

function cell(column, row, scale) {
	const value = column.get(row);
	let content,
		kind = "text";
	if (column.kind === "forest") {
		content = forestCell(value, scale);
		kind = "forest";
	} else if (column.kind === "effect") {
		const { value: text, interval } = effectText(value, scale.unit, column.unsigned);
		kind = "number";
		content = el(
			"span",
			{ class: "effect" },
			el("span", { class: "value" }, column.prefix?.(row), text),
			scale.room > 0 &&
				el(
					"span",
					{
						class: "interval",
						style: { "min-width": `${scale.room}ch` },
					},
					interval,
				),
		);
	} else if (column.kind === "number") {
		kind = "number";
		content = el(
			"span",
			null,
			value == null
				? NONE
				: column.whole
					? count(value)
					: plain(value / scale.unit.size, column.plus),
		);
	} else {
		content = column.show ? column.show(row) : el("span", null, value ?? NONE);
	}
	const short = kind === "text" && String(value ?? "").length < SHORT;
	const box = el(
		"td",
		{ class: [kind, column.class, short && "short"].filter(Boolean).join(" ") },
		content,
	);
	const figure = known(value) || isRange(value);
	const instead = !figure && column.missing?.(row);
	if (instead) content.replaceChildren(el("span", { class: "interval" }, instead));
	if (column.tip && (column.kind !== "effect" || figure || instead)) {
		withTip(content, () => column.tip(row));
		content.tabIndex = -1;
	}
	return box;
}

function head(column, scale, state, sorted) {
	const title = [
		column.title,
		scale.unit.name && el("span", { class: "unit" }, `, ${scale.unit.name}`),
	];
	const current = state.sort?.key === column.key;
	const order = current ? (state.sort.down ? "descending" : "ascending") : "none";
	const label = button("", () => sorted(column.key));
	label.append(
		...title.filter(Boolean),
		el(
			"span",
			{ class: "arrow", "aria-hidden": "true" },
			current ? (state.sort.down ? " \u25be" : " \u25b4") : "",
		),
	);
	const text = !column.kind || column.kind === "text";
	return el(
		"th",
		{
			scope: "col",
			"aria-sort": order,
			title: column.help,
			class: text ? "text" : column.kind === "forest" ? "forest" : "number",
		},
		label,
		column.kind === "forest" && forestHead(scale),
	);
}

function body(rows, columns, scales) {
	return rows.map((row) => {
		const withheld = row.status != null && row.status !== "measured";
		const cells = [];
		let reason = null;
		columns.forEach((column, i) => {
			if (!withheld || !column.figure) {
				cells.push(cell(column, row, scales[i]));
			} else if (reason) {
				reason.colSpan += 1;
			} else {
				reason = el(
					"td",
					{ class: "withheld" },
					el(
						"span",
						null,
						`${row.status}: ${row.reason ?? "no reason given"}`,
					),
				);
				cells.push(reason);
			}
		});
		return el("tr", { class: withheld ? "withheld" : null }, cells);
	});
}

/** One cell with a tip is reached by Tab, the others from there by arrow keys. */
function arrows(table) {
	const reached = () => [...table.querySelectorAll("tbody .has-tip")];
	table.addEventListener("focusin", ({ target }) => {
		if (!target.classList.contains("has-tip")) return;
		for (const other of table.querySelectorAll('.has-tip[tabindex="0"]'))
			other.tabIndex = -1;
		target.tabIndex = 0;
	});
	table.addEventListener("keydown", (event) => {
		const all = reached();
		const at = all.indexOf(event.target);
		if (at < 0 || !event.key.startsWith("Arrow")) return;
		const across = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
		let to = all[at + across];
		if (!across) {
			const column = event.target.closest("td").cellIndex;
			const same = all.filter((node) => node.closest("td").cellIndex === column);
			to =
				same[
					same.indexOf(event.target) +
						(event.key === "ArrowDown" ? 1 : -1)
				];
		}
		event.preventDefault();
		to?.focus();
	});
	return () => {
		const first = reached()[0];
		if (first) first.tabIndex = 0;
	};
}

/** The controls of a full table: search, choices, columns, downloads. Returns [node, tell(shown)]. */
function tools({ name, columns, rows }, state, changed, shownRows) {
	const search = el("input", {
		type: "search",
		placeholder: "Filter",
		"aria-label": "Filter by words",
		on: {
			input: () => {
				state.words = search.value
					.toLowerCase()
					.split(/\s+/)
					.filter(Boolean);
				changed();
			},
		},
	});
	const choices = columns
		.filter((column) => column.filter)
		.map((column) => {
			const values = distinct(rows, column.get).sort(compare);
			if (values.length < 2) return null;
			const start = state.only.get(column.key);
			return choice(
				column.title,
				[
					...(column.filter === "one" ? [] : [[ALL, "all"]]),
					...values.map((value, i) => [i, value]),
				],
				start === undefined ? ALL : values.indexOf(start),
				(picked) => {
					if (picked === ALL) state.only.delete(column.key);
					else state.only.set(column.key, values[picked]);
					changed();
				},
			);
		});
	const picker = el(
		"details",
		{ class: "menu" },
		el("summary", null, "Columns"),
		el(
			"div",
			null,
			columns.map((column) =>
				check(
					column.label ?? column.title,
					state.shown.has(column.key),
					(on) => {
						if (on) state.shown.add(column.key);
						else state.shown.delete(column.key);
						changed();
					},
				),
			),
		),
	);
	const told = el("span", { class: "told", role: "status" });
	const exports = ["CSV", "JSON"].map((format) =>
		button(
			format,
			() =>
				download(
					`bpftoll-${name}.${format.toLowerCase()}`,
					format === "CSV" ? "text/csv" : "application/json",
					format === "CSV"
						? csvOf(columns, shownRows())
						: jsonOf(shownRows()),
				),
			`Download these rows as ${format}`,
		),
	);
	return [
		el(
			"div",
			{ class: "tools" },
			search,
			choices,
			picker,
			el("span", { class: "group" }, exports),
			told,
		),
		(text) => {
			told.textContent = text;
		},
	];
}

/** {name, caption, columns, rows, full, sort: {key, down}, only: Map(key -> value), textOf(row)} */
export function table(options) {
	const { columns, rows, caption, full } = options;
	const state = {
		words: [],
		only: new Map(options.only),
		sort: options.sort ?? null,
		limit: ROWS_AT_FIRST,
		shown: new Set(
			columns
				.filter((column) => column.shown !== false)
				.map((column) => column.key),
		),
	};
	const grid = el("table", { id: newId("table") });
	const more = el("p", { class: "more" });
	const ready = arrows(grid);
	const textOf = (row) =>
		columns
			.filter((column) => !column.kind)
			.map((column) => column.get(row))
			.join(" ")
			.toLowerCase();
	const shownRows = () => {
		const kept = rows.filter(
			(row) =>
				columns.every(
					(column) =>
						!state.only.has(column.key) ||
						column.get(row) === state.only.get(column.key),
				) && state.words.every((word) => textOf(row).includes(word)),
		);
		const by = columns.find((column) => column.key === state.sort?.key);
		if (by)
			kept.sort((a, b) => {
				const [x, y] = [sortKey(by, a), sortKey(by, b)];
				return x == null || y == null || !state.sort.down
					? compare(x, y)
					: compare(y, x);
			});
		return kept;
	};
	const sorted = (key) => {
		state.sort = { key, down: state.sort?.key === key && !state.sort.down };
		draw();
		grid.querySelector(
			`th:nth-child(${visible().findIndex((column) => column.key === key) + 1}) button`,
		)?.focus();
	};
	const visible = () => columns.filter((column) => state.shown.has(column.key));
	const [bar, tell] = full
		? tools(options, state, () => draw(), shownRows)
		: [null, () => {}];
	function draw() {
		const kept = shownRows(),
			now = visible();
		const scales = now.map((column) => scaleOf(column, kept));
		grid.replaceChildren(
			el("caption", { class: "hidden" }, caption),
			el(
				"thead",
				null,
				el(
					"tr",
					null,
					now.map((column, i) =>
						head(column, scales[i], state, sorted),
					),
				),
			),
			el("tbody", null, body(kept.slice(0, state.limit), now, scales)),
		);
		more.replaceChildren();
		if (kept.length > state.limit)
			more.append(
				`${state.limit} of ${kept.length} rows `,
				button("Show all", () => {
					state.limit = Infinity;
					draw();
				}),
			);
		tell(
			kept.length === rows.length
				? `${rows.length} rows`
				: `${kept.length} of ${rows.length} rows`,
		);
		ready();
	}
	draw();
	return el(
		"div",
		{ class: "table" },
		bar,
		el(
			"div",
			{ class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
			grid,
		),
		more,
	);
}
