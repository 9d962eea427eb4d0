// What the page's tests share: a headless Chromium, pages of data or files, and TAP.
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { pageOf } from "./page.mjs";

const modules = createRequire(resolve("build/web/node_modules/x"));
const axeSource = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
export const shots = "build/web/screenshots";
mkdirSync(shots, { recursive: true });

const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
	existsSync,
);
// root has no sandbox; the pages are our own
export const browser = await modules("playwright-core").chromium.launch({
	executablePath: chromium,
	args: ["--no-sandbox"],
});

/** A page with its faults: errors, console's errors, dialogs, what its policy refused, what it asked the network for. */
export async function open(file, options = {}) {
	const context = await browser.newContext({
		viewport: { width: 1280, height: 900 },
		acceptDownloads: true,
		reducedMotion: "reduce",
		...options,
	});
	const page = await context.newPage();
	page.setDefaultTimeout(10000);
	page.faults = [];
	page.on("pageerror", (error) => page.faults.push(`error: ${error.message}`));
	page.on(
		"console",
		(message) =>
			["error", "warning"].includes(message.type()) &&
			page.faults.push(`console: ${message.text()}`),
	);
	page.on("dialog", (dialog) => {
		page.faults.push(`dialog: ${dialog.message()}`);
		dialog.dismiss();
	});
	page.on(
		"request",
		(request) =>
			/^(file|data|blob):/.test(request.url()) ||
			page.faults.push(`request: ${request.url()}`),
	);
	await page.addInitScript(() => {
		window.refused = [];
		document.addEventListener("securitypolicyviolation", (event) =>
			window.refused.push(event.violatedDirective),
		);
	});
	await page.goto(pathToFileURL(resolve(file)).href);
	await page.waitForSelector("section, [role=alert]");
	await painted(page);
	return page;
}

/** Until what a size observer starts has been drawn. */
export function painted(page) {
	return page.evaluate(
		() =>
			new Promise((done) =>
				requestAnimationFrame(() =>
					requestAnimationFrame(() => setTimeout(done)),
				),
			),
	);
}

export function write(folder, name, data) {
	const file = join(folder, name);
	writeFileSync(file, pageOf(data));
	return file;
}

/** Serious and critical faults that axe finds, as text. */
export async function axeFaults(page) {
	await page.evaluate(axeSource);
	const { violations } = await page.evaluate(() =>
		globalThis.axe.run(document, { resultTypes: ["violations"] }),
	);
	return violations
		.filter(({ impact }) => ["serious", "critical"].includes(impact))
		.map(
			({ id, nodes }) =>
				`${id}: ${nodes
					.slice(0, 3)
					.map(
						({ target, failureSummary }) =>
							`${target} ${failureSummary}`,
					)
					.join(" | ")}`,
		);
}

let n = 0;
/** A test: passes where body throws nothing. */
export async function test(name, body) {
	n += 1;
	try {
		await body();
		console.log(`ok ${n} - ${name}`);
	} catch (error) {
		console.log(`not ok ${n} - ${name}`);
		console.log(
			String(error.stack)
				.split("\n")
				.slice(0, 12)
				.map((line) => `# ${line}`)
				.join("\n"),
		);
	}
}

export function done() {
	console.log(`1..${n}`);
	return browser.close();
}
