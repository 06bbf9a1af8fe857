/* Where a job goes at the least cost in one route, under the full rules.
 *
 * A place is tried in the order of what the tests cost: its metres alone, the load of its trip, the
 * times as far as they change (course.c, passage.c). Where time has a price, the relaxed route's least
 * duration is a bound, and only what could still win is timed whole, so that a price is always the
 * full timing's. As everywhere, metres that already cost too much end a try, even where a longer way
 * would be quicker. Where a stop does not fit, a reload before or after it may help. */
#include "course.h"
#include "insert.h"

typedef struct {
    Search *s;
    const Class *c;
    const Roads *roads;
    int32_t job, vehicle;
    int32_t load[LM_DIMS]; /* that the job adds while it is on board */
    int64_t base;
    int64_t known;         /* what the route costs now for time and lateness, negative */
    Spot_found best;
} Trial;

/* One or two nodes in a row that would go between two neighbours, on a trip with this release. */
typedef struct {
    int32_t after, next, count, node[2], release, reload;
} Piece;

static int32_t leg(const Trial *t, const int32_t *table, int32_t a, int32_t b) {
    const Spot *spot = t->s->p->spot;
    return table[(size_t)spot[a].place * (size_t)t->s->p->columns + (size_t)spot[b].place];
}

static int32_t detour(const Trial *t, int32_t a, int32_t node, int32_t b) {
    const int32_t *metres = t->roads->metres;
    return leg(t, metres, a, node) + leg(t, metres, node, b) - leg(t, metres, a, b);
}

static bool hopeless(const Trial *t, int64_t metres) {
    return t->base + t->c->given.per_m * metres >= t->best.added;
}

/* Does the load fit on top of this one, without what it no longer carries? */
static bool fits(const Trial *t, const int32_t *aboard, const int32_t *without) {
    for (int32_t d = 0; d < LM_DIMS; d++)
        if (aboard[d] + t->load[d] - (without ? without[d] : 0) > t->c->given.capacity[d])
            return false;
    return true;
}

/* The route with the job at its place. */
static int32_t write_tour(const Trial *t, const Spot_found *where, int32_t *tour) {
    const lm_problem *p = t->s->p;
    const int32_t start = start_of(p, t->vehicle), end = end_of(p, t->vehicle);
    const int32_t pickup = p->pickup[t->job], dropoff = p->dropoff[t->job];
    int32_t count = 0;
    for (int32_t i = start; i != end; i = t->s->node[i].next) {
        if (i != start) tour[count++] = i;
        if (i == where->first_after) {
            if (pickup != LM_NONE) tour[count++] = pickup;
            if (where->reload < 0) tour[count++] = LM_RELOAD;
            if (pickup == LM_NONE || where->second_after == pickup) tour[count++] = dropoff;
            if (where->reload > 0) tour[count++] = LM_RELOAD;
        } else if (i == where->second_after) {
            tour[count++] = dropoff;
        }
    }
    return count;
}

/* Keep a place that fits in time if it is the best one. `lasts` is the relaxed route's least duration,
 * `late` the least price of its lateness. */
static void offer(Trial *t, Spot_found where, int64_t metres, int64_t late, int32_t lasts) {
    Search *s = t->s;
    const lm_problem *p = s->p;
    if (s->route[t->vehicle].metres + metres > t->c->given.max_distance) return;
    where.added = t->base + t->c->given.per_m * metres;
    if (!needs_full_timing(p, t->c)) {
        where.added += p->soft ? late - s->mark[end_of(p, t->vehicle)].late : 0;
    } else {
        const int64_t time = t->c->time_priced ? duration_cost(p, t->c, lasts) : 0;
        if (time == NO_COST || where.added + time + late + t->known >= t->best.added) return;
        const int64_t cost = tour_cost(p, t->vehicle, s->trial, write_tour(t, &where, s->trial));
        if (cost < 0) return;
        where.added = cost - s->route[t->vehicle].cost;
    }
    if (where.added < t->best.added && !overlooks(s)) t->best = where;
}

/* Least duration with the nodes in between, all windows and breaks relaxed. */
static int32_t relaxed(const Trial *t, const Piece *x) {
    const Search *s = t->s;
    Stretch all = s->ahead[x->after];
    int32_t last = x->after;
    for (int32_t k = 0; k < x->count; last = x->node[k++])
        all = join(all, stretch_of(&s->node[x->node[k]]), leg(t, t->roads->seconds, last, x->node[k]));
    return join(all, s->behind[x->next], leg(t, t->roads->seconds, last, x->next)).duration;
}

