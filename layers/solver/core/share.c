/* One route shared out among several vehicles, where vehicles differ: the order of stops stays, and
 * the cheapest cuts and classes are found by dynamic programming.
 *
 * Source: Prins 2004, "A simple and effective evolutionary algorithm for the vehicle routing
 * problem" (Split), with a choice of vehicles for each part as in Prins 2009, "Two memetic algorithms
 * for heterogeneous fleet vehicle routing problems". Small steps cannot get there: each job that
 * leaves a large vehicle for a small one pays for the small one alone. */
#include "core.h"

#define MOST_CLASSES 64

/* The part of a tour that begins at stop `first` and has come as far as its last stop. */
typedef struct {
    int32_t load[LM_DIMS];
    int32_t jobs, free;
    int64_t metres;       /* without the way back */
    Stretch time;         /* with it missing, too */
    uint64_t classes;     /* that may take every job so far */
} Part;

static size_t leg(const lm_problem *p, int32_t from, int32_t to) {
    return (size_t)from * (size_t)p->columns + (size_t)to;
}

/* Add a stop to the part; false if no vehicle gets there in time. */
static bool extend(const Search *s, const Class *c, Part *part, int32_t from, int32_t node) {
    const lm_problem *p = s->p;
    const Spot *spot = &p->spot[node];
    const Roads *roads = roads_of(p, c);
    const size_t in = leg(p, from, spot->place);
    const int32_t start = max32(spot->earliest, part->free + roads->seconds[in]);
    if (start > spot->latest) return false;
    part->free = start + spot->service;
    part->metres += roads->metres[in];
    part->jobs++;
    for (int32_t d = 0; d < LM_DIMS; d++) part->load[d] -= p->load[node * LM_DIMS + d];
    const Stretch here = {spot->service, spot->earliest, spot->latest};
    if (c->time_priced) part->time = join(part->time, here, roads->seconds[in]);
    for (int32_t k = 0; !p->anyone && k < p->classes; k++)
        if (!p->allowed[spot->job * p->classes + k]) part->classes &= ~((uint64_t)1 << k);
    return true;
}

static bool has_room_for(const lm_class *c, const Part *part, int64_t metres) {
    for (int32_t d = 0; d < LM_DIMS; d++)
        if (part->load[d] > c->capacity[d]) return false;
    return part->jobs <= c->max_jobs && metres <= c->max_distance;
}

/* The least cost of the part, ending at `last`, and its class; BROKEN if it cannot end there. What
 * any class has room for so far goes to `fits`. */
static int64_t price_part(const Search *s, const Class *own, const Part *part, int32_t last,
                          int32_t *chosen, bool *fits) {
    const lm_problem *p = s->p;
    const Spot *spot = &p->spot[last];
    const Roads *roads = roads_of(p, own);
    const size_t out = leg(p, spot->place, own->end_place);
    const int64_t metres = part->metres + roads->metres[out];
    int64_t least = BROKEN, lasting = 0;
    *fits = false;
    if (own->time_priced) {
        const Stretch end = {0, own->given.shift_earliest, own->given.shift_latest};
        lasting = duration_cost(p, own, join(part->time, end, roads->seconds[out]).duration);
    }
    const bool ends = lasting != NO_COST && part->free + roads->seconds[out] <= own->given.shift_latest;
    for (int32_t k = 0; k < p->classes; k++) {
        const Class *c = &p->class_list[k];
        if (c->ground != own->ground) continue;
        if (!(part->classes >> k & 1) || !has_room_for(&c->given, part, metres)) continue;
        *fits = true;
        const int64_t cost = c->given.fixed + c->given.per_m * metres + lasting;
        if (!ends || cost >= least) continue;
        least = cost;
        *chosen = k;
    }
    return least;
}

/* Every part that begins at stop `first`, as a way to the stops after it. */
static void cut_from(Search *s, const Class *own, int32_t first, int32_t count) {
    int64_t *best = s->order_key;
    const int32_t *tour = s->sequence;
    Part part = {.free = own->given.shift_earliest, .classes = ~(uint64_t)0,
                 .time = {0, own->given.shift_earliest, own->given.shift_latest}};
    int32_t place = own->start_place;
    bool fits = true;
    for (int32_t k = first; k < count && fits; k++) {
        int32_t chosen = LM_NONE;
        if (!extend(s, own, &part, place, tour[k])) return;
        const int64_t cost = price_part(s, own, &part, tour[k], &chosen, &fits);
        place = s->p->spot[tour[k]].place;
        if (cost >= BROKEN || best[first] + cost >= best[k + 1]) continue;
        best[k + 1] = best[first] + cost;
        s->order[k + 1] = first;
        s->trial[k + 1] = chosen;
    }
}

/* Are there enough spare vehicles, with those of the `routes` themselves? */
static bool has_vehicles(Search *s, const int32_t *routes, int32_t many, int32_t count) {
    const int32_t *of = s->p->vehicle_class;
    bool enough = true;
    for (int32_t r = 0; r < many; r++) s->idle_count[of[routes[r]]]++;
    for (int32_t at = count; at > 0; at = s->order[at]) s->idle_count[s->trial[at]]--;
    for (int32_t at = count; at > 0; at = s->order[at]) enough &= s->idle_count[s->trial[at]] >= 0;
    for (int32_t at = count; at > 0; at = s->order[at]) s->idle_count[s->trial[at]]++;
    for (int32_t r = 0; r < many; r++) s->idle_count[of[routes[r]]]--;
    return enough;
}

static void move_parts(Search *s, const int32_t *routes, int32_t many, int32_t count) {
    const lm_problem *p = s->p;
    for (int32_t k = 0; k < count; k++) take_out(s, p->spot[s->sequence[k]].job);
    for (int32_t r = 0; r < many; r++) refresh(s, routes[r]);
    for (int32_t at = count; at > 0; at = s->order[at]) {
        const int32_t to = spare_of(s, s->trial[at]);
        int32_t last = start_of(p, to);
        for (int32_t k = s->order[at]; k < at; k++) {
            Spot_found where = {0, to, last, LM_NONE, 0, 0};
            put_in(s, p->spot[s->sequence[k]].job, &where);
            last = s->sequence[k];
        }
    }
}

/* Share routes out anew, one after the other as if they were one, if that is cheaper. They begin and
 * end alike, are all of them free to change their vehicles, and carry no pairs. */
bool share_out(Search *s, const int32_t *routes, int32_t many) {
    const lm_problem *p = s->p;
    const Class *first = class_of(p, routes[0]);
    int64_t now = 0;
    int32_t count = 0;
    if (p->classes > MOST_CLASSES || p->replanned || !p->plain || p->pairs) return false;
    for (int32_t r = 0; r < many; r++) {
        count += read_tour(s, routes[r], s->sequence + count);
        now += s->route[routes[r]].cost;
    }
    s->order_key[0] = 0;
    for (int32_t k = 1; k <= count; k++) s->order_key[k] = BROKEN;
    for (int32_t k = 0; k < count; k++)
        if (s->order_key[k] < BROKEN) cut_from(s, first, k, count);
    if (s->order_key[count] >= now || !has_vehicles(s, routes, many, count)) return false;
    move_parts(s, routes, many, count);
    return true;
}
