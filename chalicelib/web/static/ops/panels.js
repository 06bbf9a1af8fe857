// Which side panels are there? Each is a module of its own that is loaded when it is first opened:
// `export default { id, title, Panel }`, where Panel is a component that gets `{ close }`.

export const panels = [
  { id: "plan", title: "Plan", load: () => import("./plan.js") },
  { id: "changes", title: "Changes", load: () => import("./changes.js") },
  { id: "replay", title: "Replay", load: () => import("./replay.js") },
];
