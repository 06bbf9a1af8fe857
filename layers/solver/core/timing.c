/* What a tour costs, by the full rules: several windows, breaks, reloads, releases, lateness.
 *
 * Each stop as early as possible, then the start as late as the end allows; chalicelib's schedule.py
 * times tours by the same rule. Breaks are a choice of gaps: the earliest time after every stop is
 * kept for each number of breaks taken, and earlier is never worse. */
#include <stdlib.h>
#include "clock.h"

typedef struct {
    const lm_problem *p;
    const Class *c;
    const Roads *roads;
    const int32_t *tour;
    int32_t count, rests;
    int32_t *start;    /* (count, rests + 1): when handling begins with so many breaks taken */
    int32_t *before;   /* how many of them were taken before this gap */
} Walk;

static bool reloads_at(const Walk *w, int32_t k) {
    return w->tour[k] < 0 || is_reload(w->p, w->tour[k]);
}

static int32_t place_at(const Walk *w, int32_t k) {
    if (k < 0) return w->c->start_place;
    if (k == w->count) return w->c->end_place;
    return reloads_at(w, k) ? w->c->reload_place : w->p->spot[w->tour[k]].place;
}

static size_t leg_at(const Walk *w, int32_t k) {
    return (size_t)place_at(w, k - 1) * (size_t)w->p->columns + (size_t)place_at(w, k);
}

static int32_t service_at(const Walk *w, int32_t k) {
    return reloads_at(w, k) ? w->c->given.reload_service : w->p->spot[w->tour[k]].service;
}

/* The release of the trip that begins before stop k. */
static int32_t release_from(const Walk *w, int32_t k) {
    int32_t release = 0;
    for (; k < w->count && !reloads_at(w, k); k++) {
        const Spot *spot = &w->p->spot[w->tour[k]];
        if (spot->role == LM_LOADED) release = max32(release, w->p->release[spot->job]);
    }
    return release;
}

static bool loads_fit(const Walk *w) {
    const lm_problem *p = w->p;
    int64_t aboard[LM_DIMS] = {0};
    int32_t jobs = 0, reloads = 0;
    for (int32_t k = -1; k < w->count; k++) {
        if (k < 0 || reloads_at(w, k)) {
            reloads += k >= 0;
            for (int32_t i = k + 1; i < w->count && !reloads_at(w, i); i++)
                if (p->spot[w->tour[i]].role == LM_LOADED)
                    for (int32_t d = 0; d < LM_DIMS; d++)
                        aboard[d] -= p->load[w->tour[i] * LM_DIMS + d];
        } else {
            for (int32_t d = 0; d < LM_DIMS; d++) aboard[d] += p->load[w->tour[k] * LM_DIMS + d];
            jobs += p->spot[w->tour[k]].role != LM_PICKUP;
        }
        for (int32_t d = 0; d < LM_DIMS; d++)
            if (aboard[d] > w->c->given.capacity[d]) return false;
    }
    return jobs <= w->c->given.max_jobs && reloads <= w->c->given.reload_times;
}

static int32_t free_after(const Walk *w, int32_t k, int32_t taken) {
    if (k < 0) return taken ? LATE : max32(w->c->given.shift_earliest, release_from(w, 0));
    const int32_t start = w->start[k * (w->rests + 1) + taken];
    if (start == LATE) return LATE;
    const int32_t done = start + service_at(w, k);
    return reloads_at(w, k) ? max32(done, release_from(w, k + 1)) : done;
}

static bool is_within_visit(const Walk *w, int32_t k) {
    return k > 0 && k < w->count && !reloads_at(w, k - 1) && !reloads_at(w, k) &&
           is_one_visit(w->p, w->tour[k - 1], w->tour[k]);
}

/* Earliest arrival at stop k (or the end) with `taken` breaks behind, and how many of them were
 * taken before the gap. */
static int32_t arrive(const Walk *w, int32_t k, int32_t taken, int32_t *before) {
    int32_t best = LATE;
    const int32_t fewest = is_within_visit(w, k) ? taken : 0;
    for (int32_t b = taken; b >= fewest; b--) {
        const int32_t at = free_after(w, k - 1, b);
        if (at == LATE) continue;
        const int32_t arrival = cross(w->p, w->c, at, w->roads->seconds[leg_at(w, k)], b, taken, k == 0);
        if (arrival < best) { best = arrival; *before = b; }
    }
    return best;
}

