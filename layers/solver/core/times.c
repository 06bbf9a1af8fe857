/* A route's times and its price, kept beside its stops so that a try costs a comparison.
 *
 * Source of the stretches: Vidal et al. 2013, see core.h. Under the full rules courses say the same
 * (course.c). */
#include <string.h>
#include "course.h"

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

/* The same after one stop has come in: only what it changes. */
void refresh_around(Search *s, int32_t node, int32_t vehicle) {
    if (!s->p->plain || s->p->pairs) {
        refresh(s, vehicle);
        return;
    }
    push_times(s, node);
    push_deadlines(s, node);
    if (class_of(s->p, vehicle)->time_priced) {
        push_heads(s, node);
        push_tails(s, node);
    }
    price_route(s, vehicle);
}
