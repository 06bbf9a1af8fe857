/* Where a job goes at the least cost, in problems with plain times; and putting jobs back.
 *
 * Recreate: greedy insertion with blinks, in one of several random orders. Source: Christiaens &
 * Vanden Berghe 2020, "Slack Induction by String Removals for Vehicle Routing Problems", 5.3; orders
 * by time window: section 6.5. Unlike there, a position is tried only beside one of the job's good
 * predecessors or successors; the whole fleet is tried when none of them will do. */
#include "core.h"

#define BLINK_EVERY 100  /* positions; a hundredth is overlooked, as in the paper */
#define EAGER_EVERY 10   /* steps */

/* One job's view of one kind of roads: rows from and to its stops. */
typedef struct {
    const int32_t *metres, *metres_to, *seconds, *seconds_to;
} Rows;

static Rows rows_of(const lm_problem *p, int32_t kind, int32_t node) {
    const size_t row = (size_t)p->spot[node].place * (size_t)p->columns;
    const Roads *r = &p->roads[kind];
    return (Rows){r->metres + row, r->metres_to + row, r->seconds + row, r->seconds_to + row};
}

static bool blinks(Search *s) {
    if (--s->blink > 0) return false;
    s->blink = 1 + draw_below(s->rng, 2 * BLINK_EVERY);
    return true;
}

static bool has_room(const Search *s, int32_t vehicle, int32_t job) {
    const lm_problem *p = s->p;
    const Class *c = class_of(p, vehicle);
    const Route *route = &s->route[vehicle];
    if (route->jobs >= c->given.max_jobs) return false;
    const int32_t *load = &p->load[p->dropoff[job] * LM_DIMS];
    for (int32_t d = 0; d < LM_DIMS; d++) {
        /* With reloads or pairs the whole is no bound: the walk along the route decides. */
        const int32_t loaded = p->pairs || c->given.reload_times ? 0 : route->load[d];
        if (loaded - load[d] > c->given.capacity[d]) return false;
    }
    return true;
}

/* What the job costs in a route whatever its position there, or NO_COST where it cannot go: asked
 * once per job and route. */
int64_t base_cost(Search *s, int32_t vehicle, int32_t job) {
    if (s->stamp[vehicle] == s->stamp_now) return s->base[vehicle];
    const lm_problem *p = s->p;
    s->stamp[vehicle] = s->stamp_now;
    s->base[vehicle] = NO_COST;
    s->into[vehicle] = 0;
    if (p->allowed[job * p->classes + p->vehicle_class[vehicle]] && has_room(s, vehicle, job)) {
        const bool moved = p->planned[job] != LM_NONE && p->planned[job] != vehicle;
        s->base[vehicle] = (s->route[vehicle].jobs ? 0 : class_of(p, vehicle)->given.fixed) +
                           (moved ? p->change_cost[job] : 0);
    } else if (p->classes > 1) {
        int32_t c = LM_NONE;
        s->base[vehicle] = cost_of_larger(s, vehicle, job, &c);
        s->into[vehicle] = 1 + c;
    }
    return s->base[vehicle];
}

/* Added price of a route that gets this least duration; NO_COST past its limit. */
static int64_t added_for_time(const Search *s, int32_t vehicle, const Class *c, int32_t duration) {
    const Route *route = &s->route[vehicle];
    const int64_t now = duration_cost(s->p, c, duration);
    if (now == NO_COST || !route->jobs) return now;
    return now - duration_cost(s->p, c, s->ahead[end_of(s->p, vehicle)].duration);
}

/* One try: the loaded stop between two neighbours in a route. */
typedef struct {
    int32_t before, after, metres; /* the gap, and the metres that the stop adds */
    int32_t in, out;               /* seconds to and from the stop */
} Gap;

/* Is the gap cheaper than the best one, and does the stop fit in? Called for the few gaps whose
 * metres are promising; a blink need only be drawn for those that would win. */
static void weigh(Search *s, int32_t job, int32_t v, Gap gap, Spot_found *best) {
    const lm_problem *p = s->p;
    const Node *from = &s->node[gap.before], *to = &s->node[gap.after];
    const Spot *spot = &p->spot[v];
    const int32_t vehicle = from->route;
    const int64_t base = base_cost(s, vehicle, job);
    if (base == NO_COST) return;
    const int32_t into = s->into[vehicle];
    const Class *c = into ? &p->class_list[into - 1] : class_of(p, vehicle);
    int64_t added = base + c->given.per_m * gap.metres;
    if (added >= best->added) return;
    const int32_t start = max32(spot->earliest, from->free + gap.in);
    if (start > spot->latest || start + spot->service + gap.out > to->deadline || to->frozen) return;
    if (s->route[vehicle].metres + gap.metres > c->given.max_distance) return;
    if (c->time_priced) {
        const Stretch here = {spot->service, spot->earliest, spot->latest};
        const Stretch all = join(join(s->ahead[gap.before], here, gap.in), s->behind[gap.after], gap.out);
        const int64_t time = added_for_time(s, vehicle, c, all.duration);
        if (time == NO_COST || (added += time) >= best->added) return;
    }
    if (!blinks(s)) *best = (Spot_found){added, vehicle, gap.before, LM_NONE, 0, into};
}