/* Try the nodes between two neighbours; false if they do not fit in time. */
static bool try_piece(Trial *t, const Piece *x, int64_t metres) {
    Search *s = t->s;
    const int32_t own = s->p->release[t->job], later = s->mark[x->after].release_after;
    Passage w = passage_in(s, t->vehicle, 0);
    leave_node(&w, x->after, x->release);
    for (int32_t k = 0; k < x->count; k++)
        if (!advance(&w, x->node[k], x->reload < 0 ? max32(own, later) : later)) return false;
    if (!arrives_in_time(&w, x->next)) return false;
    const int64_t late = s->p->soft ? late_to_end(&w, x->next) : 0;
    offer(t, (Spot_found){0, t->vehicle, x->after, LM_NONE, x->reload, 0}, metres, late,
          t->c->time_priced ? relaxed(t, x) : 0);
    return true;
}

/* Divide a trip by a reload before (-1) or after (1) the stop. */
static void try_with_reload(Trial *t, int32_t a, int32_t reload, int32_t side) {
    const Search *s = t->s;
    const lm_problem *p = s->p;
    const int32_t stop = p->dropoff[t->job], b = s->node[a].next;
    const Mark *m = &s->mark[a];
    if (side < 0 ? m->head == a : b == end_of(p, t->vehicle) || is_reload(p, b)) return;
    if (side < 0 ? !fits(t, m->aboard, NULL) : !fits(t, m->peak, m->rest)) return;
    const int32_t release = max32(m->release_before, side > 0 ? p->release[t->job] : 0);
    const int32_t x = side < 0 ? reload : stop, y = side < 0 ? stop : reload;
    const int64_t metres = (int64_t)detour(t, a, x, b) + detour(t, x, y, b);
    const Piece piece = {a, b, 2, {x, y}, release, side};
    if (!hopeless(t, metres)) try_piece(t, &piece, metres);
}

static void scan_for_stop(Trial *t) {
    Search *s = t->s;
    const lm_problem *p = s->p;
    const int32_t stop = p->dropoff[t->job], end = end_of(p, t->vehicle);
    const int32_t reload = spare_reload(s, t->vehicle), own = p->release[t->job];
    for (int32_t a = start_of(p, t->vehicle), b; a != end; a = b) {
        b = s->node[a].next;
        const int64_t metres = detour(t, a, stop, b);
        if (hopeless(t, metres) || s->node[b].frozen) continue;
        const Mark *m = &s->mark[a];
        const Piece direct = {a, b, 1, {stop}, max32(own, s->mark[m->head].release_after), 0};
        if (fits(t, m->peak, NULL) && try_piece(t, &direct, metres)) continue;
        if (reload == LM_NONE) continue;
        try_with_reload(t, a, reload, -1);
        try_with_reload(t, a, reload, 1);
    }
}

/* A pair on its way into a route, with its pickup after `first`. */
typedef struct {
    Trial *t;
    Passage way, end;     /* with the pickup; with the dropoff, too */
    int32_t first;
    int64_t metres;       /* of the pickup alone */
    Stretch ahead;        /* the relaxed route up to `way.here` */
    const int32_t *least; /* metres of the dropoff in the cheapest gap from here on */
} Pairing;

/* Try the dropoff between where the walk is and `next`. */
static void try_dropoff(Pairing *w, int32_t next, int64_t metres) {
    Trial *t = w->t;
    Search *s = t->s;
    const int32_t drop = s->p->dropoff[t->job], here = w->way.here;
    if (hopeless(t, metres)) return;
    copy_passage(&w->end, &w->way);
    if (!advance(&w->end, drop, 0) || !arrives_in_time(&w->end, next)) return;
    int32_t lasts = 0;
    if (t->c->time_priced) {
        const int32_t *seconds = t->roads->seconds;
        const Stretch all = join(w->ahead, stretch_of(&s->node[drop]), leg(t, seconds, here, drop));
        lasts = join(all, s->behind[next], leg(t, seconds, drop, next)).duration;
    }
    const int64_t late = s->p->soft ? late_to_end(&w->end, next) : 0;
    offer(t, (Spot_found){0, t->vehicle, w->first, here, 0, 0}, metres, late, lasts);
}

