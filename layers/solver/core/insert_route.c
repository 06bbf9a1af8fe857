/* Where a job goes at the least cost, asked route by route: pairs, and problems under the full rules.
 *
 * Only routes that pass near one of the job's stops are asked, and an unused vehicle of each class;
 * the whole fleet when none of them will do. A blink hides half of the winning places of one route. */
#include "insert.h"

typedef struct {
    Search *s;
    int32_t job;
    Find_in_route *find;
    Spot_found best;
} Quest;

static void ask(Quest *q, int32_t vehicle) {
    Search *s = q->s;
    const int64_t base = base_cost(s, vehicle, q->job);
    if (base == NO_COST || s->into[vehicle]) return; /* a place in a larger vehicle is no memo's */
    s->base[vehicle] = NO_COST; /* each route once */
    if (base >= q->best.added) return;
    Spot_found found = q->best;
    if (!recall(s, q->job, vehicle, &found)) {
        found = q->find(s, q->job, vehicle, base, q->best.added);
        remember(s, q->job, vehicle, &found);
    }
    if (found.added >= q->best.added) return;
    if (blinks(s)) {
        s->careless = true;
        found = q->find(s, q->job, vehicle, base, q->best.added);
        s->careless = false;
        if (found.route == LM_NONE) return;
    }
    q->best = found;
}

/* The routes that pass near one of the job's stops. */
static void ask_near(Quest *q, int32_t node) {
    const lm_problem *p = q->s->p;
    const int32_t *near = p->near + (size_t)node * (size_t)p->around;
    for (int32_t i = 0; i < min32(p->around, PAIR_NEAR); i++)
        if (q->s->node[near[i]].route != LM_NONE) ask(q, q->s->node[near[i]].route);
}

Spot_found cheapest_by_route(Search *s, int32_t job, int64_t limit, Find_in_route *find) {
    const lm_problem *p = s->p;
    Quest q = {s, job, find, {limit, LM_NONE, LM_NONE, LM_NONE, 0, 0}};
    ask_near(&q, p->dropoff[job]);
    if (p->pickup[job] != LM_NONE) ask_near(&q, p->pickup[job]);
    for (int32_t c = 0; c < p->classes; c++)
        if (spare_of(s, c) != LM_NONE) ask(&q, s->spare[c]);
    const int32_t planned = p->planned[job];
    if (planned != LM_NONE && s->vehicle_active[planned]) ask(&q, planned);
    for (int32_t v = 0; v < p->vehicles && q.best.route == LM_NONE; v++)
        if (s->vehicle_active[v] && s->route[v].stops) ask(&q, v);
    return q.best;
}
