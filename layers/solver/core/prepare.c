/* From what the caller says to what the search reads: matrices with setup and sentinels, windows,
 * neighbour lists. Everything here happens once per problem. */
#include <stdlib.h>
#include <string.h>
#include "core.h"

static void *copy(const void *source, size_t count, size_t size) {
    void *made = malloc(count * size + 1);
    if (made && count) memcpy(made, source, count * size);
    return made;
}

/* Sentinels have columns of their own: a start pays the setup of the first stop even next door, an
 * end pays none, and an open one is next to everything. */
static int32_t column_for(int32_t *known, int32_t place, int32_t *columns) {
    if (known[place + 1] == LM_NONE) known[place + 1] = (*columns)++;
    return known[place + 1];
}

/* The first class that drives any route in the same time, by the same way, at the same price of it. */
static int32_t ground_of(const lm_problem *p, int32_t c) {
    const Class *k = &p->class_list[c];
    for (int32_t o = 0; o < c; o++) {
        const Class *other = &p->class_list[o];
        if (other->given.kind == k->given.kind && other->start_place == k->start_place &&
            other->end_place == k->end_place &&
            other->given.shift_earliest == k->given.shift_earliest &&
            other->given.shift_latest == k->given.shift_latest &&
            other->given.max_duration == k->given.max_duration &&
            other->given.per_s == k->given.per_s &&
            other->given.overtime_after == k->given.overtime_after &&
            other->given.overtime_per_s == k->given.overtime_per_s)
            return o;
    }
    return c;
}

static bool lay_out_classes(lm_problem *p, const lm_input *in) {
    int32_t *starts = malloc(sizeof(int32_t) * (size_t)(in->places + 1));
    int32_t *ends = malloc(sizeof(int32_t) * (size_t)(in->places + 1));
    if (!starts || !ends) { free(starts); free(ends); return false; }
    for (int32_t i = 0; i <= in->places; i++) starts[i] = ends[i] = LM_NONE;
    p->columns = in->places;
    for (int32_t c = 0; c < in->classes; c++) {
        Class *k = &p->class_list[c];
        k->given = in->class_list[c];
        k->start_place = column_for(starts, k->given.start, &p->columns);
        k->end_place = column_for(ends, k->given.end, &p->columns);
        k->reload_place = k->given.reload_place;
        k->time_priced = k->given.per_s || k->given.overtime_per_s || p->unfair_per_s ||
                         k->given.max_duration < LM_NEVER;
        k->ground = ground_of(p, c);
        if (k->given.kind != in->class_list[0].kind || k->given.per_m != in->class_list[0].per_m)
            p->alike = false;
        if (k->given.break_count || k->given.reload_times) p->plain = false;
        if (k->given.reload_times) p->reloads = true;
        p->rests = max32(p->rests, k->given.break_count);
    }
    free(starts);
    free(ends);
    return true;
}

/* The place behind a column; LM_NONE for open ends. */
static void fill_sources(const lm_problem *p, const lm_input *in, int32_t *source, uint8_t *role) {
    for (int32_t i = 0; i < in->places; i++) { source[i] = i; role[i] = 0; }
    for (int32_t c = 0; c < in->classes; c++) {
        const Class *k = &p->class_list[c];
        source[k->start_place] = k->given.start;
        role[k->start_place] = 1;
        source[k->end_place] = k->given.end;
        role[k->end_place] = 2;
    }
}

/* Both matrices with setup; true if they are the same there and back. */
static bool fill_roads(const lm_problem *p, const lm_input *in, int32_t kind, int32_t *source, uint8_t *role) {
    const size_t e = (size_t)p->columns, n = (size_t)in->places;
    const int32_t *metres = in->distance[kind], *seconds = in->duration[kind];
    Roads *r = &p->roads[kind];
    bool even = true;
    fill_sources(p, in, source, role);
    for (size_t i = 0; i < e; i++)
        for (size_t j = 0; j < e; j++) {
            const int32_t a = source[i], b = source[j];
            const bool known = a != LM_NONE && b != LM_NONE;
            const size_t at = known ? (size_t)a * n + (size_t)b : 0;
            const bool pays = role[j] == 0 && !(role[i] == 0 && a == b);
            r->metres[i * e + j] = known ? metres[at] : 0;
            r->seconds[i * e + j] = (known ? seconds[at] : 0) + (pays ? in->setup[b] : 0);
        }
    for (size_t i = 0; i < e && even; i++)
        for (size_t j = 0; j < i && even; j++)
            even = r->metres[i * e + j] == r->metres[j * e + i] &&
                   r->seconds[i * e + j] == r->seconds[j * e + i];
    return even;
}

