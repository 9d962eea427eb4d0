// The rows of a table as CSV and JSON: every column, also those that are not shown, in the record's own units.

function quoted(value) {
	if (value == null) return "";
	if (typeof value === "number") return String(value);
	// a spreadsheet would take such a text for a formula
	const text = /^[=+@\t\r-]./.test(value) ? `'${value}` : String(value);
	return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

export function csvOf(columns, rows) {
	const names = [],
		gets = [];
	for (const { key, kind, get } of columns.filter((column) => column.kind !== "forest")) {
		if (kind !== "effect") {
			names.push(key);
			gets.push(get);
			continue;
		}
		for (const end of ["value", "low", "high"]) {
			names.push(end === "value" ? key : `${key}_${end}`);
			gets.push((row) => get(row)?.[end]);
		}
	}
	return (
		[names, ...rows.map((row) => gets.map((get) => get(row)))]
			.map((line) => line.map(quoted).join(","))
			.join("\r\n") + "\r\n"
	);
}

export function jsonOf(rows) {
	return JSON.stringify(
		rows,
		(key, value) => (key.startsWith("_") ? undefined : value),
		"\t",
	);
}