/* Try the gap of `leg` metres between two nodes of which `n` is one. Most tries end at the
 * comparison here, which reads one line of memory and two rows that stay in the cache. */
static inline void try_gap(Search *s, int32_t job, int32_t v, const Rows *rows, const Node *n,
                           int32_t before, int32_t after, int32_t from, int32_t to, int32_t leg,
                           Spot_found *best) {
    const Class *c = s->p->alike ? s->p->class_list : class_of(s->p, n->route);
    const Rows *row = &rows[c->given.kind];
    const int32_t metres = row->metres_to[from] + row->metres[to] - leg;
    if (c->given.per_m * metres >= best->added) return;
    weigh(s, job, v, (Gap){before, after, metres, row->seconds_to[from], row->seconds[to]}, best);
}

static inline void try_after(Search *s, int32_t job, int32_t v, const Rows *rows, int32_t a,
                             Spot_found *best) {
    const Node *n = &s->node[a];
    try_gap(s, job, v, rows, n, a, n->next, n->place, n->next_place, n->metres, best);
}

static inline void try_before(Search *s, int32_t job, int32_t v, const Rows *rows, int32_t b,
                              Spot_found *best) {
    const Node *n = &s->node[b];
    try_gap(s, job, v, rows, n, n->prev, b, n->prev_place, n->place, n->prev_metres, best);
}

static void try_empty(Search *s, int32_t job, int32_t v, const Rows *rows, Spot_found *best) {
    const lm_problem *p = s->p;
    for (int32_t c = 0; c < p->classes; c++) {
        const int32_t vehicle = spare_of(s, c);
        if (vehicle != LM_NONE) try_after(s, job, v, rows, start_of(p, vehicle), best);
    }
    const int32_t planned = p->planned[job];
    if (planned != LM_NONE && s->vehicle_active[planned] && !s->route[planned].stops)
        try_after(s, job, v, rows, start_of(p, planned), best);
}

static Spot_found cheapest_loaded(Search *s, int32_t job, int64_t limit) {
    const lm_problem *p = s->p;
    const int32_t v = p->dropoff[job];
    Rows rows[LM_KINDS];
    for (int32_t k = 0; k < p->kinds; k++) rows[k] = rows_of(p, k, v);
    Spot_found best = {limit, LM_NONE, LM_NONE, LM_NONE, 0, 0};
    const int32_t *before = p->before + (size_t)v * (size_t)p->beside;
    const int32_t *after = p->after + (size_t)v * (size_t)p->beside;
    for (int32_t i = 0; i < p->beside; i++) {
        if (s->node[before[i]].route != LM_NONE) try_after(s, job, v, rows, before[i], &best);
        if (s->node[after[i]].route != LM_NONE) try_before(s, job, v, rows, after[i], &best);
    }
    try_empty(s, job, v, rows, &best);
    if (best.route != LM_NONE) return best;
    for (int32_t vehicle = 0; vehicle < p->vehicles; vehicle++) {
        if (!s->vehicle_active[vehicle] || !s->route[vehicle].stops) continue;
        if (base_cost(s, vehicle, job) == NO_COST) continue;
        const int32_t end = end_of(p, vehicle);
        for (int32_t a = start_of(p, vehicle); a != end; a = s->node[a].next)
            try_after(s, job, v, rows, a, &best);
    }
    return best;
}

/* A pair on its way into a route: the pickup is placed after `first`, the walk goes on from it. */
typedef struct {
    Search *s;
    const Class *c;
    int32_t job, vehicle, pickup, dropoff, first;
    const Rows *to_pickup, *to_dropoff;
    int64_t base, metres;         /* cost and detour so far */
    int32_t free;                 /* end of handling at `here`, with the pickup before it */
    Stretch ahead;                /* up to and with `here` */
    int32_t here;
    Spot_found *best;
} Pairing;

