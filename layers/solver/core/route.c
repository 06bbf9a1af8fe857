/* Routes as linked lists: what changes when a job leaves or enters, and how to take it back. */
#include "core.h"

static const Roads *roads_at(const Search *s, int32_t vehicle) {
    return roads_of(s->p, class_of(s->p, vehicle));
}

/* Make b follow a, with the leg between them. */
static void join_nodes(Search *s, const Roads *roads, int32_t a, int32_t b) {
    Node *from = &s->node[a], *to = &s->node[b];
    const size_t leg = (size_t)from->place * (size_t)s->p->columns + (size_t)to->place;
    from->next = b;
    from->next_place = to->place;
    to->prev = a;
    to->prev_place = from->place;
    from->metres = to->prev_metres = roads->metres[leg];
    from->seconds = roads->seconds[leg];
}

static void count_stop(Search *s, int32_t node, Route *route, int32_t sign) {
    if (node >= s->p->spots) return;
    route->stops += sign;
    s->stops += sign;
    if (route->stops != (sign > 0)) return;
    s->used += sign;
    list_idle(s, (int32_t)(route - s->route), sign < 0);
}

void link_after(Search *s, int32_t node, int32_t before, int32_t vehicle) {
    const Roads *roads = roads_at(s, vehicle);
    const int32_t next = s->node[before].next;
    Route *route = &s->route[vehicle];
    route->metres -= s->node[before].metres;
    join_nodes(s, roads, before, node);
    join_nodes(s, roads, node, next);
    route->metres += s->node[before].metres + s->node[node].metres;
    s->node[node].route = vehicle;
    count_stop(s, node, route, 1);
}

void unlink_node(Search *s, int32_t node) {
    Node *n = &s->node[node];
    Route *route = &s->route[n->route];
    const int32_t prev = n->prev;
    route->metres -= s->node[prev].metres + n->metres;
    join_nodes(s, roads_at(s, n->route), prev, n->next);
    route->metres += s->node[prev].metres;
    count_stop(s, node, route, -1);
    n->route = LM_NONE;
}

/* Count a job in (sign 1) or out (-1) of its route's sums. */
static void count_job(Search *s, int32_t job, int32_t vehicle, int32_t sign) {
    const lm_problem *p = s->p;
    Route *route = &s->route[vehicle];
    route->jobs += sign;
    if (p->pickup[job] == LM_NONE)
        for (int32_t d = 0; d < LM_DIMS; d++)
            route->load[d] -= sign * p->load[p->dropoff[job] * LM_DIMS + d];
    route->changes += sign * change_cost(p, job, vehicle);
}

void touch(Search *s, int32_t vehicle) {
    s->stale[vehicle] = 1;
    s->quiet[vehicle] = 0;
    if (s->is_touched[vehicle]) return;
    s->is_touched[vehicle] = 1;
    s->touched[s->touched_count++] = vehicle;
}

static void set_absent(Search *s, int32_t job, bool absent) {
    if (absent) {
        s->absent_at[job] = s->absent_count;
        s->absent[s->absent_count++] = job;
        s->absent_cost += s->p->penalty[job];
    } else {
        const int32_t last = s->absent[--s->absent_count];
        s->absent[s->absent_at[job]] = last;
        s->absent_at[last] = s->absent_at[job];
        s->absent_cost -= s->p->penalty[job];
    }
}

/* The route's times are stale until `refresh`. */
void take_out(Search *s, int32_t job) {
    const int32_t vehicle = s->node[s->p->dropoff[job]].route;
    touch(s, vehicle);
    unlink_node(s, s->p->dropoff[job]);
    if (s->p->pickup[job] != LM_NONE) unlink_node(s, s->p->pickup[job]);
    count_job(s, job, vehicle, -1);
    set_absent(s, job, true);
}

int32_t spare_reload(const Search *s, int32_t vehicle) {
    for (int32_t i = s->p->reload_first[vehicle]; i < s->p->reload_first[vehicle + 1]; i++)
        if (s->node[i].route == LM_NONE) return i;
    return LM_NONE;
}

void put_in(Search *s, int32_t job, Spot_found *where) {
    const lm_problem *p = s->p;
    if (where->into) enlarge(s, where);
    const int32_t vehicle = where->route, node = p->dropoff[job];
    touch(s, vehicle);
    if (p->pickup[job] != LM_NONE) {
        link_after(s, p->pickup[job], where->first_after, vehicle);
        link_after(s, node, where->second_after, vehicle);
    } else {
        link_after(s, node, where->first_after, vehicle);
        if (where->reload < 0) link_after(s, spare_reload(s, vehicle), where->first_after, vehicle);
        if (where->reload > 0) link_after(s, spare_reload(s, vehicle), node, vehicle);
    }
    count_job(s, job, vehicle, 1);
    set_absent(s, job, false);
    refresh_around(s, node, vehicle);
}

