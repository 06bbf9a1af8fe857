/* Where a job goes at the least cost, in problems whose times follow the full rules.
 *
 * A position is tried by timing the whole tour, but only while its metres alone are cheaper than the
 * best position so far. Where only the load is in the way, a reload before or after the stop may
 * help. */
#include <string.h>
#include "core.h"

typedef struct {
    Search *s;
    const Roads *roads;
    const Class *c;
    int32_t job, vehicle, frozen, count;
    int64_t base;
    int32_t *tour;         /* the route as it is; room for three more */
    int32_t *trial;
    Spot_found *best;
} Trial;

static int32_t place_of(const Trial *t, int32_t k) {
    if (k < 0) return t->c->start_place;
    return k >= t->count ? t->c->end_place : t->s->p->spot[t->tour[k]].place;
}

static int64_t metres(const Trial *t, int32_t a, int32_t b) {
    return t->roads->metres[(size_t)a * (size_t)t->s->p->columns + (size_t)b];
}

static int64_t detour(const Trial *t, int32_t k, int32_t place) {
    const int32_t a = place_of(t, k - 1), b = place_of(t, k);
    return metres(t, a, place) + metres(t, place, b) - metres(t, a, b);
}

static bool hopeless(const Trial *t, int64_t more_metres) {
    return t->base + t->c->given.per_m * more_metres >= t->best->added;
}

/* Keep the trial if the whole tour is allowed and adds less than the best one. */
static bool judge(Trial *t, int32_t count, Spot_found where) {
    const int64_t cost = tour_cost(t->s->p, t->vehicle, t->trial, count);
    if (cost < 0) return false;
    where.added = cost - t->s->route[t->vehicle].cost;
    if (where.added < t->best->added) *t->best = where;
    return true;
}

static int32_t node_before(const Trial *t, int32_t k) {
    return k ? t->tour[k - 1] : start_of(t->s->p, t->vehicle);
}

static bool has_spare_reload(const Trial *t) {
    int32_t used = 0;
    for (int32_t k = 0; k < t->count; k++) used += is_reload(t->s->p, t->tour[k]);
    return used < t->c->given.reload_times;
}

static void try_loaded(Trial *t) {
    const lm_problem *p = t->s->p;
    const int32_t node = p->dropoff[t->job], place = p->spot[node].place;
    const bool reloads = has_spare_reload(t);
    for (int32_t k = t->frozen; k <= t->count; k++) {
        const int64_t more = detour(t, k, place);
        if (hopeless(t, more)) continue;
        const size_t head = (size_t)k * sizeof(int32_t), tail = (size_t)(t->count - k) * sizeof(int32_t);
        memcpy(t->trial, t->tour, head);
        memcpy(t->trial + k + 1, t->tour + k, tail);
        t->trial[k] = node;
        Spot_found where = {0, t->vehicle, node_before(t, k), LM_NONE, 0, 0};
        if (judge(t, t->count + 1, where) || !reloads) continue;
        memcpy(t->trial + k + 2, t->tour + k, tail);
        for (int32_t side = 0; side < 2; side++) {
            t->trial[k] = side ? node : LM_RELOAD;
            t->trial[k + 1] = side ? LM_RELOAD : node;
            where.reload = side ? 1 : -1;
            judge(t, t->count + 2, where);
        }
    }
}

static void try_both(Trial *t) {
    const lm_problem *p = t->s->p;
    const int32_t pickup = p->pickup[t->job], dropoff = p->dropoff[t->job];
    const int32_t a = p->spot[pickup].place, b = p->spot[dropoff].place;
    for (int32_t i = t->frozen; i <= t->count; i++) {
        memcpy(t->trial, t->tour, (size_t)i * sizeof(int32_t));
        t->trial[i] = pickup;
        const int64_t first = detour(t, i, a);
        for (int32_t j = i; j <= t->count; j++) {
            if (j > i) t->trial[j] = t->tour[j - 1];
            const int64_t more = j > i ? first + detour(t, j, b)
                                       : metres(t, place_of(t, i - 1), a) + metres(t, a, b) +
                                             metres(t, b, place_of(t, i)) -
                                             metres(t, place_of(t, i - 1), place_of(t, i));
            if (hopeless(t, more)) continue;
            t->trial[j + 1] = dropoff;
            memcpy(t->trial + j + 2, t->tour + j, (size_t)(t->count - j) * sizeof(int32_t));
            const Spot_found where = {0, t->vehicle, node_before(t, i),
                                      j > i ? t->tour[j - 1] : pickup, 0, 0};
            judge(t, t->count + 2, where);
        }
    }
}

static void try_route(Search *s, int32_t job, int32_t vehicle, Spot_found *best) {
    const lm_problem *p = s->p;
    const int64_t base = base_cost(s, vehicle, job);
    if (base == NO_COST) return;
    s->base[vehicle] = NO_COST; /* each route once */
    const Class *c = class_of(p, vehicle);
    Trial t = {s, roads_of(p, c), c, job, vehicle, 0, 0, base, s->sequence,
               s->trial, best};
    t.count = read_tour(s, vehicle, t.tour);
    while (t.frozen < t.count && s->node[t.tour[t.frozen]].frozen) t.frozen++;
    if (p->pickup[job] == LM_NONE) try_loaded(&t);
    else try_both(&t);
}

Spot_found cheapest_rich(Search *s, int32_t job, int64_t limit) {
    const lm_problem *p = s->p;
    Spot_found best = {limit, LM_NONE, LM_NONE, LM_NONE, 0, 0};
    const int32_t ends[2] = {p->dropoff[job], p->pickup[job]};
    for (int32_t e = 0; e < 2 && ends[e] != LM_NONE; e++) {
        const int32_t *near = p->near + (size_t)ends[e] * (size_t)p->around;
        for (int32_t i = 0; i < min32(p->around, PAIR_NEAR); i++)
            if (s->node[near[i]].route != LM_NONE) try_route(s, job, s->node[near[i]].route, &best);
    }
    for (int32_t c = 0; c < p->classes; c++)
        if (spare_of(s, c) != LM_NONE) try_route(s, job, s->spare[c], &best);
    const int32_t planned = p->planned[job];
    if (planned != LM_NONE && s->vehicle_active[planned]) try_route(s, job, planned, &best);
    if (best.route != LM_NONE) return best;
    for (int32_t v = 0; v < p->vehicles; v++)
        if (s->vehicle_active[v] && s->route[v].stops) try_route(s, job, v, &best);
    return best;
}