static bool overloads(const Pairing *w, int32_t node) {
    const int32_t *load = &w->s->p->load[w->pickup * LM_DIMS];
    for (int32_t d = 0; d < LM_DIMS; d++)
        if (w->s->aboard[node][d] + load[d] > w->c->given.capacity[d]) return true;
    return false;
}

/* Try the dropoff after `here`, which is followed by `next`. */
static void try_dropoff(Pairing *w, int32_t next, int32_t leg) {
    Search *s = w->s;
    const lm_problem *p = s->p;
    const Spot *spot = &p->spot[w->dropoff], *here = &p->spot[w->here];
    const Node *to = &s->node[next];
    const int32_t place = here->place;
    const int64_t metres = w->metres + w->to_dropoff->metres_to[place] +
                           w->to_dropoff->metres[to->place] - leg;
    int64_t added = w->base + w->c->given.per_m * metres;
    if (added >= w->best->added) return;
    const int32_t in = w->to_dropoff->seconds_to[place], out = w->to_dropoff->seconds[to->place];
    const int32_t start = max32(spot->earliest, w->free + in);
    if (start > spot->latest || start + spot->service + out > to->deadline) return;
    if (w->c->given.max_distance < LM_NEVER &&
        s->route[w->vehicle].metres + metres > w->c->given.max_distance)
        return;
    if (w->c->time_priced) {
        const Stretch drop = {spot->service, spot->earliest, spot->latest};
        const Stretch all = join(join(w->ahead, drop, in), s->behind[next], out);
        const int64_t time = added_for_time(s, w->vehicle, w->c, all.duration);
        if (time == NO_COST) return;
        added += time;
        if (added >= w->best->added) return;
    }
    if (blinks(s)) return;
    *w->best = (Spot_found){added, w->vehicle, w->first,
                            w->here == w->pickup ? w->pickup : w->here, 0, 0};
}

/* With the pickup after `first`, walk on and try the dropoff at every later stop. */
static void walk_on(Pairing *w) {
    Search *s = w->s;
    const lm_problem *p = s->p;
    const Spot *pick = &p->spot[w->pickup];
    const Node *from = &s->node[w->first];
    const int32_t next = from->next, place = s->node[next].place;
    const int32_t in = w->to_pickup->seconds_to[from->place];
    const int32_t start = max32(pick->earliest, from->free + in);
    if (start > pick->latest || overloads(w, w->first)) return;
    w->free = start + pick->service;
    const int64_t to_pickup = (int64_t)w->to_pickup->metres_to[from->place] - from->metres;
    const Stretch here = {pick->service, pick->earliest, pick->latest};
    if (w->c->time_priced) w->ahead = join(s->ahead[w->first], here, in);
    w->here = w->pickup;
    w->metres = to_pickup + w->to_pickup->metres[place];
    try_dropoff(w, next, w->to_pickup->metres[place]);
    if (w->base + w->c->given.per_m * w->metres >= w->best->added) return;
    int32_t leg = w->to_pickup->seconds[place];
    const int32_t latest = p->spot[w->dropoff].latest;
    for (int32_t i = next; s->node[i].next != LM_NONE; i = s->node[i].next) {
        const Node *n = &s->node[i];
        const int32_t begins = max32(n->earliest, w->free + leg);
        w->free = begins + n->service;
        if (begins > n->deadline || overloads(w, i) || w->free > latest) return;
        if (w->c->time_priced) w->ahead = join(w->ahead, stretch_of(n), leg);
        w->here = i;
        try_dropoff(w, n->next, n->metres);
        leg = n->seconds;
    }
}

static void try_pair(Search *s, int32_t job, int32_t vehicle, const Rows *pickup_rows,
                     const Rows *dropoff_rows, Spot_found *best) {
    const lm_problem *p = s->p;
    const int64_t base = base_cost(s, vehicle, job);
    if (base == NO_COST) return;
    s->base[vehicle] = NO_COST; /* each route once */
    const Class *c = class_of(p, vehicle);
    const int32_t end = end_of(p, vehicle);
    Pairing walk = {.s = s, .c = c, .job = job, .vehicle = vehicle, .pickup = p->pickup[job],
                    .dropoff = p->dropoff[job], .to_pickup = &pickup_rows[c->given.kind],
                    .to_dropoff = &dropoff_rows[c->given.kind],
                    .base = base, .best = best};
    const int32_t latest = p->spot[walk.pickup].latest;
    for (int32_t a = start_of(p, vehicle); a != end; a = s->node[a].next) {
        if (s->node[a].free > latest) return;
        if (s->node[s->node[a].next].frozen) continue;
        walk.first = a;
        walk_on(&walk);
    }
}