/* A transposed copy; NULL when memory is short. */
static int32_t *turned(const int32_t *matrix, size_t e) {
    int32_t *made = malloc(sizeof(int32_t) * e * e);
    for (size_t i = 0; made && i < e; i++)
        for (size_t j = 0; j < e; j++) made[j * e + i] = matrix[i * e + j];
    return made;
}

static bool lay_roads(lm_problem *p, const lm_input *in, int32_t kind) {
    const size_t e = (size_t)p->columns;
    int32_t *source = malloc(sizeof(int32_t) * e);
    uint8_t *role = malloc(e);
    Roads *r = &p->roads[kind];
    r->metres = malloc(sizeof(int32_t) * e * e);
    r->seconds = malloc(sizeof(int32_t) * e * e);
    const bool made = source && role && r->metres && r->seconds;
    const bool even = made && fill_roads(p, in, kind, source, role);
    free(source);
    free(role);
    if (!made) return false;
    if (memcmp(r->metres, r->seconds, sizeof(int32_t) * e * e) == 0) {
        free(r->seconds);
        r->seconds = r->metres;
    }
    r->metres_to = even ? r->metres : turned(r->metres, e);
    if (r->seconds == r->metres) r->seconds_to = r->metres_to;
    else r->seconds_to = even ? r->seconds : turned(r->seconds, e);
    return r->metres_to && r->seconds_to;
}

static void place_spots(lm_problem *p, const lm_input *in) {
    for (int32_t i = 0; i < in->nodes; i++) {
        const int32_t first = in->window_first[i], last = in->window_first[i + 1] - 1;
        const int32_t job = in->node_job[i], role = in->node_role[i];
        p->spot[i] = (Spot){in->node_place[i], in->window_earliest[first], in->window_latest[last],
                            in->node_service[i], job, role};
        if (in->node_due[i] < LM_NEVER) p->soft = true;
        if (first != last || in->node_due[i] < LM_NEVER) p->plain = false;
        for (int32_t k = 0; k < LM_DIMS; k++) {
            const int32_t size = in->node_load[i * LM_DIMS + k];
            p->load[i * LM_DIMS + k] = role == LM_PICKUP ? size : -size;
        }
        if (role == LM_LOADED && in->job_release[job] > 0) p->plain = false;
        if (role == LM_PICKUP) p->pairs = true;
    }
    for (int32_t v = 0; v < in->vehicles; v++) {
        const Class *c = class_of(p, v);
        const int32_t from = c->given.shift_earliest, to = c->given.shift_latest;
        p->spot[start_of(p, v)] = (Spot){c->start_place, from, to, 0, LM_NONE, LM_NONE};
        p->spot[end_of(p, v)] = (Spot){c->end_place, from, to, 0, LM_NONE, LM_NONE};
        for (int32_t i = p->reload_first[v]; i < p->reload_first[v + 1]; i++)
            p->spot[i] = (Spot){c->reload_place, 0, LM_NEVER, c->given.reload_service, LM_NONE,
                                LM_NONE};
    }
}

/* What decides the order in which jobs are put back. */
static void measure_jobs(lm_problem *p, const lm_input *in) {
    for (int32_t j = 0; j < p->jobs; j++) {
        const int32_t node = p->dropoff[j];
        int64_t near = INT64_MAX, size = 0;
        for (int32_t c = 0; c < p->classes; c++) {
            const Class *k = &p->class_list[c];
            const size_t at = (size_t)k->start_place * (size_t)p->columns + (size_t)p->spot[node].place;
            const int64_t far = roads_of(p, k)->metres[at];
            if (far < near) near = far;
            for (int32_t d = 0; d < LM_DIMS; d++) {
                const int64_t load = in->node_load[node * LM_DIMS + d], room = k->given.capacity[d];
                if (room > 0 && load * 1000000 / room > size) size = load * 1000000 / room;
            }
        }
        p->job_far[j] = near;
        p->job_size[j] = size;
    }
}

