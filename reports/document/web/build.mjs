// Bundles the page's code and style: node build.mjs OUT, where OUT has node_modules; writes OUT/page.js and
// OUT/page.css. The licences of what is bundled stand at the end of page.js.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const out = resolve(process.argv[2]);
const here = dirname(fileURLToPath(import.meta.url));
const modules = join(out, "node_modules");
const esbuild = createRequire(join(modules, "x"))("esbuild");

const result = await esbuild.build({
	entryPoints: { page: join(here, "src/main.js") },
	outdir: out,
	nodePaths: [modules],
	bundle: true,
	minify: true,
	format: "iife",
	target: "es2020",
	charset: "ascii", // the hashes in the page's policy are of bytes
	legalComments: "none",
	metafile: true,
	logLevel: "warning",
});

const packages = new Set(
	Object.keys(result.metafile.inputs)
		.map((path) => path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1])
		.filter(Boolean),
);
const texts = new Map();
for (const name of [...packages].sort()) {
	const folder = join(modules, name);
	const info = JSON.parse(readFileSync(join(folder, "package.json")));
	const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
	const text = file ? readFileSync(join(folder, file), "utf8").trim() : info.license;
	texts.set(text, [...(texts.get(text) ?? []), `${name} ${info.version}`]);
}
const notice = [...texts]
	.map(([text, names]) => `${names.join(", ")}\n\n${text}`)
	.join("\n\n--\n\n");
if (/\*\/|<\//.test(notice) || /[^\x00-\x7f]/.test(notice))
	throw new Error("a licence's text cannot stand in a comment of the page");
writeFileSync(
	join(out, "page.js"),
	`${readFileSync(join(out, "page.js"), "utf8").trimEnd()}\n/*!\n${notice}\n*/\n`,
);
