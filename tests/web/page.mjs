// A page as bpftoll report makes it, of any data: node page.mjs DATA.json OUT.html, from the root of the tree.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

export function pageOf(data, title = "bpftoll") {
	const script = readFileSync("build/web/page.js"),
		style = readFileSync("build/web/page.css");
	const hash = (bytes) => `sha256-${createHash("sha256").update(bytes).digest("base64")}`;
	const text = JSON.stringify(data)
		.replace(/</g, "\\u003c")
		.replace(/\u2028/g, "\\u2028")
		.replace(/\u2029/g, "\\u2029");
	const marks = {
		title,
		script_hash: hash(script),
		style_hash: hash(style),
		style: String(style),
		script: String(script),
		data: text,
	};
	return readFileSync("reports/document/web/page.html", "utf8").replace(
		/\{\{(\w+)\}\}/g,
		(_, name) => marks[name],
	);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
	writeFileSync(process.argv[3], pageOf(JSON.parse(readFileSync(process.argv[2], "utf8"))));
