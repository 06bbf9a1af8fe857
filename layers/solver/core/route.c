/* Routes as linked lists: what changes when a job leaves or enters, and how to take it back. */
#include <string.h>
#include "course.h"

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

static int32_t free_at(const Search *s, int32_t node) {
    const Node *n = &s->node[node], *before = &s->node[n->prev];
    return max32(n->earliest, before->free + before->seconds) + n->service;
}

static int32_t deadline_at(const Search *s, int32_t node) {
    const Node *n = &s->node[node];
    return min32(n->latest, s->node[n->next].deadline - n->seconds - n->service);
}

/* Earliest times from `node` on, as far as they change. */
static void push_times(Search *s, int32_t node) {
    for (bool first = true; node != LM_NONE; node = s->node[node].next, first = false) {
        const int32_t done = free_at(s, node);
        if (done == s->node[node].free && !first) return;
        s->node[node].free = done;
    }
}

/* Deadlines from `node` back, as far as they change. */
static void push_deadlines(Search *s, int32_t node) {
    for (bool first = true; node != LM_NONE; node = s->node[node].prev, first = false) {
        const int32_t deadline = deadline_at(s, node);
        if (deadline == s->node[node].deadline && !first) return;
        s->node[node].deadline = deadline;
    }
}

/* Heads of the route that end at `node` or after it. */
static void push_heads(Search *s, int32_t node) {
    for (int32_t i = node; i != LM_NONE; i = s->node[i].next) {
        const int32_t prev = s->node[i].prev;
        s->ahead[i] = join(s->ahead[prev], stretch_of(&s->node[i]), s->node[prev].seconds);
    }
}

/* Tails of the route that begin at `node` or before it. */
static void push_tails(Search *s, int32_t node) {
    for (int32_t i = node; i != LM_NONE; i = s->node[i].prev)
        s->behind[i] = join(stretch_of(&s->node[i]), s->behind[s->node[i].next], s->node[i].seconds);
}

void read_stretches(Search *s, int32_t vehicle) {
    const int32_t start = start_of(s->p, vehicle), end = end_of(s->p, vehicle);
    s->ahead[start] = stretch_of(&s->node[start]);
    s->behind[end] = stretch_of(&s->node[end]);
    push_heads(s, s->node[start].next);
    push_tails(s, s->node[end].prev);
}

static void count_aboard(Search *s, int32_t vehicle) {
    const int32_t start = start_of(s->p, vehicle);
    memcpy(s->aboard[start], s->route[vehicle].load, sizeof s->route[vehicle].load);
    for (int32_t i = s->node[start].next; i != LM_NONE; i = s->node[i].next)
        for (int32_t d = 0; d < LM_DIMS; d++)
            s->aboard[i][d] = s->aboard[s->node[i].prev][d] + s->p->load[i * LM_DIMS + d];
}

/* Taking a stop out can break a route where detours are faster than the direct way. */
static bool in_time(const Search *s, int32_t vehicle) {
    const Node *start = &s->node[start_of(s->p, vehicle)];
    return start->deadline >= start->earliest;
}

static int64_t plain_cost(const Search *s, int32_t vehicle) {
    const Class *c = class_of(s->p, vehicle);
    const Route *route = &s->route[vehicle];
    const int64_t driven = c->given.fixed + c->given.per_m * route->metres + route->changes;
    if (!in_time(s, vehicle) || route->metres > c->given.max_distance) return BROKEN;
    if (!c->time_priced) return driven;
    const int64_t lasting = duration_cost(s->p, c, s->ahead[end_of(s->p, vehicle)].duration);
    return lasting == NO_COST ? BROKEN : driven + lasting;
}

/* A name for the order of stops: 64 bits of a multiplicative hash, so that a route that returns to
 * what it was has its old name. */
static uint64_t version_of(const Search *s, int32_t vehicle) {
    uint64_t name = 0x9E3779B97F4A7C15u + (uint64_t)vehicle;
    for (int32_t i = s->node[start_of(s->p, vehicle)].next; i != LM_NONE; i = s->node[i].next)
        name = (name ^ (uint64_t)i ^ (name >> 32)) * 0xD6E8FEB86659FD93u;
    return name | 1;
}

static void price_route(Search *s, int32_t vehicle) {
    Route *route = &s->route[vehicle];
    const int64_t before = route->cost;
    if (s->memo) route->version = version_of(s, vehicle);
    if (!route->jobs && !route->stops) {
        route->cost = 0;
    } else if (s->p->plain) {
        route->cost = plain_cost(s, vehicle);
    } else {
        route->cost = course_cost(s, vehicle);
    }
    s->cost += route->cost - before;
}

/* Everything about a route's times and loads that insertions read. */
void read_times(Search *s, int32_t vehicle) {
    const lm_problem *p = s->p;
    const int32_t start = start_of(p, vehicle), end = end_of(p, vehicle);
    for (int32_t i = s->node[start].next; i != LM_NONE; i = s->node[i].next)
        s->node[i].free = free_at(s, i);
    for (int32_t i = s->node[end].prev; i != LM_NONE; i = s->node[i].prev)
        s->node[i].deadline = deadline_at(s, i);
    if (p->pairs) count_aboard(s, vehicle);
    if (class_of(p, vehicle)->time_priced) read_stretches(s, vehicle);
}

void refresh(Search *s, int32_t vehicle) {
    if (s->p->plain) read_times(s, vehicle);
    price_route(s, vehicle);
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
    if (p->plain && !p->pairs) {
        push_times(s, node);
        push_deadlines(s, node);
        if (class_of(p, vehicle)->time_priced) {
            push_heads(s, node);
            push_tails(s, node);
        }
        price_route(s, vehicle);
    } else {
        refresh(s, vehicle);
    }
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
