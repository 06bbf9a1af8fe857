/* Where a pickup and its dropoff go at the least cost, in problems with plain times.
 *
 * A route is read once: what the dropoff would add in every gap that has the time for it, and the
 * least of that from every gap on. That bound ends most walks before they begin. It takes a detour to
 * be no quicker than the direct way, as does the bound on metres in insert.c: where it is, a few
 * places are overlooked, and nothing worse. What was found in a route is kept in memo.c. */
#include "insert.h"

#define NO_GAP (LM_NEVER - 1) /* metres of a gap without time for the stop */

/* A pair on its way into a route: the pickup is placed after `first`, the walk goes on from it. */
typedef struct {
    Search *s;
    const Class *c;
    int32_t vehicle, pickup, dropoff, first;
    const Rows *to_pickup, *to_dropoff;
    int64_t base, metres;         /* cost and detour so far */
    int32_t free;                 /* end of handling at `here`, with the pickup before it */
    Stretch ahead;                /* up to and with `here` */
    int32_t here;
    const int32_t *least;         /* metres of the dropoff in the cheapest gap from here on */
    Spot_found best;
} Pairing;

static bool overloads(const Pairing *w, int32_t node) {
    const int32_t *load = &w->s->p->load[w->pickup * LM_DIMS];
    for (int32_t d = 0; d < LM_DIMS; d++)
        if (w->s->aboard[node][d] + load[d] > w->c->given.capacity[d]) return true;
    return false;
}

static bool hopeless(const Pairing *w, int64_t metres) {
    return w->base + w->c->given.per_m * metres >= w->best.added;
}

/* Try the dropoff after `here`, which is followed by `next`. */
static void try_dropoff(Pairing *w, int32_t next, int32_t leg) {
    Search *s = w->s;
    const lm_problem *p = s->p;
    const Spot *spot = &p->spot[w->dropoff];
    const Node *to = &s->node[next];
    const int32_t place = p->spot[w->here].place;
    const int64_t metres = w->metres + w->to_dropoff->metres_to[place] +
                           w->to_dropoff->metres[to->place] - leg;
    if (hopeless(w, metres)) return;
    int64_t added = w->base + w->c->given.per_m * metres;
    const int32_t in = w->to_dropoff->seconds_to[place], out = w->to_dropoff->seconds[to->place];
    const int32_t start = max32(spot->earliest, w->free + in);
    if (start > spot->latest || start + spot->service + out > to->deadline) return;
    if (s->route[w->vehicle].metres + metres > w->c->given.max_distance) return;
    if (w->c->time_priced) {
        const Stretch drop = {spot->service, spot->earliest, spot->latest};
        const Stretch all = join(join(w->ahead, drop, in), s->behind[next], out);
        const int64_t time = added_for_time(s, w->vehicle, w->c, all.duration);
        if (time == NO_COST || (added += time) >= w->best.added) return;
    }
    if (overlooks(s)) return;
    w->best = (Spot_found){added, w->vehicle, w->first, w->here, 0, 0};
}

/* With the pickup after node k of the route, walk on and try the dropoff at every later stop. */
static void walk_on(Pairing *w, int32_t k) {
    Search *s = w->s;
    const lm_problem *p = s->p;
    const Spot *pick = &p->spot[w->pickup];
    const Node *from = &s->node[w->first];
    const int32_t next = from->next, in = w->to_pickup->seconds_to[from->place];
    const int32_t start = max32(pick->earliest, from->free + in);
    if (start > pick->latest || overloads(w, w->first)) return;
    w->free = start + pick->service;
    const int32_t out = w->to_pickup->metres[s->node[next].place];
    const Stretch here = {pick->service, pick->earliest, pick->latest};
    if (w->c->time_priced) w->ahead = join(s->ahead[w->first], here, in);
    w->here = w->pickup;
    w->metres = (int64_t)w->to_pickup->metres_to[from->place] + out - from->metres;
    try_dropoff(w, next, out);
    int32_t leg = w->to_pickup->seconds[s->node[next].place];
    for (int32_t i = next; s->node[i].next != LM_NONE; i = s->node[i].next) {
        if (hopeless(w, w->metres + w->least[++k])) return;
        const Node *n = &s->node[i];
        const int32_t begins = max32(n->earliest, w->free + leg);
        w->free = begins + n->service;
        if (begins > n->deadline || overloads(w, i)) return;
        if (w->c->time_priced) w->ahead = join(w->ahead, stretch_of(n), leg);
        w->here = i;
        try_dropoff(w, n->next, n->metres);
        leg = n->seconds;
    }
}

/* Metres of the dropoff between two neighbours of the route as it is. */
static int32_t gap_for_dropoff(const Pairing *w, const Node *from) {
    const Spot *spot = &w->s->p->spot[w->dropoff];
    const int32_t start = max32(spot->earliest, from->free + w->to_dropoff->seconds_to[from->place]);
    const int32_t out = w->to_dropoff->seconds[from->next_place];
    if (start > spot->latest || start + spot->service + out > w->s->node[from->next].deadline)
        return NO_GAP;
    return w->to_dropoff->metres_to[from->place] + w->to_dropoff->metres[from->next_place] -
           from->metres;
}

/* Fill `least`; return how many nodes of the route the pickup may follow. */
static int32_t read_gaps(const Pairing *w, int32_t *nodes, int32_t *least) {
    const Search *s = w->s;
    const int32_t end = end_of(s->p, w->vehicle), latest = s->p->spot[w->pickup].latest;
    int32_t count = 0, usable = 0;
    for (int32_t a = start_of(s->p, w->vehicle); a != end; a = s->node[a].next) {
        nodes[count] = a;
        least[count++] = gap_for_dropoff(w, &s->node[a]);
        if (s->node[a].free <= latest) usable = count;
    }
    least[count] = NO_GAP;
    for (int32_t k = count - 1; k >= 0; k--) least[k] = min32(least[k], least[k + 1]);
    return usable;
}

static void search_route(Pairing *w) {
    Search *s = w->s;
    const int32_t together = w->to_pickup->metres[s->p->spot[w->dropoff].place];
    const int32_t usable = read_gaps(w, s->sequence, s->trial);
    w->least = s->trial;
    for (int32_t k = 0; k < usable; k++) {
        const Node *from = &s->node[s->sequence[k]];
        const int32_t in = w->to_pickup->metres_to[from->place];
        const int64_t apart = (int64_t)in + w->to_pickup->metres[from->next_place] - from->metres;
        const int64_t beside = (int64_t)in + together + w->to_dropoff->metres[from->next_place] -
                               from->metres;
        if (hopeless(w, apart + w->least[k + 1]) && hopeless(w, beside)) continue;
        if (s->node[from->next].frozen) continue;
        w->first = s->sequence[k];
        walk_on(w, k);
    }
}

Spot_found find_for_pair(Search *s, int32_t job, int32_t vehicle, int64_t base, int64_t limit) {
    const lm_problem *p = s->p;
    const Class *c = class_of(p, vehicle);
    const Rows to_pickup = rows_of(p, c->given.kind, p->pickup[job]);
    const Rows to_dropoff = rows_of(p, c->given.kind, p->dropoff[job]);
    Pairing walk = {.s = s, .c = c, .vehicle = vehicle, .pickup = p->pickup[job],
                    .dropoff = p->dropoff[job], .to_pickup = &to_pickup,
                    .to_dropoff = &to_dropoff, .base = base,
                    .best = {limit, LM_NONE, LM_NONE, LM_NONE, 0, 0}};
    search_route(&walk);
    return walk.best;
}
