/* Ends of routes change vehicles, where vehicles reload: whole trips, or a trip's last stops with all
 * that follow.
 *
 * Strings end at a reload, so that ruin and recreate moves a whole trip to another vehicle only stop by
 * stop, through plans that cost more. Here two routes exchange everything behind a stop each (2-opt*:
 * Potvin & Rousseau 1995, "An exchange heuristic for routeing problems with time windows"); between
 * trips that costs no metre, and makes room in time for what comes next. Courses say in constant time
 * whether both new routes can be driven, the full timing what they cost. */
#include <string.h>
#include "course.h"
#include "insert.h"

#define CLOSE 10       /* successors and predecessors that are tried for each stop */
#define SHUFFLE_TRIES 8
#define UNUSED_EVERY 8 /* other vehicles */

/* Behind `a` in route `u` and behind `b` in route `v`. */
typedef struct {
    int32_t u, a, v, b;
} Ends;

bool has_trips(const lm_problem *p) { return p->reloads && !p->pairs; }

static bool is_free(const Search *s, int32_t behind) {
    const int32_t next = s->node[behind].next;
    return !s->node[next].held;
}

/* Can the stops behind b follow a: load, release and time? */
static bool can_follow(Search *s, int32_t u, int32_t a, int32_t b) {
    const lm_problem *p = s->p;
    const Class *c = class_of(p, u);
    const Mark *ma = &s->mark[a], *mb = &s->mark[b], *head = &s->mark[ma->head];
    for (int32_t d = 0; d < LM_DIMS; d++)
        if (head->aboard[d] - ma->rest[d] + mb->rest[d] > c->given.capacity[d]) return false;
    Passage w = passage_in(s, u, 0);
    leave_node(&w, a, max32(ma->release_before, mb->release_after));
    return arrives_in_time(&w, s->node[b].next);
}

static int32_t write_tour(const Search *s, int32_t u, int32_t a, int32_t b, int32_t *tour) {
    int32_t count = 0;
    for (int32_t i = start_of(s->p, u); i != a; i = s->node[i].next)
        tour[count++] = s->node[i].next;
    for (int32_t i = s->node[b].next; s->node[i].next != LM_NONE; i = s->node[i].next)
        tour[count++] = i;
    return count;
}

/* What the exchange changes; NO_COST if it breaks a rule. */
static int64_t change_of(Search *s, const Ends *e) {
    if (!can_follow(s, e->u, e->a, e->b) || !can_follow(s, e->v, e->b, e->a)) return NO_COST;
    const int64_t first = tour_cost(s->p, e->u, s->trial, write_tour(s, e->u, e->a, e->b, s->trial));
    if (first < 0) return NO_COST;
    const int64_t other = tour_cost(s->p, e->v, s->trial, write_tour(s, e->v, e->b, e->a, s->trial));
    if (other < 0) return NO_COST;
    return first + other - s->route[e->u].cost - s->route[e->v].cost;
}

/* Take out what follows a node of a route and return how much that was. */
static int32_t cut_behind(Search *s, int32_t vehicle, int32_t node, int32_t *tail) {
    int32_t count = 0;
    for (int32_t i = s->node[node].next; s->node[i].next != LM_NONE; i = s->node[i].next)
        tail[count++] = i;
    for (int32_t k = count - 1; k >= 0; k--) take_stop(s, tail[k], vehicle);
    return count;
}

static void swap_ends(Search *s, const Ends *e) {
    touch(s, e->u);
    touch(s, e->v);
    const int32_t of_u = cut_behind(s, e->u, e->a, s->sequence);
    const int32_t of_v = cut_behind(s, e->v, e->b, s->trial);
    for (int32_t k = 0, last = e->a; k < of_v; k++) last = put_stop(s, s->trial[k], last, e->u);
    for (int32_t k = 0, last = e->b; k < of_u; k++) last = put_stop(s, s->sequence[k], last, e->v);
    drop_idle_reloads(s, e->u);
    drop_idle_reloads(s, e->v);
    refresh(s, e->u);
    refresh(s, e->v);
}

