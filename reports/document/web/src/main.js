// The interactive page: reads the document in #data (reports/document/page describes it) and shows a section for each
// part that has data.
import "uplot/dist/uPlot.min.css";
import { el } from "./dom.js";
import { applications } from "./apps.js";
import { coldAgainstHot } from "./cold.js";
import { conditions } from "./conditions.js";
import { crosschecks } from "./crosschecks.js";
import { curves } from "./curves.js";
import { decision } from "./decision.js";
import { distributions } from "./distributions.js";
import { fleet } from "./fleet.js";
import { helpers } from "./helpers.js";
import { index } from "./model.js";
import { kernels } from "./lab/kernels.js";
import { predictions } from "./lab/predictions.js";
import { records } from "./records.js";
import { results } from "./results.js";
import { themeSwitch } from "./theme.js";
import { waterfall } from "./waterfall.js";
import { xray } from "./xray.js";
import "../style.css"; // after the libraries' own, which it changes

// each: (model) => {id, title, lead, nodes} or null where the records have nothing of it
const SECTIONS = [
	fleet,
	decision,
	results,
	predictions,
	distributions,
	curves,
	waterfall,
	coldAgainstHot,
	helpers,
	kernels,
	xray,
	applications,
	crosschecks,
	conditions,
	records,
];

/* "KVM" of CPUID's "KVMKVMKVM", as on the screen; nothing for a machine of its own. */
function hypervisor(name) {
	if (!name || name === "none") return null;
	return `virtual (${name.startsWith("KVMKVM") ? "KVM" : name})`;
}

function header(model) {
	const { data } = model;
	const hosts = [
		...new Set(
			data.records.map(({ host }) =>
				[
					`Linux ${host?.kernel ?? "?"} ${host?.arch ?? ""}`.trim(),
					[host?.cpu, host?.cpus && `${host.cpus} CPUs`]
						.filter(Boolean)
						.join(", "),
					hypervisor(host?.virtualization),
				]
					.filter(Boolean)
					.join(" \u00b7 "),
			),
		),
	];
	return el(
		"header",
		null,
		el(
			"div",
			{ class: "title" },
			el("h1", null, "bpftoll"),
			el("span", { class: "subtitle" }, "what a BPF probe adds to a system call"),
			themeSwitch(),
		),
		el(
			"p",
			{ class: "hosts" },
			hosts.slice(0, 3).map((host) => el("span", null, host)),
			hosts.length > 3 && el("span", null, `and ${hosts.length - 3} more`),
			data.made?.date && el("span", null, data.made.date),
			data.made?.version && el("span", null, `bpftoll ${data.made.version}`),
		),
	);
}

function start() {
	const page = document.getElementById("page");
	const data = JSON.parse(document.getElementById("data").textContent);
	if (data.schema !== "bpftoll-page/1") {
		page.append(
			el(
				"p",
				{ role: "alert" },
				"The data of this page is not of the kind that its script reads (bpftoll-page/1).",
			),
		);
		return;
	}
	const model = index(data);
	const made = SECTIONS.map((section) => section(model)).filter(Boolean);
	const nav = el(
		"nav",
		{ "aria-label": "Sections" },
		made.map(({ id, title }) => el("a", { href: `#${id}` }, title)),
	);
	page.append(
		el("a", { class: "skip", href: "#main" }, "Skip to the content"),
		header(model),
		el(
			"div",
			{ class: "columns" },
			nav,
			el(
				"main",
				{ id: "main", tabindex: -1 },
				made.map(({ id, title, lead, nodes }) =>
					el(
						"section",
						{ id, "aria-labelledby": `${id}-title` },
						el("h2", { id: `${id}-title` }, title),
						lead && el("p", { class: "lead" }, lead),
						nodes,
					),
				),
			),
		),
	);
	const seen = new IntersectionObserver(
		(entries) => {
			for (const { target, isIntersecting } of entries)
				if (isIntersecting)
					for (const link of nav.children)
						link.setAttribute(
							"aria-current",
							link.hash === `#${target.id}`,
						);
		},
		{ rootMargin: "-10% 0px -80% 0px" },
	);
	document.querySelectorAll("section").forEach((section) => seen.observe(section));
}

start();
