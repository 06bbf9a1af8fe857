/* A route under the full rules, read once so that an insertion is tried where it happens.
 *
 * After every stop: the clock, the load aboard, the price of lateness; before every stop: until when
 * one must arrive, for each number of breaks taken, so that the rest stays in time. Forward and
 * backward times for constant tests are Savelsbergh's (1992, "The vehicle routing problem with time
 * windows: minimizing route duration"); one value per number of breaks is ours. */
#include <stdlib.h>
#include <string.h>
#include "course.h"

bool allocate_courses(Search *s) {
    const lm_problem *p = s->p;
    if (p->plain) return true;
    const size_t nodes = (size_t)p->nodes + 1, width = (size_t)p->rests + 1;
    s->mark = malloc(nodes * sizeof(Mark));
    s->frees = malloc(nodes * width * sizeof(int32_t));
    s->bys = malloc(nodes * width * sizeof(int32_t));
    s->clocks = malloc(4 * width * sizeof(int32_t));
    s->least = malloc(nodes * sizeof(int32_t));
    s->course_version = calloc((size_t)p->vehicles + 1, sizeof(uint64_t));
    return s->mark && s->frees && s->bys && s->clocks && s->least && s->course_version;
}

void release_courses(Search *s) {
    void *const arrays[] = {s->mark, s->frees, s->bys, s->clocks, s->least,
                            s->course_version};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
}

/* From the end back: what a trip still has on board for later stops, and their release. */
static void read_rest(Search *s, int32_t vehicle) {
    const lm_problem *p = s->p;
    int32_t rest[LM_DIMS] = {0}, release = 0;
    for (int32_t i = end_of(p, vehicle); i != LM_NONE; i = s->node[i].prev) {
        Mark *m = &s->mark[i];
        memcpy(m->rest, rest, sizeof rest);
        m->release_after = release;
        if (is_reload(p, i)) {
            memset(rest, 0, sizeof rest);
            release = 0;
        } else if (p->spot[i].role == LM_LOADED) {
            for (int32_t d = 0; d < LM_DIMS; d++) rest[d] -= p->load[i * LM_DIMS + d];
            release = max32(release, p->release[p->spot[i].job]);
        }
    }
}

/* From the start on: trips, what is aboard, and the most that was aboard in the trip so far. */
static bool read_loads(Search *s, int32_t vehicle) {
    const lm_problem *p = s->p;
    const int32_t *capacity = class_of(p, vehicle)->given.capacity;
    const int32_t start = start_of(p, vehicle);
    int32_t aboard[LM_DIMS] = {0}, peak[LM_DIMS] = {0}, head = start, release = 0;
    bool fit = true;
    for (int32_t i = start; i != LM_NONE; i = s->node[i].next) {
        Mark *m = &s->mark[i];
        const bool begins = i == start || is_reload(p, i);
        if (begins) head = i, release = 0;
        else if (i < p->spots && p->spot[i].role == LM_LOADED)
            release = max32(release, p->release[p->spot[i].job]);
        for (int32_t d = 0; d < LM_DIMS; d++) {
            aboard[d] += begins ? m->rest[d] : p->load[i * LM_DIMS + d];
            peak[d] = begins ? aboard[d] : max32(peak[d], aboard[d]);
            fit &= aboard[d] <= capacity[d];
        }
        m->head = head;
        m->release_before = release;
        memcpy(m->aboard, aboard, sizeof aboard);
        memcpy(m->peak, peak, sizeof peak);
    }
    return fit;
}

static bool read_clock(Search *s, int32_t vehicle) {
    const lm_problem *p = s->p;
    const int32_t start = start_of(p, vehicle);
    Passage w = passage_in(s, vehicle, 0);
    const size_t size = (size_t)(w.rests + 1) * sizeof(int32_t);
    leave_start(&w, s->mark[start].release_after);
    bool alive = true;
    for (int32_t i = start; i != LM_NONE; i = s->node[i].next) {
        if (i != start) alive = advance(&w, i, s->mark[i].release_after);
        memcpy(s->frees + (size_t)i * (size_t)(p->rests + 1), w.frees, size);
        s->mark[i].late = w.late;
    }
    return alive;
}

/* Until when to be free after `node` with `taken` breaks, so that `next` is reached in time. */
static int32_t free_by(const Search *s, const Class *c, int32_t node, int32_t next, int32_t taken) {
    const lm_problem *p = s->p;
    const int32_t *by = deadlines_of(s, next), leg = s->node[node].seconds;
    const int32_t last = is_one_visit(p, node, next) ? taken : c->given.break_count;
    int32_t best = -1;
    for (int32_t b = taken; b <= last; b++) {
        if (by[b] < 0) continue;
        const int32_t at = cross_back(p, c, by[b], leg, taken, b);
        if (at > best && cross(p, c, at, leg, taken, b, false) <= by[b]) best = at;
    }
    return best;
}

static void read_deadlines(Search *s, int32_t vehicle) {
    const lm_problem *p = s->p;
    const Class *c = class_of(p, vehicle);
    const int32_t start = start_of(p, vehicle), end = end_of(p, vehicle);
    for (int32_t b = 0; b <= c->given.break_count; b++) deadlines_of(s, end)[b] = end_by(p, c, b);
    for (int32_t i = s->node[end].prev; i != start; i = s->node[i].prev)
        for (int32_t b = 0; b <= c->given.break_count; b++) {
            const int32_t by = free_by(s, c, i, s->node[i].next, b);
            int32_t *at = &deadlines_of(s, i)[b];
            if (!is_reload(p, i)) *at = last_opening(p, i, by - p->spot[i].service, -1);
            else *at = by < s->mark[i].release_after ? -1 : by - p->spot[i].service;
        }
}

/* Read all of a route; false if it cannot be driven. */
static bool read_course(Search *s, int32_t vehicle) {
    const lm_problem *p = s->p;
    const Class *c = class_of(p, vehicle);
    const int32_t end = end_of(p, vehicle), *at_end = clock_after(s, end);
    read_rest(s, vehicle);
    bool fit = read_loads(s, vehicle), ends = false;
    fit &= read_clock(s, vehicle);
    read_deadlines(s, vehicle);
    if (c->time_priced) read_stretches(s, vehicle);
    s->course_version[vehicle] = s->route[vehicle].version;
    for (int32_t b = 0; b <= c->given.break_count; b++) ends |= at_end[b] <= deadlines_of(s, end)[b];
    return fit && ends;
}

void know_course(Search *s, int32_t vehicle) {
    if (s->course_version[vehicle] != s->route[vehicle].version) read_course(s, vehicle);
}

/* What a route costs, and its course; BROKEN when it cannot be driven. */
int64_t course_cost(Search *s, int32_t vehicle) {
    const Class *c = class_of(s->p, vehicle);
    const Route *route = &s->route[vehicle];
    if (!read_course(s, vehicle)) return BROKEN;
    if (route->jobs > c->given.max_jobs || route->metres > c->given.max_distance) return BROKEN;
    if (!needs_full_timing(s->p, c))
        return c->given.fixed + c->given.per_m * route->metres + route->changes +
               s->mark[end_of(s->p, vehicle)].late;
    const int64_t cost = tour_cost(s->p, vehicle, s->sequence, read_tour(s, vehicle, s->sequence));
    return cost < 0 ? BROKEN : cost;
}
