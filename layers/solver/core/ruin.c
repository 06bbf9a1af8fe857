/* Which jobs leave their routes: strings of neighbouring stops in neighbouring routes.
 *
 * Source: Christiaens & Vanden Berghe 2020, "Slack Induction by String Removals for Vehicle Routing
 * Problems", sections 5.1 and 5.2 and algorithm 2, with its average and longest removals. */
#include <string.h>
#include "core.h"

#define AVERAGE_REMOVED 10
#define LONGEST_STRING 10
#define SPLIT_IN_100 50   /* how many strings of a hundred keep some of their stops */
#define KEEP_ON_IN_100 1  /* chance to keep yet another one (the paper's beta) */
#define WHOLE_IN_1000 60  /* steps in which one whole route leaves */
#define WHOLE_SHARE 4     /* unless it is more than this part of the plan */
#define DIVIDED_IN_1000 20 /* steps before which one route is divided */
#define MOST_ABSENT 10    /* of those left out before, tried again at once */
#define GATHERED_IN_1000 20 /* steps in which an absent job gets a vehicle, and many others with it */
#define MANY_ABSENT 100
#define NEAR_IN_100 70    /* chance of an absent job near the seed */

static bool is_absent(const Search *s, int32_t job) {
    const int32_t at = s->absent_at[job];
    return at != LM_NONE && at < s->absent_count && s->absent[at] == job;
}

static bool may_leave(const Search *s, int32_t node) {
    return node < s->p->spots && !s->node[node].held;
}

/* The longest string that may be cut out of a route that holds `node`, as stops before and after. */
static int32_t stretch_around(const Search *s, int32_t node, int32_t length, int32_t *first, uint64_t *rng) {
    int32_t back = 0, ahead = 0, i = node;
    while (back < length - 1 && may_leave(s, s->node[i].prev)) { i = s->node[i].prev; back++; }
    const int32_t leftmost = i;
    i = node;
    while (ahead < length - 1 && may_leave(s, s->node[i].next)) { i = s->node[i].next; ahead++; }
    const int32_t whole = back + 1 + ahead, taken = min32(length, whole);
    /* Any window of `taken` stops that holds the node. */
    const int32_t low = max32(0, back - taken + 1), high = min32(back, whole - taken);
    int32_t skip = low + draw_below(rng, high - low + 1);
    for (*first = leftmost; skip > 0; skip--) *first = s->node[*first].next;
    return taken;
}

static int32_t remove_string(Search *s, int32_t node, int32_t length, int32_t count) {
    const int32_t vehicle = s->node[node].route;
    int32_t first, kept = 0;
    const int32_t most = s->route[vehicle].stops;
    if (length > 1 && length < most && draw_below(s->rng, 100) < SPLIT_IN_100) {
        kept = 1;
        while (length + kept < most && draw_below(s->rng, 100) < KEEP_ON_IN_100) kept++;
    }
    int32_t taken = stretch_around(s, node, length + kept, &first, s->rng);
    kept = min32(kept, taken - 1);
    const int32_t keep_from = kept > 0 ? draw_below(s->rng, taken - kept + 1) : taken;
    int32_t jobs[2 * LONGEST_STRING + 200];
    int32_t found = 0;
    for (int32_t k = 0, i = first; k < taken; k++, i = s->node[i].next)
        if (k < keep_from || k >= keep_from + kept) jobs[found++] = s->p->spot[i].job;
    for (int32_t k = 0; k < found; k++)
        if (s->node[s->p->dropoff[jobs[k]]].route != LM_NONE) {
            take_out(s, jobs[k]);
            s->order[count++] = jobs[k];
        }
    return count;
}

/* All that may leave the route of `node`: strings of ten never empty a long one, so that the search
 * would keep its number of routes. */
static int32_t remove_route(Search *s, int32_t node, int32_t count) {
    const int32_t stops = read_tour(s, s->node[node].route, s->sequence);
    for (int32_t k = 0; k < stops; k++) {
        const int32_t stop = s->sequence[k];
        if (!may_leave(s, stop) || s->p->spot[stop].role == LM_PICKUP) continue;
        take_out(s, s->p->spot[stop].job);
        s->order[count++] = s->p->spot[stop].job;
    }
    return count;
}

/* From a stop on, an unused vehicle of the class drives the route. That alone never pays, but no single
 * stop seems worth a vehicle, so that one more route would hardly ever come about. */
static void divide_route(Search *s, int32_t node) {
    const int32_t vehicle = s->node[node].route;
    if (vehicle == LM_NONE || s->node[node].prev == start_of(s->p, vehicle)) return;
    const int32_t other = spare_of(s, s->p->vehicle_class[vehicle]);
    if (other == LM_NONE) return;
    const int32_t count = read_tour(s, vehicle, s->sequence);
    int32_t first = 0;
    while (s->sequence[first] != node) first++;
    memcpy(s->trial, s->sequence + first, (size_t)(count - first) * sizeof(int32_t));
    lay_route(s, vehicle, s->sequence, first);
    lay_route(s, other, s->trial, count - first);
}