static bool copy_input(lm_problem *p, const lm_input *in) {
    const size_t jobs = (size_t)in->jobs, spots = (size_t)in->nodes, cars = (size_t)in->vehicles;
    const size_t windows = (size_t)in->window_first[in->nodes];
    size_t rests = 0;
    for (int32_t c = 0; c < in->classes; c++) {
        const size_t last = (size_t)(in->class_list[c].break_first + in->class_list[c].break_count);
        if (last > rests) rests = last;
    }
    p->window_first = copy(in->window_first, spots + 1, sizeof(int32_t));
    p->window_earliest = copy(in->window_earliest, windows, sizeof(int32_t));
    p->window_latest = copy(in->window_latest, windows, sizeof(int32_t));
    p->due = copy(in->node_due, spots, sizeof(int32_t));
    p->late_per_s = copy(in->node_late_per_s, spots, sizeof(int64_t));
    p->pickup = copy(in->job_pickup, jobs, sizeof(int32_t));
    p->dropoff = copy(in->job_dropoff, jobs, sizeof(int32_t));
    p->release = copy(in->job_release, jobs, sizeof(int32_t));
    p->planned = copy(in->job_planned, jobs, sizeof(int32_t));
    p->penalty = copy(in->job_penalty, jobs, sizeof(int64_t));
    p->change_cost = copy(in->job_change_cost, jobs, sizeof(int64_t));
    p->allowed = copy(in->job_allowed, jobs * (size_t)in->classes, 1);
    p->vehicle_class = copy(in->vehicle_class, cars, sizeof(int32_t));
    p->frozen_first = copy(in->frozen_first, cars + 1, sizeof(int32_t));
    p->frozen_node = copy(in->frozen_node, (size_t)in->frozen_first[cars], sizeof(int32_t));
    p->break_earliest = copy(in->break_earliest, rests, sizeof(int32_t));
    p->break_latest = copy(in->break_latest, rests, sizeof(int32_t));
    p->break_duration = copy(in->break_duration, rests, sizeof(int32_t));
    p->job_far = malloc(sizeof(int64_t) * jobs + 1);
    p->job_size = malloc(sizeof(int64_t) * jobs + 1);
    p->class_list = malloc(sizeof(Class) * (size_t)in->classes + 1);
    p->reload_first = malloc(sizeof(int32_t) * (cars + 1));
    p->roads = calloc((size_t)in->kinds + 1, sizeof(Roads));
    return p->window_first && p->window_earliest && p->window_latest && p->due && p->late_per_s &&
           p->pickup && p->dropoff && p->release && p->planned && p->penalty && p->change_cost &&
           p->allowed && p->vehicle_class && p->frozen_first && p->frozen_node &&
           p->break_earliest && p->break_latest && p->break_duration && p->job_far && p->job_size &&
           p->class_list && p->reload_first && p->roads;
}

static bool prices_changes(const lm_input *in) {
    for (int32_t j = 0; j < in->jobs; j++)
        if (in->job_planned[j] != LM_NONE && in->job_change_cost[j]) return true;
    return false;
}

static bool build(lm_problem *p, const lm_input *in) {
    p->places = in->places;
    p->spots = in->nodes;
    p->jobs = in->jobs;
    p->classes = in->classes;
    p->vehicles = in->vehicles;
    p->kinds = in->kinds;
    p->fair_share = in->fair_share;
    p->unfair_per_s = in->unfair_per_s;
    p->plain = p->alike = p->anyone = true;
    p->picky = in->classes > 1 || prices_changes(in);
    if (!copy_input(p, in) || !lay_out_classes(p, in)) return false;
    for (size_t i = 0; i < (size_t)p->jobs * (size_t)p->classes; i++) p->anyone &= p->allowed[i] != 0;
    for (int32_t j = 0; j < p->jobs; j++) p->replanned |= p->planned[j] != LM_NONE;
    p->nodes = p->spots + 2 * p->vehicles;
    for (int32_t v = 0; v < p->vehicles; v++) {
        p->reload_first[v] = p->nodes;
        p->nodes += class_of(p, v)->given.reload_times;
    }
    p->reload_first[p->vehicles] = p->nodes;
    p->spot = malloc(sizeof(Spot) * (size_t)p->nodes + 1);
    p->load = calloc((size_t)p->nodes * LM_DIMS + 1, sizeof(int32_t));
    if (!p->spot || !p->load) return false;
    for (int32_t k = 0; k < p->kinds; k++)
        if (!lay_roads(p, in, k)) return false;
    place_spots(p, in);
    measure_jobs(p, in);
    return find_neighbours(p);
}

lm_problem *lm_prepare(const lm_input *input) {
    lm_problem *p = calloc(1, sizeof *p);
    if (p && !build(p, input)) {
        lm_release(p);
        p = NULL;
    }
    return p;
}

void lm_release(lm_problem *p) {
    if (!p) return;
    for (int32_t k = 0; p->roads && k < p->kinds; k++) {
        Roads *r = &p->roads[k];
        if (r->seconds_to != r->seconds && r->seconds_to != r->metres_to) free(r->seconds_to);
        if (r->metres_to != r->metres) free(r->metres_to);
        if (r->seconds != r->metres) free(r->seconds);
        free(r->metres);
    }
    void *const arrays[] = {
        p->roads, p->spot, p->load, p->window_first, p->window_earliest, p->window_latest, p->due,
        p->late_per_s, p->pickup, p->dropoff, p->release, p->planned, p->penalty, p->change_cost,
        p->allowed, p->class_list, p->vehicle_class, p->reload_first, p->frozen_first,
        p->frozen_node, p->break_earliest, p->break_latest, p->break_duration, p->before, p->after,
        p->near, p->job_size, p->job_far};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    free(p);
}
