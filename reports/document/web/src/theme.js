// Light and dark: the system's choice until the switch is used. Charts are drawn on canvas and must be told; paper is
// light always.
import { button } from "./dom.js";

const listeners = new Set();
const system = matchMedia("(prefers-color-scheme: dark)");
let chosen = null;
let paper = false;

function apply(theme) {
	document.documentElement.dataset.theme = theme;
	for (const listener of listeners) listener();
}

export function currentTheme() {
	return chosen ?? (system.matches ? "dark" : "light");
}

export function isPrinting() {
	return paper;
}

/** Returns what stops the calls. */
export function onTheme(listener) {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

export function color(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Eight colours that stay apart in both themes and for the colour-blind (after Okabe and Ito). */
export function seriesColor(index) {
	return color(`series-${index % 8}`);
}

export function themeSwitch() {
	const toggle = button("", () => {
		chosen = currentTheme() === "dark" ? "light" : "dark";
		name();
		apply(chosen);
	});
	const name = () => {
		const other = currentTheme() === "dark" ? "Light" : "Dark";
		toggle.textContent = other;
		toggle.setAttribute("aria-label", `${other} colours`);
	};
	toggle.id = "theme";
	system.addEventListener("change", () => {
		name();
		apply(currentTheme());
	});
	const print = (now) => {
		paper = now;
		apply(now ? "light" : currentTheme());
	};
	addEventListener("beforeprint", () => print(true));
	addEventListener("afterprint", () => print(false));
	name();
	apply(currentTheme());
	return toggle;
}