static Spot_found cheapest_pair(Search *s, int32_t job, int64_t limit) {
    const lm_problem *p = s->p;
    Rows pickup_rows[LM_KINDS], dropoff_rows[LM_KINDS];
    for (int32_t k = 0; k < p->kinds; k++) {
        pickup_rows[k] = rows_of(p, k, p->pickup[job]);
        dropoff_rows[k] = rows_of(p, k, p->dropoff[job]);
    }
    Spot_found best = {limit, LM_NONE, LM_NONE, LM_NONE, 0, 0};
    const int32_t ends[2] = {p->pickup[job], p->dropoff[job]};
    for (int32_t e = 0; e < 2; e++) {
        const int32_t *near = p->near + (size_t)ends[e] * (size_t)p->around;
        for (int32_t i = 0; i < min32(p->around, PAIR_NEAR); i++) {
            const int32_t vehicle = s->node[near[i]].route;
            if (vehicle != LM_NONE) try_pair(s, job, vehicle, pickup_rows, dropoff_rows, &best);
        }
    }
    for (int32_t c = 0; c < p->classes; c++)
        if (spare_of(s, c) != LM_NONE)
            try_pair(s, job, s->spare[c], pickup_rows, dropoff_rows, &best);
    const int32_t planned = p->planned[job];
    if (planned != LM_NONE && s->vehicle_active[planned] && !s->route[planned].stops)
        try_pair(s, job, planned, pickup_rows, dropoff_rows, &best);
    if (best.route != LM_NONE) return best;
    for (int32_t v = 0; v < p->vehicles; v++)
        if (s->vehicle_active[v] && s->route[v].stops)
            try_pair(s, job, v, pickup_rows, dropoff_rows, &best);
    return best;
}

Spot_found cheapest(Search *s, int32_t job, int64_t limit) {
    s->stamp_now++;
    if (!s->p->plain) return cheapest_rich(s, job, limit);
    return s->p->pickup[job] == LM_NONE ? cheapest_loaded(s, job, limit)
                                        : cheapest_pair(s, job, limit);
}

typedef enum { BY_CHANCE, BY_SIZE, BY_FAR, BY_NEAR, BY_WIDTH, BY_START, BY_END, ORDERS } Order;

/* Source of the weights: Christiaens & Vanden Berghe 2020, sections 5.3 and 6.5. */
static const int32_t order_weight[ORDERS] = {4, 4, 2, 1, 2, 2, 2};

static int64_t key_of(Search *s, int32_t job, Order order) {
    const lm_problem *p = s->p;
    const Spot *spot = &p->spot[p->dropoff[job]];
    switch (order) {
    case BY_SIZE: return -p->job_size[job];
    case BY_FAR: return -p->job_far[job];
    case BY_NEAR: return p->job_far[job];
    case BY_WIDTH: return spot->latest - spot->earliest;
    case BY_START: return spot->earliest;
    case BY_END: return -spot->latest;
    default: return (int64_t)(draw(s->rng) >> 2);
    }
}

static void sort_jobs(Search *s, int32_t count) {
    Order order = BY_CHANCE;
    int32_t at = draw_below(s->rng, 17);
    while (at >= order_weight[order]) at -= order_weight[order++];
    for (int32_t i = count - 1; i > 0; i--) { /* equal keys in random order */
        const int32_t other = draw_below(s->rng, i + 1), job = s->order[i];
        s->order[i] = s->order[other];
        s->order[other] = job;
    }
    for (int32_t i = 0; i < count; i++) {
        const int32_t job = s->order[i];
        const int64_t key = key_of(s, job, order);
        int32_t k = i;
        for (; k > 0 && s->order_key[k - 1] > key; k--) {
            s->order[k] = s->order[k - 1];
            s->order_key[k] = s->order_key[k - 1];
        }
        s->order[k] = job;
        s->order_key[k] = key;
    }
}

/* Put the jobs of `order` back where each is cheapest; what costs more than its penalty stays out.
 * Now and then the penalty is not looked at: a vehicle's fixed cost may be too much for each of its
 * jobs, and worth it for all of them. */
void recreate(Search *s, int32_t count, bool at_all_costs) {
    const bool eager = draw_below(s->rng, EAGER_EVERY) == 0;
    sort_jobs(s, count);
    for (int32_t i = 0; i < count; i++) {
        const int32_t job = s->order[i];
        const bool at_any_cost = at_all_costs || (eager && draw_below(s->rng, 2));
        Spot_found where = cheapest(s, job, at_any_cost ? NO_COST : s->p->penalty[job]);
        if (where.route != LM_NONE) put_in(s, job, &where);
    }
}
