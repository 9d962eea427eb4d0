// Call trees of X-ray: {name, value, children}, value with all that is called. Numbers only; nothing of the page.

/** Own instructions of a node. */
export function ownOf({ value, children = [] }) {
	return value - children.reduce((sum, child) => sum + child.value, 0);
}

/** Children of one name become one: the same function called twice from one caller. */
function byName(children = []) {
	const names = new Map();
	for (const child of children) {
		const at = names.get(child.name);
		names.set(
			child.name,
			at
				? {
						name: child.name,
						value: at.value + child.value,
						children: [
							...(at.children ?? []),
							...(child.children ?? []),
						],
					}
				: child,
		);
	}
	return names;
}

/** The tree of `after` where each node knows how many instructions more it has than in `before` (delta). */
export function difference(before, after) {
	const was = byName(before?.children);
	const children = [...byName(after.children)].map(([name, child]) =>
		difference(was.get(name), child),
	);
	return {
		name: after.name,
		value: after.value,
		delta: after.value - (before?.value ?? 0),
		before: before?.value ?? 0,
		children,
	};
}

/** Map of function to own instructions, over the whole tree. */
export function functionsOf(tree) {
	const sums = new Map();
	const visit = (node) => {
		sums.set(node.name, (sums.get(node.name) ?? 0) + ownOf(node));
		(node.children ?? []).forEach(visit);
	};
	visit(tree);
	return sums;
}

/** [{name, before, after, delta}] of own instructions: their deltas add up to that of the totals. */
export function functionTable(before, after) {
	const a = before ? functionsOf(before) : new Map(),
		b = functionsOf(after);
	return [...new Set([...b.keys(), ...a.keys()])]
		.map((name) => ({
			name,
			before: a.get(name) ?? 0,
			after: b.get(name) ?? 0,
			delta: (b.get(name) ?? 0) - (a.get(name) ?? 0),
		}))
		.filter((row) => row.before !== 0 || row.after !== 0);
}

/** A copy that a chart may write into. */
export function copyOf({ name, value, children = [], ...more }) {
	return { name: String(name), value, ...more, children: children.map(copyOf) };
}