static bool takes_whole(Search *s, int32_t node) {
    const int32_t vehicle = s->node[node].route;
    return draw_below(s->rng, 1000) < WHOLE_IN_1000 && vehicle != LM_NONE &&
           s->route[vehicle].stops <= s->stops / WHOLE_SHARE;
}

static int32_t remove_strings(Search *s, int32_t seed) {
    const lm_problem *p = s->p;
    const int32_t average = max32(1, s->stops / max32(1, s->used));
    const int32_t longest = min32(LONGEST_STRING, average);
    /* 1 + floor(U(0, k)) with k = 4 c / (1 + l) - 1, in thousandths */
    const int32_t most_strings = 4000 * AVERAGE_REMOVED / (1 + longest) - 1000;
    int32_t strings = 1 + draw_below(s->rng, max32(1, most_strings)) / 1000, count = 0;
    const int32_t *near = p->near + (size_t)seed * (size_t)p->around;
    s->stamp_now++;
    for (int32_t i = -1; i < p->around && strings > 0; i++) {
        const int32_t node = i < 0 ? seed : near[i], vehicle = s->node[node].route;
        if (vehicle == LM_NONE || s->node[node].held || s->stamp[vehicle] == s->stamp_now) continue;
        s->stamp[vehicle] = s->stamp_now;
        const int32_t most = min32(longest, s->route[vehicle].stops);
        count = remove_string(s, node, 1 + draw_below(s->rng, most), count);
        strings--;
    }
    return count;
}

/* Swap a job to the front of the list of absent ones, behind `k` others. */
static void to_front(Search *s, int32_t k, int32_t job) {
    const int32_t at = s->absent_at[job], other = s->absent[k];
    s->absent[k] = job;
    s->absent[at] = other;
    s->absent_at[job] = k;
    s->absent_at[other] = at;
}

/* A new route is worth its way with many stops, and with none of the first ones: now and then the seed
 * gets a vehicle whatever that costs, before its neighbours go in where that is worth it. */
static bool gathers_around(Search *s, int32_t seed, int32_t absent_before) {
    const int32_t job = s->p->spot[seed].job;
    if (absent_before <= MOST_ABSENT || !s->p->plain || s->p->pairs) return false;
    if (draw_below(s->rng, 1000) >= GATHERED_IN_1000) return false;
    if (!is_absent(s, job) || s->absent_at[job] >= absent_before) return false;
    /* The last one of those that were absent before takes its place among them. */
    to_front(s, absent_before - 1, job);
    return open_route(s, job);
}

/* Of the jobs that were absent before, which are the list's first ones, some go in again: those near
 * the seed, most of them, because together they may be worth a detour or a vehicle; then any. */
static int32_t add_absent(Search *s, int32_t seed, int32_t count, int32_t absent_before) {
    const lm_problem *p = s->p;
    const bool gathers = gathers_around(s, seed, absent_before);
    if (gathers) absent_before--;
    const int32_t wanted = min32(absent_before, gathers ? MANY_ABSENT : MOST_ABSENT);
    const int32_t *near = p->near + (size_t)seed * (size_t)p->around;
    int32_t k = 0;
    for (int32_t i = -1; absent_before > wanted && i < p->around && k < wanted; i++) {
        const int32_t node = i < 0 ? seed : near[i], job = p->spot[node].job;
        if (s->node[node].route != LM_NONE || s->absent_at[job] < k) continue;
        if (!is_absent(s, job) || s->absent_at[job] >= absent_before) continue;
        if (draw_below(s->rng, 100) >= NEAR_IN_100) continue;
        to_front(s, k++, job);
    }
    for (; k < wanted; k++) to_front(s, k, s->absent[k + draw_below(s->rng, absent_before - k)]);
    for (k = 0; k < wanted; k++) s->order[count++] = s->absent[k];
    return count;
}

/* Leave the removed jobs in `order` and return how many there are. */
int32_t ruin(Search *s) {
    const lm_problem *p = s->p;
    const int32_t absent_before = s->absent_count;
    const int32_t seed_job = s->jobs_list[draw_below(s->rng, s->jobs_count)];
    int32_t seed = p->dropoff[seed_job];
    if (p->pickup[seed_job] != LM_NONE && draw_below(s->rng, 2)) seed = p->pickup[seed_job];
    if (p->plain && !p->pairs && draw_below(s->rng, 1000) < DIVIDED_IN_1000) divide_route(s, seed);
    const int32_t count = takes_whole(s, seed) ? remove_route(s, seed, 0) : remove_strings(s, seed);
    for (int32_t t = 0; t < s->touched_count; t++) {
        const int32_t v = s->touched[t];
        if (!p->plain) drop_idle_reloads(s, v);
        refresh(s, v);
    }
    return add_absent(s, seed, count, absent_before);
}