/* Take one node out of a route, its job with it; pickups aside. */
void take_stop(Search *s, int32_t node, int32_t vehicle) {
    unlink_node(s, node);
    if (node < s->p->spots) count_job(s, s->p->spot[node].job, vehicle, -1);
}

/* Put such a node behind another one, or an unused reload of this vehicle's; returns what was put. */
int32_t put_stop(Search *s, int32_t node, int32_t before, int32_t vehicle) {
    const int32_t put = is_reload(s->p, node) ? spare_reload(s, vehicle) : node;
    link_after(s, put, before, vehicle);
    if (put < s->p->spots) count_job(s, s->p->spot[put].job, vehicle, 1);
    return put;
}

int32_t read_tour(const Search *s, int32_t vehicle, int32_t *tour) {
    int32_t count = 0;
    const int32_t end = end_of(s->p, vehicle);
    for (int32_t i = s->node[start_of(s->p, vehicle)].next; i != end; i = s->node[i].next)
        tour[count++] = i;
    return count;
}

/* Give a route other stops, all of them plain ones; the other route of an exchange follows at once,
 * as long as it does both hold the same stop. */
void lay_route(Search *s, int32_t vehicle, const int32_t *tour, int32_t count) {
    const lm_problem *p = s->p;
    Route *route = &s->route[vehicle];
    const Roads *roads = roads_at(s, vehicle);
    touch(s, vehicle);
    s->stops += count - route->stops;
    s->used += (count > 0) - (route->stops > 0);
    route->jobs = route->stops = count;
    route->metres = route->changes = 0;
    for (int32_t d = 0; d < LM_DIMS; d++) route->load[d] = 0;
    int32_t last = start_of(p, vehicle);
    for (int32_t k = 0; k <= count; k++) {
        const int32_t node = k < count ? tour[k] : end_of(p, vehicle);
        join_nodes(s, roads, last, node);
        route->metres += s->node[last].metres;
        s->node[node].route = vehicle;
        if (k < count) route->changes += change_cost(p, p->spot[node].job, vehicle);
        for (int32_t d = 0; d < LM_DIMS; d++) route->load[d] -= p->load[node * LM_DIMS + d];
        last = node;
    }
    list_idle(s, vehicle, !count);
    refresh(s, vehicle);
}

/* Give an empty route its first tour; false if that breaks a rule, or a job is placed already. */
bool load_tour(Search *s, int32_t vehicle, const int32_t *tour, int32_t count) {
    const lm_problem *p = s->p;
    int32_t last = start_of(p, vehicle);
    touch(s, vehicle);
    for (int32_t k = 0; k < count; k++) {
        const int32_t node = tour[k] == LM_RELOAD ? spare_reload(s, vehicle) : tour[k];
        if (node == LM_NONE || s->node[node].route != LM_NONE) return false;
        if (node < p->spots) {
            const Spot *spot = &p->spot[node];
            if (!p->allowed[spot->job * p->classes + p->vehicle_class[vehicle]]) return false;
            if (spot->role == LM_DROPOFF && s->node[p->pickup[spot->job]].route != vehicle)
                return false;
            if (spot->role != LM_PICKUP) {
                count_job(s, spot->job, vehicle, 1);
                set_absent(s, spot->job, false);
            }
        }
        link_after(s, node, last, vehicle);
        last = node;
    }
    for (int32_t k = 0; k < count; k++)
        if (tour[k] >= 0 && s->node[p->dropoff[p->spot[tour[k]].job]].route != vehicle) return false;
    if (tour_cost(p, vehicle, tour, count) < 0) return false;
    refresh(s, vehicle);
    return true;
}

/* Reloads that nothing follows, precedes or needs are left out. */
void drop_idle_reloads(Search *s, int32_t vehicle) {
    const lm_problem *p = s->p;
    for (int32_t i = p->reload_first[vehicle]; i < p->reload_first[vehicle + 1]; i++) {
        if (s->node[i].route == LM_NONE || s->node[i].held) continue;
        const int32_t prev = s->node[i].prev, next = s->node[i].next;
        const bool idle = prev == start_of(p, vehicle) || next == end_of(p, vehicle) ||
                          is_reload(p, prev) || is_reload(p, next);
        unlink_node(s, i);
        if (idle) continue;
        const int32_t count = read_tour(s, vehicle, s->sequence);
        if (tour_cost(p, vehicle, s->sequence, count) < 0) link_after(s, i, prev, vehicle);
    }
}
