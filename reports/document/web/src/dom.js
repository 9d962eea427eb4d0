// Elements without HTML: a record is untrusted, so whatever comes from it becomes text or an attribute's value.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
	for (const [key, value] of Object.entries(props ?? {})) {
		if (value == null || value === false) continue;
		if (key === "on")
			for (const [event, handler] of Object.entries(value))
				node.addEventListener(event, handler);
		else if (key === "style")
			for (const [name, setting] of Object.entries(value))
				node.style.setProperty(name, setting); // the policy forbids style attributes
		else if (
			key === "value" ||
			key === "checked" ||
			key === "disabled" ||
			key === "hidden"
		)
			node[key] = value;
		else node.setAttribute(key, value === true ? "" : value);
	}
	node.append(...children.flat(3).filter((child) => child != null && child !== false));
	return node;
}

/** el("td", {class: "number", on: {click}}, "text", child, …) */
export function el(tag, props, ...children) {
	return fill(document.createElement(tag), props, children);
}

export function svg(tag, props, ...children) {
	return fill(document.createElementNS(SVG, tag), props, children);
}

let ids = 0;
export function newId(stem) {
	ids += 1;
	return `${stem}-${ids}`;
}

/** A labelled choice; options are [value, text]. */
export function choice(label, options, value, changed) {
	const id = newId("choice");
	const select = el(
		"select",
		{ id, on: { change: () => changed(select.value) } },
		options.map(([key, text]) => el("option", { value: key }, text)),
	);
	select.value = value;
	return el("span", { class: "choice" }, el("label", { for: id }, label), select);
}

export function check(label, checked, changed, mark) {
	const box = el("input", {
		type: "checkbox",
		checked,
		on: { change: () => changed(box.checked) },
	});
	return el("label", { class: "check" }, box, mark, el("span", null, label));
}

export function button(text, pressed, label) {
	return el("button", { type: "button", "aria-label": label, on: { click: pressed } }, text);
}

export function download(name, type, text) {
	const url = URL.createObjectURL(new Blob([text], { type }));
	const link = el("a", { href: url, download: name });
	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Distinct values in order of appearance. */
export function distinct(rows, of) {
	return [...new Set(rows.map(of))].filter((value) => value != null);
}