/* With the pickup after node k of the route, walk on and try the dropoff at every later stop. */
static void walk_on(Pairing *w, int32_t k) {
    Trial *t = w->t;
    Search *s = t->s;
    const lm_problem *p = s->p;
    const int32_t pick = p->pickup[t->job], drop = p->dropoff[t->job], end = end_of(p, t->vehicle);
    const int32_t *seconds = t->roads->seconds;
    int32_t b = s->node[w->first].next;
    leave_node(&w->way, w->first, s->mark[s->mark[w->first].head].release_after);
    if (!fits(t, s->mark[w->first].aboard, NULL) || !advance(&w->way, pick, 0)) return;
    if (t->c->time_priced)
        w->ahead = join(s->ahead[w->first], stretch_of(&s->node[pick]), leg(t, seconds, w->first, pick));
    try_dropoff(w, b, w->metres + detour(t, pick, drop, b));
    for (int32_t a = pick; b != end; a = b, b = s->node[b].next) {
        if (hopeless(t, w->metres + w->least[++k])) return;
        if (!arrives_in_time(&w->way, b) || !fits(t, s->mark[b].aboard, NULL)) return;
        advance(&w->way, b, s->mark[b].release_after);
        if (t->c->time_priced)
            w->ahead = join(w->ahead, stretch_of(&s->node[b]), leg(t, seconds, a, b));
        try_dropoff(w, s->node[b].next, w->metres + detour(t, b, drop, s->node[b].next));
    }
}

/* What the dropoff alone adds in the cheapest gap from every stop on where it fits in time. */
static int32_t read_gaps(Pairing *w, int32_t *nodes, int32_t *least) {
    Trial *t = w->t;
    Search *s = t->s;
    const int32_t drop = s->p->dropoff[t->job], end = end_of(s->p, t->vehicle);
    int32_t count = 0;
    for (int32_t a = start_of(s->p, t->vehicle), b; a != end; a = b) {
        b = s->node[a].next;
        nodes[count] = a;
        least[count] = LM_NEVER - 1;
        const int32_t metres = detour(t, a, drop, b);
        leave_node(&w->end, a, s->mark[s->mark[a].head].release_after);
        if (!hopeless(t, metres) && advance(&w->end, drop, 0) && arrives_in_time(&w->end, b))
            least[count] = metres;
        count++;
    }
    least[count] = LM_NEVER - 1;
    for (int32_t k = count - 1; k >= 0; k--) least[k] = min32(least[k], least[k + 1]);
    return count;
}

static void scan_for_both(Trial *t) {
    Search *s = t->s;
    const int32_t pick = s->p->pickup[t->job], drop = s->p->dropoff[t->job];
    Pairing w = {.t = t, .way = passage_in(s, t->vehicle, 0), .end = passage_in(s, t->vehicle, 1),
                 .least = s->least};
    const int32_t count = read_gaps(&w, s->sequence, s->least);
    for (int32_t k = 0; k < count; k++) {
        const int32_t a = s->sequence[k], b = s->node[a].next;
        w.metres = detour(t, a, pick, b);
        if (s->node[b].frozen) continue;
        if (hopeless(t, w.metres + w.least[k + 1]) &&
            hopeless(t, w.metres + detour(t, pick, drop, b)))
            continue;
        w.first = a;
        walk_on(&w, k);
    }
}

Spot_found find_under_all_rules(Search *s, int32_t job, int32_t vehicle, int64_t base, int64_t limit) {
    const lm_problem *p = s->p;
    const Class *c = class_of(p, vehicle);
    const Route *route = &s->route[vehicle];
    know_course(s, vehicle);
    Trial t = {.s = s, .c = c, .roads = roads_of(p, c), .job = job, .vehicle = vehicle, .base = base,
               .best = {limit, LM_NONE, LM_NONE, LM_NONE, 0, 0}};
    if (route->jobs)
        t.known = c->given.fixed + c->given.per_m * route->metres + route->changes - route->cost;
    for (int32_t d = 0; d < LM_DIMS; d++) t.load[d] = -p->load[p->dropoff[job] * LM_DIMS + d];
    if (p->pickup[job] == LM_NONE) scan_for_stop(&t);
    else scan_for_both(&t);
    return t.best;
}
