/* Where a job goes at the least cost, in problems with plain times; and putting jobs back.
 *
 * Recreate: greedy insertion with blinks, in one of several random orders. Source: Christiaens &
 * Vanden Berghe 2020, "Slack Induction by String Removals for Vehicle Routing Problems", 5.3; orders
 * by time window: section 6.5. Unlike there, a position is tried only beside one of the job's good
 * predecessors or successors; the whole fleet is tried when none of them will do. */
#include "insert.h"

#define BLINK_EVERY 100  /* winners; a hundredth is overlooked, as in the paper */
#define BLINK_LEAST 5    /* and one more for every job, up to those */
#define EAGER_EVERY 10   /* steps */

/* A small plan has no other way out of the place that greed always leads to: it blinks more often. */
bool blinks(Search *s) {
    if (--s->blink > 0) return false;
    s->blink = 1 + draw_below(s->rng, 2 * min32(BLINK_EVERY, BLINK_LEAST + s->jobs_count));
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

/* What an unused vehicle costs before its first stop: tries add the detour to its empty way. */
static int64_t cost_of_leaving(const Search *s, int32_t vehicle) {
    const lm_class *c = &class_of(s->p, vehicle)->given;
    return c->fixed + c->per_m * s->route[vehicle].metres;
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
        s->base[vehicle] = (s->route[vehicle].jobs ? 0 : cost_of_leaving(s, vehicle)) +
                           change_cost(p, job, vehicle);
    } else if (p->classes > 1) {
        int32_t c = LM_NONE;
        s->base[vehicle] = cost_of_larger(s, vehicle, job, &c);
        s->into[vehicle] = 1 + c;
    }
    return s->base[vehicle];
}

/* Added price of a route that gets this least duration; NO_COST past its limit. */
int64_t added_for_time(const Search *s, int32_t vehicle, const Class *c, int32_t duration) {
    const Route *route = &s->route[vehicle];
    const int64_t now = duration_cost(s->p, c, duration);
    if (now == NO_COST || !route->jobs) return now;
    /* A route that a removal has broken has no price to begin from. */
    const int64_t before = duration_cost(s->p, c, s->ahead[end_of(s->p, vehicle)].duration);
    return before == NO_COST ? now : now - before;
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

/* Give a job an unused vehicle of its own, if it can have one. */
bool open_route(Search *s, int32_t job) {
    const lm_problem *p = s->p;
    const int32_t v = p->dropoff[job];
    Rows rows[LM_KINDS];
    for (int32_t k = 0; k < p->kinds; k++) rows[k] = rows_of(p, k, v);
    Spot_found best = {NO_COST, LM_NONE, LM_NONE, LM_NONE, 0, 0};
    s->stamp_now++;
    try_empty(s, job, v, rows, &best);
    if (best.route != LM_NONE) put_in(s, job, &best);
    return best.route != LM_NONE;
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

Spot_found cheapest(Search *s, int32_t job, int64_t limit) {
    s->stamp_now++;
    if (!s->p->plain) return cheapest_by_route(s, job, limit, find_under_all_rules);
    if (s->p->pickup[job] != LM_NONE) return cheapest_by_route(s, job, limit, find_for_pair);
    return cheapest_loaded(s, job, limit);
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
