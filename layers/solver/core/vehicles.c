/* Which vehicle drives a route, where vehicles differ: unused ones by class, a whole route handed to
 * another vehicle, two routes exchanging theirs, and a larger vehicle for a job that has no room.
 *
 * A heterogeneous fleet is decided route by route, as in Pessoa, Sadykov & Uchoa 2018, "Enhanced
 * branch-cut-and-price for heterogeneous fleet vehicle routing problems", whose instances have
 * thousands of vehicles to choose from: insertion alone would keep each job's first choice. */
#include "core.h"

#define SHARE_WORK 150 /* routes of so many stops, squared, are shared out anew at every step, longer
                          ones as much more rarely: that is how the work grows */
#define SHARE_MOST 3   /* routes at once */
#define LOOK_AT 12     /* classes tried for one route, from a random one on where there are more */

/* Each class has its vehicles in a row, the unused ones in front. Move a vehicle to its side: called
 * where a route gets its first stop or loses its last. */
void list_idle(Search *s, int32_t vehicle, bool idle) {
    const int32_t c = s->p->vehicle_class[vehicle], at = s->idle_at[vehicle];
    int32_t *row = s->idle + s->idle_first[c];
    if (idle == (at < s->idle_count[c]) || (idle && !s->vehicle_active[vehicle])) return;
    const int32_t to = idle ? s->idle_count[c]++ : --s->idle_count[c], other = row[to];
    row[at] = other;
    s->idle_at[other] = at;
    row[to] = vehicle;
    s->idle_at[vehicle] = to;
}

/* An unused vehicle of a class, or LM_NONE: alike ones would only repeat the answer. */
int32_t spare_of(Search *s, int32_t c) {
    const int32_t count = s->idle_count[c];
    return s->spare[c] = count ? s->idle[s->idle_first[c] + count - 1] : LM_NONE;
}

static bool may_change_vehicle(const Search *s, int32_t vehicle) {
    const int32_t first = s->node[start_of(s->p, vehicle)].next;
    return s->route[vehicle].jobs && first < s->p->spots && !s->node[first].held;
}

static bool all_allowed(const Search *s, int32_t vehicle, int32_t c) {
    const lm_problem *p = s->p;
    if (p->anyone) return true;
    const int32_t end = end_of(p, vehicle);
    for (int32_t i = s->node[start_of(p, vehicle)].next; i != end; i = s->node[i].next)
        if (i < p->spots && !p->allowed[p->spot[i].job * p->classes + c]) return false;
    return true;
}

/* Does all that a route carries, and `more` beside it, fit a class? */
static bool carries(const Search *s, int32_t vehicle, const lm_class *c, const int32_t *more) {
    const lm_problem *p = s->p;
    if (s->route[vehicle].jobs + (more != NULL) > c->max_jobs) return false;
    if (!p->pairs) {
        for (int32_t d = 0; d < LM_DIMS; d++)
            if (s->route[vehicle].load[d] - (more ? more[d] : 0) > c->capacity[d]) return false;
        return true;
    }
    for (int32_t i = start_of(p, vehicle); i != LM_NONE; i = s->node[i].next)
        for (int32_t d = 0; d < LM_DIMS; d++)
            if (s->aboard[i][d] > c->capacity[d]) return false;
    return true;
}

static int64_t changes_with(const Search *s, int32_t vehicle, int32_t other) {
    const lm_problem *p = s->p;
    int64_t changes = 0;
    if (!p->replanned) return 0;
    const int32_t end = end_of(p, vehicle);
    for (int32_t i = s->node[start_of(p, vehicle)].next; i != end; i = s->node[i].next) {
        if (i >= p->spots || p->spot[i].role == LM_PICKUP) continue;
        changes += change_cost(p, p->spot[i].job, other);
    }
    return changes;
}

