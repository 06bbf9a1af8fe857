/* Which plan is kept: the last accepted one, to which a step may return, and the best one. */
#include <string.h>
#include "core.h"

static void copy_route(const Search *s, const Node *from, Node *to, int32_t vehicle) {
    int32_t i = start_of(s->p, vehicle);
    for (; i != LM_NONE; i = from[i].next) to[i] = from[i];
}

void accept(Search *s) {
    for (int32_t t = 0; t < s->touched_count; t++) {
        const int32_t v = s->touched[t];
        s->is_touched[v] = 0;
        copy_route(s, s->node, s->old_node, v);
        s->old_route[v] = s->route[v];
        if (!s->is_dirty[v]) {
            s->is_dirty[v] = 1;
            s->dirty[s->dirty_count++] = v;
        }
    }
    s->touched_count = 0;
    memcpy(s->old_absent, s->absent, sizeof(int32_t) * (size_t)s->absent_count);
    s->old_absent_count = s->absent_count;
    s->old_cost = s->cost;
    s->old_absent_cost = s->absent_cost;
    s->old_stops = s->stops;
    s->old_used = s->used;
}

static void forget_route(Search *s, int32_t vehicle) {
    const int32_t end = end_of(s->p, vehicle);
    for (int32_t i = s->node[start_of(s->p, vehicle)].next; i != end; i = s->node[i].next)
        s->node[i].route = LM_NONE;
}

void reject(Search *s) {
    const lm_problem *p = s->p;
    for (int32_t t = 0; t < s->touched_count; t++) forget_route(s, s->touched[t]);
    for (int32_t t = 0; t < s->touched_count; t++) {
        const int32_t v = s->touched[t];
        s->is_touched[v] = 0;
        copy_route(s, s->old_node, s->node, v);
        s->route[v] = s->old_route[v];
        if (!p->plain) s->course_version[v] = 0;
        s->stale[v] = 1;
        list_idle(s, v, !s->route[v].stops);
        if (p->plain && (p->pairs || class_of(p, v)->time_priced)) read_times(s, v);
    }
    s->touched_count = 0;
    memcpy(s->absent, s->old_absent, sizeof(int32_t) * (size_t)s->old_absent_count);
    s->absent_count = s->old_absent_count;
    for (int32_t i = 0; i < s->absent_count; i++) s->absent_at[s->absent[i]] = i;
    s->cost = s->old_cost;
    s->absent_cost = s->old_absent_cost;
    s->stops = s->old_stops;
    s->used = s->old_used;
}

void keep_best(Search *s) {
    for (int32_t t = 0; t < s->dirty_count; t++) {
        const int32_t v = s->dirty[t];
        s->is_dirty[v] = 0;
        copy_route(s, s->node, s->best_node, v);
    }
    s->dirty_count = 0;
    s->best_cost = s->cost + s->absent_cost;
}
