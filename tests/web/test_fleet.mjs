// The page of a fleet in a browser: node tests/web/test_fleet.mjs FLEET.html, made of four machines of two types.
import assert from "node:assert/strict";
import { axeFaults, done, open, test } from "./browser.mjs";

const page = await open(process.argv[2]);

await test("the fleet is the page's one section", async () => {
	assert.deepEqual(
		await page.$$eval("section", (all) => all.map(({ id }) => id)),
		["fleet"],
	);
	assert.deepEqual(page.faults, []);
	assert.deepEqual(await page.evaluate(() => window.refused), []);
});

await test("the matrix has a row a machine type and a verdict a configuration", async () => {
	const rows = await page.$$eval("#fleet-matrix tbody tr", (all) =>
		all.map((row) => [...row.cells].map((cell) => cell.textContent)),
	);
	assert.deepEqual(
		rows.map(([type]) => type),
		["Cheap CPU, 2 CPUs (KVM)", "Dear CPU, 2 CPUs (KVM)"],
	);
	for (const row of rows)
		for (const cell of row.slice(2))
			assert.match(cell, /GREEN|YELLOW|RED|INCONCLUSIVE|skipped/);
});

await test("what was left out is named", async () => {
	assert.match(await page.textContent("#fleet .warnings"), /damaged\/record\.json/);
});

await test("axe finds no serious fault", async () => assert.deepEqual(await axeFaults(page), []));

await done();