/* What a route would cost with another vehicle; BROKEN where that cannot drive it. */
static int64_t cost_with(Search *s, int32_t vehicle, int32_t other) {
    const lm_problem *p = s->p;
    const Class *now = class_of(p, vehicle), *then = class_of(p, other);
    const Route *route = &s->route[vehicle];
    if (route->cost >= BROKEN) return BROKEN;
    if (!p->plain || now->ground != then->ground) {
        if (!all_allowed(s, vehicle, p->vehicle_class[other])) return BROKEN;
        const int64_t cost = tour_cost(p, other, s->trial, read_tour(s, vehicle, s->trial));
        return cost < 0 ? BROKEN : cost;
    }
    if (route->metres > then->given.max_distance || !carries(s, vehicle, &then->given, NULL) ||
        !all_allowed(s, vehicle, p->vehicle_class[other]))
        return BROKEN;
    return route->cost + then->given.fixed - now->given.fixed +
           (then->given.per_m - now->given.per_m) * route->metres +
           changes_with(s, vehicle, other) - route->changes;
}

static void unlink_all(Search *s, int32_t vehicle, const int32_t *tour, int32_t count) {
    touch(s, vehicle);
    for (int32_t k = 0; k < count; k++) unlink_node(s, tour[k]);
}

static void link_all(Search *s, int32_t vehicle, const int32_t *tour, int32_t count) {
    int32_t last = start_of(s->p, vehicle);
    for (int32_t k = 0; k < count; k++) {
        const int32_t node = is_reload(s->p, tour[k]) ? spare_reload(s, vehicle) : tour[k];
        link_after(s, node, last, vehicle);
        last = node;
    }
    s->route[vehicle].changes = changes_with(s, vehicle, vehicle);
}

/* Two vehicles take over each other's routes, of which one may be empty; both can drive them. */
void exchange(Search *s, int32_t a, int32_t b) {
    const int32_t of_a = read_tour(s, a, s->sequence), of_b = read_tour(s, b, s->trial);
    Route *one = &s->route[a], *other = &s->route[b];
    unlink_all(s, a, s->sequence, of_a);
    unlink_all(s, b, s->trial, of_b);
    const int32_t jobs = one->jobs;
    one->jobs = other->jobs;
    other->jobs = jobs;
    for (int32_t d = 0; d < LM_DIMS; d++) {
        const int32_t load = one->load[d];
        one->load[d] = other->load[d];
        other->load[d] = load;
    }
    link_all(s, b, s->sequence, of_a);
    link_all(s, a, s->trial, of_b);
    refresh(s, a);
    refresh(s, b);
}

/* Hand a route to the unused vehicle that drives it at the least cost. True if one was cheaper. */
static bool hand_over(Search *s, int32_t vehicle) {
    const lm_problem *p = s->p;
    const int32_t own = p->vehicle_class[vehicle], looks = min32(p->classes, LOOK_AT);
    int32_t c = p->classes > LOOK_AT ? draw_below(s->rng, p->classes) : 0, chosen = LM_NONE;
    int64_t least = s->route[vehicle].cost;
    for (int32_t k = 0; k < looks; k++, c = c + 1 < p->classes ? c + 1 : 0) {
        const int32_t other = c == own ? LM_NONE : spare_of(s, c);
        if (other == LM_NONE) continue;
        const int64_t cost = cost_with(s, vehicle, other);
        if (cost >= least) continue;
        least = cost;
        chosen = other;
    }
    if (chosen != LM_NONE) exchange(s, vehicle, chosen);
    return chosen != LM_NONE;
}

