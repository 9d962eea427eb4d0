// The interactive page in a browser: node tests/web/test_page.mjs REPORT.html HOSTILE.html FOLDER, from the root of the tree.
// REPORT.html was made of the example records, HOSTILE.html of a record whose strings are markup; FOLDER is scratch.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { difference, functionTable } from "../../reports/document/web/src/calltree.js";
import { csvOf } from "../../reports/document/web/src/export.js";
import { effectLine } from "../../reports/document/web/src/format.js";
import { axeFaults, browser, done, open, painted, shots, test, write } from "./browser.mjs";

const [, , report, hostileReport, folder] = process.argv;
const LIMIT = 400 * 1024;
const sample = JSON.parse(readFileSync("tests/web/sample.json", "utf8"));
const whole = write(folder, "whole.html", sample);
const ALL = [
	"decision",
	"results",
	"predictions",
	"distributions",
	"rates",
	"steps",
	"cold",
	"helpers",
	"kernels",
	"xray",
	"applications",
	"crosschecks",
	"conditions",
	"records",
];

const sections = (page) => page.$$eval("section", (all) => all.map(({ id }) => id));
const cells = (page, table, column) =>
	page.$$eval(
		`${table} tbody tr`,
		(rows, at) => rows.map((row) => row.cells[at]?.textContent),
		column,
	);
const pixels = (page, chart) => page.$eval(`${chart} canvas`, (canvas) => canvas.toDataURL());
const results = "#results .table table";

await test("bundle and template are under 400 KB", () => {
	const size = [
		"build/web/page.js",
		"build/web/page.css",
		"reports/document/web/page.html",
	].reduce((sum, file) => sum + statSync(file).size, 0);
	assert.ok(size < LIMIT, `${size} bytes`);
});

await test("figures have the terminal's digits", () => {
	// of tests/unit/reports/show/test_render.c, but for its "~", the minus sign and groups of thousands
	for (const [value, low, high, text] of [
		[94.213, 91.1, 97.3, "+94 [+91, +97]"],
		[2.6049, 2.57, 2.64, "+2.60 [+2.57, +2.64]"],
		[0.1, -0.4, 0.6, "+0.1 [\u22120.4, +0.6]"],
		[-0.01, -0.5, 0.5, "0.0 [\u22120.5, +0.5]"],
		[342, 342, 342, "+342"],
		[0, 0, 0, "0"],
		[null, null, null, "\u2013"],
		[80, 3.4, 160, "+80 [+3, +160]"],
		[75000, -1000, 4e6, "0 [0, +4,000,000]"],
		[5, null, null, "+5 no interval"],
		[null, 694.97, 1205.14, "+700 to +1200"],
	])
		assert.equal(effectLine({ value, low, high }), text);
});
await test("a call tree's differences add up, whatever the order of the calls", () => {
	const node = (name, value, ...children) => ({ name, value, children });
	const before = node("all", 100, node("a", 40, node("x", 10)), node("b", 30));
	const after = node(
		"all",
		130,
		node("b", 20),
		node("a", 30, node("x", 10)),
		node("a", 40),
		node("c", 5),
	);
	const merged = difference(before, after);
	assert.equal(merged.delta, 30);
	assert.deepEqual(
		merged.children.map(({ name, delta, before: was }) => [name, delta, was]),
		[
			["b", -10, 30],
			["a", 30, 40],
			["c", 5, 0],
		],
	);
	assert.equal(
		functionTable(before, after).reduce((sum, { delta }) => sum + delta, 0),
		30,
	);
});
await test("CSV quotes what it must, and no text is a formula", () => {
	const text = csvOf(
		[
			{ key: "a", get: (row) => row.a },
			{ key: "e", kind: "effect", get: (row) => row.e },
		],
		[{ a: '=1+"2",\n', e: { value: -1.5, low: -2, high: -1 } }, { a: "b" }],
	);
	assert.equal(text, 'a,e,e_low,e_high\r\n"\'=1+""2"",\n",-1.5,-2,-1\r\nb,,,\r\n');
});

