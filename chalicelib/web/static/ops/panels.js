// Which side panels are there? Each is a module of its own that is loaded when it is first opened:
// `export default { id, title, Panel }`, where Panel is a component that gets `{ close }`.
// `role`: whoever has another does not see it; the server refuses anyhow.

export const panels = [
  { id: "attention", title: "Needs you", load: () => import("./attention.js") },
  { id: "plan", title: "Plan", load: () => import("./plan.js") },
  { id: "reviews", title: "Reviews", load: () => import("./reviews.js") },
  { id: "disputes", title: "Disputes", load: () => import("./disputes.js") },
  { id: "crew", title: "Drivers", load: () => import("./crew.js") },
  { id: "zones", title: "Zones", load: () => import("./zones.js") },
  { id: "points", title: "Pickup points", load: () => import("./points.js") },
  { id: "dead-letters", title: "Dead letters", load: () => import("./dead-letters.js") },
  { id: "changes", title: "Changes", load: () => import("./changes.js") },
  { id: "replay", title: "Replay", load: () => import("./replay.js") },
  { id: "what-if", title: "What if", load: () => import("./what-if.js") },
  { id: "people", title: "People", role: "manager", load: () => import("./people.js") },
];

/** Those that this role has something to do with. @param {string | undefined} role */
export const panelsFor = (role) => panels.filter((one) => !one.role || one.role === role);
