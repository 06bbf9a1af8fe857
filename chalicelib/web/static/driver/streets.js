// Which streets stand on the map? Fetched once for a route, and kept for when there is no signal.

import { call } from "./api.js";
import { current } from "./state.js";
import { keep, recall } from "./store.js";

/** Ask, unless this route's are known; an order that joined it may need more. */
export async function fetchStreets() {
  const { route } = current();
  if (!route) return;
  const of = `${route.id} ${route.stops.length}`;
  if ((await recall("streets"))?.of === of) return;
  await keep("streets", { of, ...(await call("GET", "v1/driver/streets")) });
}
