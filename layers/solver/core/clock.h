/* The rules of one gap and one stop, which the full timing and the insertions share: chalicelib's
 * timing.py has the same ones.
 *
 * A clock is the earliest time for each number of breaks taken so far; earlier is never worse. */
#ifndef CLOCK_H
#define CLOCK_H

#include "core.h"

#define LATE (LM_NEVER * 2 - 1) /* cannot be reached in time */

/* When handling begins for who arrives at `at`. */
static inline int32_t next_opening(const lm_problem *p, int32_t node, int32_t at) {
    for (int32_t i = p->window_first[node]; i < p->window_first[node + 1]; i++)
        if (at <= p->window_latest[i]) return max32(at, p->window_earliest[i]);
    return LATE;
}

/* The latest moment until `by` that lies in a window; `floor` if there is none. */
static inline int32_t last_opening(const lm_problem *p, int32_t node, int32_t by, int32_t floor) {
    for (int32_t i = p->window_first[node + 1] - 1; i >= p->window_first[node]; i--)
        if (p->window_earliest[i] <= by) return max32(floor, min32(by, p->window_latest[i]));
    return floor;
}

/* When break `b` is over for whoever was at home when it became due, and leaves no sooner. */
static inline int32_t over_at_home(const lm_problem *p, const Class *c, int32_t b) {
    const int32_t i = c->given.break_first + b;
    return p->break_earliest[i] + p->break_duration[i];
}

/* Arrival over a gap of `leg` seconds, free at `at`, with breaks `from`..`to` - 1 in it. */
static inline int32_t cross(const lm_problem *p, const Class *c, int32_t at, int32_t leg,
                            int32_t from, int32_t to, bool first) {
    const int32_t base = c->given.break_first;
    /* Breaks that have begun before leaving are best slept through at home. */
    for (; first && from < to && at > p->break_earliest[base + from]; from++)
        at = max32(at, over_at_home(p, c, from));
    int32_t arrival = at + leg;
    for (int32_t b = base + from; b < base + to; b++) {
        const int32_t begins = max32(at, p->break_earliest[b]);
        if (begins > p->break_latest[b]) return LATE;
        at = begins + p->break_duration[b];
        arrival = max32(arrival, p->break_earliest[b]) + p->break_duration[b];
    }
    return arrival;
}

/* The latest time to be free before a gap that is not the first, so that it is crossed by `by`, if it
 * can be. */
static inline int32_t cross_back(const lm_problem *p, const Class *c, int32_t by, int32_t leg,
                                 int32_t from, int32_t to) {
    int32_t rest = 0, bound = LATE;
    for (int32_t b = c->given.break_first + from; b < c->given.break_first + to; b++) {
        bound = min32(bound, p->break_latest[b] - rest);
        rest += p->break_duration[b];
    }
    return min32(bound, by - leg - rest);
}

/* Has this end of a route, with so many breaks taken, a break that was due? It must end by then. */
static inline int32_t end_by(const lm_problem *p, const Class *c, int32_t taken) {
    if (taken == c->given.break_count) return c->given.shift_latest;
    return min32(c->given.shift_latest, p->break_latest[c->given.break_first + taken]);
}

/* Pickups in a row at one place are one visit, which no break divides. */
static inline bool is_one_visit(const lm_problem *p, int32_t a, int32_t b) {
    return p->spot[a].role == LM_PICKUP && p->spot[b].role == LM_PICKUP &&
           p->spot[a].place == p->spot[b].place;
}

#endif