const page = await open(report);
await test("a report of example records loads without a fault", async () => {
	assert.deepEqual(page.faults, []);
	assert.deepEqual(await page.evaluate(() => window.refused), []);
	for (const id of ["decision", "results", "distributions", "rates", "conditions", "records"])
		assert.ok((await sections(page)).includes(id), id);
	assert.ok(!(await sections(page)).includes("xray"), "a section without data is not shown");
});
await test("its figures are those of the data", async () => {
	const { name, value } = await page.evaluate(() => {
		const { results: rows } = JSON.parse(document.getElementById("data").textContent);
		const row = rows.find(
			({ variant, status }) =>
				variant === "tracepoint_empty" && status === "measured",
		);
		return { name: row.variant, value: row.overhead.typical.value };
	});
	const shown = await page.$$eval(
		`${results} tbody tr`,
		(rows, wanted) =>
			rows
				.find((row) => row.cells[0].textContent === wanted)
				.querySelector(".effect .value").textContent,
		name,
	);
	const printed = Number(shown.replace(/[+,]/g, "").replace("\u2212", "-"));
	assert.ok(Math.abs(printed - value) <= 5, `${shown} is not ${value}`);
});
await test("words filter, and the count says so", async () => {
	await page.fill("#results input[type=search]", "raw_tp ringbuf");
	const names = await cells(page, results, 0);
	assert.ok(
		names.length > 0 && names.every((name) => name.includes("raw_tp_ringbuf")),
		String(names),
	);
	assert.match(await page.textContent("#results .told"), /^\d+ of \d+ rows$/);
	await page.fill("#results input[type=search]", "");
});
await test("a choice filters; skipped rows show their reason", async () => {
	await page
		.locator("#results .choice", { hasText: "Status" })
		.locator("select")
		.selectOption({ label: "skipped" });
	const reasons = await page.$$eval(`${results} td.withheld`, (all) =>
		all.map((cell) => cell.textContent),
	);
	assert.ok(
		reasons.length > 0 && reasons.every((reason) => /^skipped: .{10}/.test(reason)),
		String(reasons),
	);
	await page
		.locator("#results .choice", { hasText: "Status" })
		.locator("select")
		.selectOption({ label: "measured" });
});
await test("a header sorts, both ways", async () => {
	const header = page.locator(`${results} th.number button`, { hasText: "typical" });
	const values = async () =>
		(
			await page.$$eval(`${results} tbody tr`, (rows) =>
				rows.map((row) => row.querySelector(".effect .value").textContent),
			)
		).map((text) => Number(text.replace(/[+,]/g, "").replace("\u2212", "-")));
	await header.click();
	const up = await values();
	await header.click();
	const down = await values();
	assert.ok(
		up[0] < up.at(-1) && down[0] > down.at(-1) && down[0] >= up.at(-1),
		`${up} ${down}`,
	);
	assert.equal(await page.locator(`${results} th[aria-sort=descending]`).count(), 1);
});
await test("columns are chosen", async () => {
	await page.locator("#results summary", { hasText: "Columns" }).click();
	await page.locator("#results .menu").getByLabel("rounds", { exact: true }).check();
	assert.equal(await page.locator(`${results} th`, { hasText: "rounds" }).count(), 1);
	await page.locator("#results summary", { hasText: "Columns" }).click();
});
await test("an interval tells n, rounds and conditions, to mouse and keyboard", async () => {
	const figure = page.locator(`${results} .effect`).first();
	await figure.hover();
	for (const text of ["n = ", "rounds", "steal", "interval over"])
		assert.ok((await page.textContent("#tip")).includes(text), text);
	await page.mouse.move(2, 2);
	assert.ok(await page.locator("#tip").isHidden());
	await page.locator(`${results} [tabindex="0"]`).first().focus();
	assert.ok(await page.locator("#tip").isVisible());
	const before = await page.textContent("#tip");
	await page.keyboard.press("ArrowDown");
	assert.notEqual(await page.textContent("#tip"), before);
	await page.keyboard.press("Escape");
	assert.ok(await page.locator("#tip").isHidden());
});
await test("CSV and JSON are downloaded as filtered", async () => {
	await page.fill("#results input[type=search]", "raw_tp_empty");
	const take = async (name) => {
		const [download] = await Promise.all([
			page.waitForEvent("download"),
			page.locator("#results").getByText(name, { exact: true }).click(),
		]);
		return readFileSync(await download.path(), "utf8");
	};
	const lines = (await take("CSV")).trimEnd().split("\r\n");
	const rows = JSON.parse(await take("JSON"));
	assert.ok(lines[0].includes("typical,typical_low,typical_high"), lines[0]);
	assert.equal(lines.length - 1, rows.length);
	assert.ok(rows.length > 0 && rows.every(({ variant }) => variant === "raw_tp_empty"));
	assert.ok(
		lines[1].includes(
			`,${rows[0].overhead.typical.value},${rows[0].overhead.typical.low},`,
		),
		lines[1],
	);
	await page.fill("#results input[type=search]", "");
});
await test("distributions: ECDF, tail and shift function differ and have points", async () => {
	const seen = new Set();
	for (const kind of ["ecdf", "tail", "shift"]) {
		await page.locator("#distributions select").first().selectOption(kind);
		seen.add(await pixels(page, "#distributions"));
	}
	assert.equal(seen.size, 3);
	await page.focus("#distributions .chart");
	await page.keyboard.press("ArrowRight");
	assert.match(await page.textContent("#tip"), /quantile/);
});
await test("rate curves zoom by mouse, button and key, and go back", async () => {
	const all = await pixels(page, "#rates");
	const box = await page.locator("#rates .u-over").boundingBox();
	await page.locator("#rates .u-over").scrollIntoViewIfNeeded();
	const { x, y } = await page.locator("#rates .u-over").boundingBox();
	await page.mouse.move(x + box.width * 0.3, y + 40);
	await page.mouse.down();
	await page.mouse.move(x + box.width * 0.6, y + 80, { steps: 4 });
	await page.mouse.up();
	await painted(page);
	const near = await pixels(page, "#rates");
	assert.ok(near !== all);
	await page.locator("#rates").getByLabel("Show all", { exact: true }).click();
	await painted(page);
	assert.ok((await pixels(page, "#rates")) === all);
	await page.focus("#rates .chart");
	await page.keyboard.press("+");
	await painted(page);
	assert.ok((await pixels(page, "#rates")) !== all);
	await page.keyboard.press("0");
	await painted(page);
	assert.ok((await pixels(page, "#rates")) === all);
});
await test("every quantity of the curves draws; log axes switch", async () => {
	const show = page.locator("#rates").getByLabel("Show", { exact: true });
	for (const value of await show
		.locator("option")
		.evaluateAll((all) => all.map((option) => option.value))) {
		await show.selectOption(value);
		assert.equal(await page.locator("#rates canvas").count(), 1, value);
	}
	const before = await pixels(page, "#rates");
	await page.locator("#rates").getByLabel("log x").uncheck();
	assert.notEqual(await pixels(page, "#rates"), before);
});
await test("nothing of that made a fault", () => assert.deepEqual(page.faults, []));
await page.context().close();

