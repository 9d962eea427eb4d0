// What went on beside the measurement, round by round.
import { chart } from "./chart.js";
import { choice, el } from "./dom.js";
import { short } from "./format.js";

const QUANTITIES = [
	["steal", "steal, % of the CPU", (r) => r.steal, (v) => `${short(v)} %`],
	["switches", "context switches", (r) => r.switches, short],
	["interrupts", "interrupts", (r) => r.interrupts, short],
	["frequency", "frequency over TSC", (r) => r.frequency, short],
	[
		"frequency_hz",
		"core frequency, GHz",
		(r) => (r.frequency_hz == null ? null : r.frequency_hz / 1e9),
		short,
	],
	["contended", "neighbour on the core, share of the time", (r) => r.contended, short],
];

export function conditions(model) {
	const all = model.data.conditions.filter(({ rounds }) => rounds?.length);
	if (!all.length) return null;
	const nameOf = (c) =>
		[model.many ? model.recordName(c.record) : null, c.syscall, c.cache]
			.filter(Boolean)
			.join(", ");
	const box = el("div", { class: "grid" });
	const plots = QUANTITIES.map(([, title]) =>
		chart({ caption: `${title}, by round`, height: 120, small: true }),
	);
	box.append(
		...QUANTITIES.map(([, title], i) =>
			el("figure", null, el("figcaption", null, title), plots[i].node),
		),
	);
	function draw(at) {
		const { rounds } = all[at];
		QUANTITIES.forEach(([key, title, get, tick], i) => {
			const some = rounds.filter((round) => get(round) != null);
			box.children[i].hidden = some.length === 0;
			plots[i].draw({
				x: {
					title: "round",
					tick: (v) => (Number.isInteger(v) ? short(v) : ""),
				},
				y: { title: "", tick },
				series:
					some.length === 0
						? []
						: [
								{
									label: key,
									index: 0,
									dots: true,
									x: some.map(
										(round) =>
											round.round,
									),
									y: some.map(get),
									tip: (k) => ({
										title: `round ${some[k].round}`,
										rows: [
											[
												title,
												tick(
													get(
														some[
															k
														],
													),
												),
											],
											[
												"began after",
												some[
													k
												]
													.t ==
												null
													? null
													: `${short(some[k].t)} s`,
											],
											[
												"lasted",
												some[
													k
												]
													.seconds ==
												null
													? null
													: `${short(some[k].seconds)} s`,
											],
										],
									}),
								},
							],
			});
		});
	}
	draw(0);
	return {
		id: "conditions",
		title: "Conditions by round",
		lead: "Recorded in the rounds that the results rest on.",
		nodes: [
			all.length > 1 &&
				el(
					"div",
					{ class: "tools" },
					choice(
						"Rounds of",
						all.map((c, i) => [i, nameOf(c)]),
						0,
						(i) => draw(Number(i)),
					),
				),
			box,
		],
	};
}