/* The used route of another class, without spare vehicles, whose exchange for this one saves most. */
static void trade(Search *s, int32_t vehicle) {
    const lm_problem *p = s->p;
    const Class *own = class_of(p, vehicle);
    int64_t most = 0;
    int32_t chosen = LM_NONE;
    for (int32_t c = 0; c < p->classes; c++) {
        const Class *k = &p->class_list[c];
        if (k == own || k->ground != own->ground || s->idle_count[c]) continue;
        for (int32_t i = s->idle_first[c]; i < s->idle_first[c + 1]; i++) {
            const int32_t other = s->idle[i];
            if (!may_change_vehicle(s, other)) continue;
            const int64_t mine = cost_with(s, vehicle, other) - s->route[vehicle].cost;
            if (mine >= s->route[other].cost) continue;
            const int64_t theirs = cost_with(s, other, vehicle) - s->route[other].cost;
            if (-(mine + theirs) <= most) continue;
            most = -(mine + theirs);
            chosen = other;
        }
    }
    if (chosen != LM_NONE) exchange(s, vehicle, chosen);
}

/* Share out a changed route anew, or several of them together. */
static void share_some(Search *s) {
    int32_t routes[SHARE_MOST], many = 0, stops = 0;
    const int32_t wanted = 1 + draw_below(s->rng, SHARE_MOST), count = s->touched_count;
    int32_t t = draw_below(s->rng, count);
    for (int32_t k = 0; k < count && many < wanted; k++, t = t + 1 < count ? t + 1 : 0) {
        const int32_t vehicle = s->touched[t];
        if (!may_change_vehicle(s, vehicle)) continue;
        if (many && class_of(s->p, vehicle)->ground != class_of(s->p, routes[0])->ground) continue;
        routes[many++] = vehicle;
        stops = min32(stops + s->route[vehicle].stops, 1 << 15);
    }
    if (many && draw_below(s->rng, stops * stops) < SHARE_WORK) share_out(s, routes, many);
}

/* Give each changed route the vehicle that suits it best. */
void settle(Search *s) {
    const lm_problem *p = s->p;
    if (p->classes == 1) return;
    const int32_t changed = s->touched_count;
    for (int32_t t = 0; t < changed; t++) {
        const int32_t vehicle = s->touched[t];
        if (!may_change_vehicle(s, vehicle)) continue;
        if (!hand_over(s, vehicle) && p->plain) trade(s, vehicle);
    }
    if (s->touched_count && p->plain && !p->pairs) share_some(s);
}

/* A job has no room in a route: what it costs there, detours aside, to hand the route to an unused
 * vehicle of the class that then costs least. NO_COST if there is none; the class goes to `into`. */
int64_t cost_of_larger(Search *s, int32_t vehicle, int32_t job, int32_t *into) {
    const lm_problem *p = s->p;
    const Class *now = class_of(p, vehicle);
    const Route *route = &s->route[vehicle];
    int64_t least = NO_COST;
    if (p->pairs || !p->plain || p->classes == 1 || !may_change_vehicle(s, vehicle)) return NO_COST;
    const int32_t looks = min32(p->classes, LOOK_AT);
    int32_t c = p->classes > LOOK_AT ? s->stamp_now % p->classes : 0;
    for (int32_t k = 0; k < looks; k++, c = c + 1 < p->classes ? c + 1 : 0) {
        const Class *then = &p->class_list[c];
        if (!s->idle_count[c] || then->ground != now->ground) continue;
        if (!p->allowed[job * p->classes + c]) continue;
        const int64_t cost = then->given.fixed - now->given.fixed +
                             (then->given.per_m - now->given.per_m) * route->metres;
        if (cost >= least || !carries(s, vehicle, &then->given, &p->load[p->dropoff[job] * LM_DIMS]) ||
            !all_allowed(s, vehicle, c))
            continue;
        const int32_t other = spare_of(s, c);
        least = cost + changes_with(s, vehicle, other) - route->changes + change_cost(p, job, other);
        *into = c;
    }
    return least;
}

/* Do so: the place in the route stays, the route is another one. */
void enlarge(Search *s, Spot_found *where) {
    const int32_t other = spare_of(s, where->into - 1);
    exchange(s, where->route, other);
    if (where->first_after == start_of(s->p, where->route)) where->first_after = start_of(s->p, other);
    where->route = other;
    where->into = 0;
}