const full = await open(whole);
await test("data of all kinds has all sections, and no fault", async () => {
	assert.deepEqual(await sections(full), ALL);
	assert.deepEqual(full.faults, []);
});
await test("what was not measured is called predicted, in each cell", async () => {
	const all = await cells(full, "#predictions .table table", 1);
	assert.deepEqual(all, ["\u2248 120..190 ns (predicted)", "\u2013"]);
	assert.match(await full.textContent("#predictions"), /No measurements: .*no price for unpaired calls/s);
});

await test("the flame graph zooms, finds and goes back, by mouse and keys", async () => {
	const widest = () =>
		full.$$eval("#xray rect", (all) =>
			all.map((rect) => Number(rect.getAttribute("width"))).sort((a, b) => b - a),
		);
	const frames = full.locator("#xray g.frame");
	const before = await widest();
	await full.fill("#xray input[type=search]", "trace_call_bpf");
	assert.match(
		await full.textContent("#xray .tools .told"),
		/^[1-9]\d* frames, [\d,]+ of [\d,]+ instructions$/,
	);
	await full.fill("#xray input[type=search]", "");
	await frames
		.filter({ hasText: /^ftrace_trampoline$/ })
		.first()
		.click();
	await painted(full);
	assert.notDeepEqual(await widest(), before);
	await full.focus("#xray .flame");
	await full.keyboard.press("Escape");
	await painted(full);
	assert.deepEqual(await widest(), before);
	await full.keyboard.press("ArrowUp");
	await full.keyboard.press("ArrowUp");
	assert.match(await full.textContent("#tip"), /instructions/);
});
await test("the difference of two adds up, and is red and blue", async () => {
	await full.getByLabel("Hit", { exact: true }).selectOption("1");
	await full.getByLabel("Compare with").selectOption("0");
	const [after, before] = [sample.xray[1].total, sample.xray[0].total];
	await full.locator("#xray .more button").click();
	const differences = (
		await full.$$eval("#xray tbody tr", (rows) =>
			rows.map((row) => row.cells[3].textContent),
		)
	).map((text) => Number(text.replace(/[+,]/g, "").replace("\u2212", "-")));
	assert.equal(
		differences.reduce((sum, value) => sum + value, 0),
		after - before,
	);
	const fills = new Set(
		await full.$$eval("#xray rect", (all) =>
			all.map((rect) => rect.getAttribute("fill")),
		),
	);
	assert.ok(
		[...fills].some((fill) => fill.startsWith("hsl(8 ")) &&
			[...fills].some((fill) => fill.startsWith("hsl(212 ")),
		[...fills].join(),
	);
});
await test("the switch changes the colours of page and charts", async () => {
	const light = await pixels(full, "#rates");
	const background = () =>
		full.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const was = await background();
	await full.click("#theme");
	await painted(full);
	assert.notEqual(await background(), was);
	assert.notEqual(await pixels(full, "#rates"), light);
	await full.click("#theme");
});
await test("Tab reaches every control and stands in no trap", async () => {
	const wanted = await full.evaluate(
		() =>
			[
				...document.querySelectorAll(
					"a[href], button, select, input, summary, [tabindex='0']",
				),
			].filter((node) =>
				node.checkVisibility({
					contentVisibilityAuto: true,
					visibilityProperty: true,
				}),
			).length,
	);
	await full.evaluate(() => {
		document.activeElement?.blur();
		window.reached = new Set();
		document.addEventListener("focusin", ({ target }) => window.reached.add(target));
	});
	for (let i = 0; i < wanted + 40; i++) await full.keyboard.press("Tab");
	const reached = await full.evaluate(() => window.reached.size);
	assert.ok(reached >= wanted, `${reached} of ${wanted}`);
});
await test("it prints, light", async () => {
	const pdf = await full.pdf({ format: "A4" });
	assert.ok(pdf.length > 20000 && pdf.subarray(0, 5).toString() === "%PDF-");
});
for (const scheme of ["light", "dark"])
	await test(`axe finds nothing serious, ${scheme}`, async () => {
		const shown = await open(whole, { colorScheme: scheme });
		await shown.evaluate(() =>
			document.querySelectorAll("details").forEach((details) => {
				details.open = true;
			}),
		);
		await painted(shown);
		assert.deepEqual(await axeFaults(shown), []);
		await shown.context().close();
	});
