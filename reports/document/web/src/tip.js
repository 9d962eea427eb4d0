// One tooltip for the page: over an element with the mouse, and for one that has the keyboard's focus. Escape closes it.
import { el } from "./dom.js";

const box = el("div", { id: "tip", role: "tooltip", hidden: true });
let owner = null;

export function hideTip() {
	box.hidden = true;
	owner?.removeAttribute("aria-describedby");
	owner = null;
}

/** rows: [name, text], of which those without a text are left out. At x, y of the window. */
export function showTip(title, rows, x, y) {
	if (!box.isConnected) document.body.append(box);
	box.replaceChildren(
		title ? el("strong", null, title) : "",
		el(
			"dl",
			null,
			rows
				.filter(([, text]) => text != null && text !== "")
				.map(([name, text]) => [
					el("dt", null, name),
					el("dd", null, text),
				]),
		),
	);
	box.hidden = false;
	const { width, height } = box.getBoundingClientRect();
	const left = x + 14 + width > innerWidth ? Math.max(4, x - 14 - width) : x + 14;
	const top = y + 14 + height > innerHeight ? Math.max(4, y - 14 - height) : y + 14;
	box.style.left = `${left}px`;
	box.style.top = `${top}px`;
}

/** says() gives {title, rows}, asked for when it is shown. */
export function withTip(node, says) {
	const at = (x, y) => {
		const { title, rows } = says();
		owner = node;
		showTip(title, rows, x, y);
		node.setAttribute("aria-describedby", "tip");
	};
	node.classList.add("has-tip");
	if (!node.hasAttribute("tabindex")) node.tabIndex = 0;
	node.addEventListener("mousemove", (event) => at(event.clientX, event.clientY));
	node.addEventListener("mouseleave", hideTip);
	node.addEventListener("focus", () => {
		const { left, bottom } = node.getBoundingClientRect();
		at(left, bottom - 10);
	});
	node.addEventListener("blur", hideTip);
	return node;
}

addEventListener("keydown", (event) => {
	if (event.key === "Escape") hideTip();
});
// the focus scrolls what it goes to into view: its tip stays
addEventListener("scroll", () => owner !== document.activeElement && hideTip(), {
	passive: true,
	capture: true,
});