static int64_t metres(const Search *s, const Roads *roads, int32_t a, int32_t b) {
    return roads->metres[(size_t)s->node[a].place * (size_t)s->p->columns + (size_t)s->node[b].place];
}

/* Join a to x, if that makes both routes together cheaper. */
static bool try_joint(Search *s, int32_t a, int32_t x) {
    const lm_problem *p = s->p;
    const int32_t u = s->node[a].route, v = s->node[x].route;
    if (v == LM_NONE || u == v || p->vehicle_class[u] != p->vehicle_class[v]) return false;
    const int32_t b = s->node[x].prev, y = s->node[a].next;
    const Roads *roads = roads_of(p, class_of(p, u));
    const int64_t change = metres(s, roads, a, x) + metres(s, roads, b, y) -
                           s->node[a].metres - s->node[b].metres;
    if (change >= 0 || !is_free(s, a) || !is_free(s, b)) return false;
    know_course(s, u);
    know_course(s, v);
    const Ends ends = {u, a, v, b};
    if (change_of(s, &ends) >= 0) return false;
    swap_ends(s, &ends);
    return true;
}

static bool improve_at(Search *s, int32_t node) {
    const lm_problem *p = s->p;
    const int32_t *after = p->after + (size_t)node * (size_t)p->beside;
    const int32_t *before = p->before + (size_t)node * (size_t)p->beside;
    for (int32_t i = 0; i < min32(CLOSE, p->beside); i++) {
        if (try_joint(s, node, after[i])) return true;
        if (s->node[before[i]].route != LM_NONE && try_joint(s, before[i], node)) return true;
    }
    return false;
}

/* Exchange ends around the stops that a step has changed, as long as that pays. */
void exchange_ends(Search *s) {
    for (int32_t t = 0; t < s->touched_count; t++) {
        const int32_t count = read_tour(s, s->touched[t], s->scan);
        for (int32_t k = 0; k < count; k++)
            if (s->scan[k] < s->p->spots && s->node[s->scan[k]].route != LM_NONE)
                improve_at(s, s->scan[k]);
    }
}

/* A random stop behind which a trip ends, or the start of an unused vehicle. */
static int32_t random_end(Search *s, int32_t vehicle) {
    const int32_t count = read_tour(s, vehicle, s->scan);
    int32_t ends = 0, at = start_of(s->p, vehicle);
    for (int32_t k = 0; k < count; k++)
        if (k + 1 == count || is_reload(s->p, s->scan[k + 1]))
            if (draw_below(s->rng, ++ends) == 0) at = s->scan[k];
    return at;
}

/* A vehicle that passes near a stop, or now and then an unused one. */
static int32_t random_other(Search *s, int32_t node) {
    const lm_problem *p = s->p;
    if (!p->around || draw_below(s->rng, UNUSED_EVERY) == 0)
        return spare_of(s, p->vehicle_class[s->node[node].route]);
    const int32_t *near = p->near + (size_t)node * (size_t)p->around;
    return s->node[near[draw_below(s->rng, p->around)]].route;
}

/* Let two routes exchange whole trips at their ends: the metres stay, the room in time moves. */
void shuffle_trips(Search *s) {
    const lm_problem *p = s->p;
    const int32_t job = s->jobs_list[draw_below(s->rng, s->jobs_count)];
    const int32_t node = p->dropoff[job], u = s->node[node].route;
    if (u == LM_NONE) return;
    for (int32_t k = 0; k < SHUFFLE_TRIES; k++) {
        const int32_t v = random_other(s, node);
        if (v == LM_NONE || v == u || p->vehicle_class[u] != p->vehicle_class[v]) continue;
        const Ends ends = {u, random_end(s, u), v, random_end(s, v)};
        if (!is_free(s, ends.a) || !is_free(s, ends.b)) continue;
        know_course(s, u);
        know_course(s, v);
        if (change_of(s, &ends) > 0) continue;
        swap_ends(s, &ends);
        return;
    }
}