await test("380 pixels: nothing is wider than the screen", async () => {
	for (const file of [whole, report]) {
		const small = await open(file, { viewport: { width: 380, height: 800 } });
		assert.ok(
			(await small.evaluate(() => document.documentElement.scrollWidth)) <= 380,
		);
		await small.context().close();
	}
});
await full.context().close();

const EVIL =
	"<img src=x onerror=alert(1)>\"'</script><script>alert(1)</script><!--{{data}}=javascript:alert(1)";
function evil(value, key) {
	if (typeof value === "string") return key === "schema" ? value : EVIL;
	if (Array.isArray(value)) return value.map((item) => evil(item, key));
	return value && typeof value === "object"
		? Object.fromEntries(
				Object.entries(value).map(([name, item]) => [
					name,
					evil(item, name),
				]),
			)
		: value;
}
async function unharmed(file, says) {
	const hostile = await open(file);
	await hostile.evaluate(() =>
		document.querySelectorAll("details").forEach((details) => {
			details.open = true;
		}),
	);
	assert.ok((await hostile.textContent("main")).includes(says), "the text is shown as it is");
	assert.equal(
		await hostile
			.locator(
				"img, iframe, object, embed, body script:not(#data):not(:last-of-type), [onerror]",
			)
			.count(),
		0,
	);
	assert.equal(await hostile.locator("script").count(), 2);
	assert.deepEqual(await hostile.evaluate(() => window.refused), []);
	assert.deepEqual(hostile.faults, []);
	await hostile.context().close();
}
await test("hostile strings in a record stay text", () =>
	unharmed(hostileReport, "<img src=x onerror=alert(1)>"));
await test("hostile strings everywhere in the data stay text", () =>
	unharmed(write(folder, "evil.html", evil(sample)), "<img src=x onerror=alert(1)>"));
await test("names of an object's own members are plain names", async () => {
	const text = JSON.stringify(sample)
		.replaceAll('"tracepoint_empty"', '"__proto__"')
		.replaceAll('"ringbuf"', '"constructor"');
	const odd = await open(write(folder, "odd.html", JSON.parse(text)));
	assert.deepEqual(odd.faults, []);
	await odd.context().close();
});
await test("an empty document and one of another kind are told apart", async () => {
	const none = await open(
		write(folder, "none.html", { schema: "bpftoll-page/1", records: [{ name: "r" }] }),
	);
	assert.deepEqual([await sections(none), none.faults], [["records"], []]);
	const other = await open(write(folder, "other.html", { schema: "bpftoll-page/9" }));
	assert.ok(await other.locator("[role=alert]").isVisible());
});
await test("without its script's hash nothing runs", async () => {
	const file = write(folder, "changed.html", sample);
	const text = readFileSync(file, "utf8").replace(
		/<\/script>\s*<\/body>/,
		";alert(2)</script></body>",
	);
	const { writeFileSync } = await import("node:fs");
	writeFileSync(file, text);
	const context = await browser.newContext();
	const changed = await context.newPage();
	await changed.goto(`file://${file}`);
	assert.equal(await changed.locator("section").count(), 0);
	await context.close();
});

await test("screenshots", async () => {
	for (const [scheme, id] of [
		["light", null],
		["dark", "#distributions"],
	]) {
		const shown = await open(report, {
			colorScheme: scheme,
			viewport: { width: 1280, height: 960 },
			deviceScaleFactor: 1,
		});
		if (id) await shown.$eval(id, (section) => section.scrollIntoView());
		await painted(shown);
		await shown.screenshot({ path: `${shots}/page-${scheme}.png` });
		await shown.context().close();
	}
});
await done();