static void go_forward(Walk *w) {
    for (int32_t k = 0; k < w->count; k++)
        for (int32_t b = 0; b <= w->rests; b++) {
            const int32_t at = k * (w->rests + 1) + b;
            w->before[at] = 0;
            const int32_t arrival = arrive(w, k, b, &w->before[at]);
            w->start[at] = arrival == LATE || reloads_at(w, k)
                               ? arrival
                               : next_opening(w->p, w->tour[k], arrival);
        }
}

/* The earliest end, breaks taken by then, and those taken before the last gap. A break that is left
 * must not have been due. */
static int32_t find_end(const Walk *w, int32_t *taken, int32_t *before) {
    int32_t best = LATE;
    for (int32_t b = 0; b <= w->rests; b++) {
        int32_t earlier = 0;
        const int32_t end = arrive(w, w->count, b, &earlier);
        if (end > end_by(w->p, w->c, b) || end >= best) continue;
        best = end;
        *taken = b;
        *before = earlier;
    }
    return best;
}

/* When to leave, to cross the first gap by then: as many of its breaks as possible are slept through
 * at home. */
static int32_t leave_by(const Walk *w, int32_t by, int32_t leg, int32_t taken) {
    for (int32_t home = taken; home > 0; home--) {
        const int32_t at = cross_back(w->p, w->c, by, leg, home, taken);
        if (at >= over_at_home(w->p, w->c, home - 1)) return at;
    }
    return cross_back(w->p, w->c, by, leg, 0, taken);
}

/* When to leave the start, and what comes late on the way there. */
static int32_t leave(const Walk *w, int32_t end, int32_t taken, int32_t before, int64_t *lateness) {
    int32_t by = end;
    for (int32_t k = w->count; k > 0; k--) {
        by = cross_back(w->p, w->c, by, w->roads->seconds[leg_at(w, k)], before, taken);
        const int32_t at = (k - 1) * (w->rests + 1) + before, start = w->start[at];
        const int32_t latest = by - service_at(w, k - 1);
        if (reloads_at(w, k - 1)) {
            by = max32(start, latest);
        } else {
            const int32_t node = w->tour[k - 1], due = w->p->due[node];
            by = last_opening(w->p, node, min32(latest, max32(start, due)), start);
            if (start > due) *lateness += w->p->late_per_s[node] * (start - due);
        }
        taken = before;
        before = w->before[at];
    }
    by = leave_by(w, by, w->roads->seconds[leg_at(w, 0)], taken);
    return max32(by, free_after(w, -1, 0));
}

static int64_t price(Walk *w, int32_t vehicle) {
    const lm_problem *p = w->p;
    int64_t metres = 0, lateness = 0, changes = 0;
    int32_t taken = 0, before = 0;
    for (int32_t k = 0; k <= w->count; k++) metres += w->roads->metres[leg_at(w, k)];
    if (metres > w->c->given.max_distance) return -1;
    go_forward(w);
    const int32_t end = find_end(w, &taken, &before);
    if (end == LATE) return -1;
    const int64_t lasting = duration_cost(p, w->c, end - leave(w, end, taken, before, &lateness));
    if (lasting == NO_COST) return -1;
    for (int32_t k = 0; k < w->count; k++) {
        if (reloads_at(w, k) || p->spot[w->tour[k]].role == LM_PICKUP) continue;
        changes += change_cost(p, p->spot[w->tour[k]].job, vehicle);
    }
    return w->c->given.fixed + w->c->given.per_m * metres + lasting + lateness + changes;
}

#define SHORT_WALK 1024

int64_t tour_cost(const lm_problem *p, int32_t vehicle, const int32_t *tour, int32_t count) {
    if (!count) return 0;
    const Class *c = class_of(p, vehicle);
    int32_t little[2 * SHORT_WALK];
    Walk w = {p, c, roads_of(p, c), tour, count, c->given.break_count, little, little + SHORT_WALK};
    if (!loads_fit(&w)) return -1;
    const size_t needed = (size_t)count * (size_t)(w.rests + 1);
    int32_t *large = NULL;
    if (needed > SHORT_WALK) {
        large = malloc(2 * needed * sizeof(int32_t));
        if (!large) return -1;
        w.start = large;
        w.before = large + needed;
    }
    const int64_t cost = price(&w, vehicle);
    free(large);
    return cost;
}

int64_t lm_tour_cost(const lm_problem *p, int32_t vehicle, const int32_t *tour, int32_t count) {
    for (int32_t k = 0; k < count; k++)
        if (tour[k] >= 0 && !p->allowed[p->spot[tour[k]].job * p->classes + p->vehicle_class[vehicle]])
            return -1;
    return tour_cost(p, vehicle, tour, count);
}
