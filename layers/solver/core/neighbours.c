/* Which stops are near each other in space and time: lists that are made once per problem. */
#include <stdlib.h>
#include "core.h"

/* Waiting between two stops counts a fifth of driving, coming late counts fully: the weights of
 * Vidal et al. 2013, section 4.3 ("granular" search restricted to related customers). */
#define WAITING_WEIGHT 0.2
#define LATENESS_WEIGHT 1.0

typedef struct {
    double cost;
    int32_t node;
} Neighbour;

static int by_cost(const void *left, const void *right) {
    const Neighbour *a = left, *b = right;
    if (a->cost != b->cost) return a->cost < b->cost ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

/* How dear it is to go from one spot to the next: travel, waiting, lateness. */
static double nearness(const lm_problem *p, const Class *c, double per_s, int32_t a, int32_t b) {
    const Roads *r = roads_of(p, c);
    const Spot *from = &p->spot[a], *to = &p->spot[b];
    const size_t at = (size_t)from->place * (size_t)p->columns + (size_t)to->place;
    const int64_t taken = from->service + (int64_t)r->seconds[at];
    const int64_t wait = to->earliest - taken - from->latest, warp = from->earliest + taken - to->latest;
    return (double)(c->given.per_m ? c->given.per_m : 1) * (double)r->metres[at] +
           (double)c->given.per_s * (double)r->seconds[at] +
           per_s * (WAITING_WEIGHT * (double)(wait > 0 ? wait : 0) +
                    LATENESS_WEIGHT * (double)(warp > 0 ? warp : 0));
}

/* What a second of waiting is worth beside a metre of driving: as much as a second of driving. */
static double price_of_second(const lm_problem *p, const Class *c) {
    const Roads *r = roads_of(p, c);
    double metres = 0, seconds = 1;
    for (int32_t i = 0; i < p->places; i++)
        for (int32_t j = 0; j < p->places; j += 7) {
            const size_t at = (size_t)i * (size_t)p->columns + (size_t)j;
            metres += r->metres[at];
            seconds += r->seconds[at];
        }
    return (double)(c->given.per_m ? c->given.per_m : 1) * metres / seconds + (double)c->given.per_s;
}

/* Bring the `wanted` closest ones to the front, in any order: most of a row is never looked at, so that
 * it need not be sorted. Source: Hoare 1961, "Algorithm 65: Find". */
static void bring_forward(Neighbour *list, int32_t count, int32_t wanted) {
    int32_t low = 0, high = count - 1;
    while (low < high) {
        const Neighbour pivot = list[low + (high - low) / 2];
        int32_t i = low, j = high;
        while (i <= j) {
            while (by_cost(&list[i], &pivot) < 0) i++;
            while (by_cost(&list[j], &pivot) > 0) j--;
            if (i > j) break;
            const Neighbour one = list[i];
            list[i++] = list[j];
            list[j--] = one;
        }
        if (wanted - 1 <= j) high = j;
        else if (wanted - 1 >= i) low = i;
        else return;
    }
}

static void keep_closest(Neighbour *list, int32_t count, int32_t *kept, int32_t wanted) {
    bring_forward(list, count, wanted);
    qsort(list, (size_t)wanted, sizeof *list, by_cost);
    for (int32_t i = 0; i < wanted; i++) kept[i] = list[i].node;
}

bool find_neighbours(lm_problem *p) {
    const int32_t n = p->spots;
    const Class *c = &p->class_list[0];
    p->beside = min32(BESIDE, n - 1);
    p->around = min32(AROUND, n - 1);
    const size_t beside = (size_t)max32(p->beside, 0), around = (size_t)max32(p->around, 0);
    p->before = malloc(sizeof(int32_t) * (size_t)n * beside + 1);
    p->after = malloc(sizeof(int32_t) * (size_t)n * beside + 1);
    p->near = malloc(sizeof(int32_t) * (size_t)n * around + 1);
    Neighbour *list = malloc(sizeof *list * 3 * (size_t)n + 1);
    if (!p->before || !p->after || !p->near || !list) { free(list); return false; }
    Neighbour *to = list, *from = list + n, *both = list + 2 * n;
    const double per_s = n ? price_of_second(p, c) : 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t count = 0;
        for (int32_t j = 0; j < n; j++)
            if (j != i) {
                const double in = nearness(p, c, per_s, j, i), out = nearness(p, c, per_s, i, j);
                to[count] = (Neighbour){in, j};
                from[count] = (Neighbour){out, j};
                both[count++] = (Neighbour){in < out ? in : out, j};
            }
        keep_closest(to, count, p->before + (size_t)i * beside, p->beside);
        keep_closest(from, count, p->after + (size_t)i * beside, p->beside);
        keep_closest(both, count, p->near + (size_t)i * around, p->around);
    }
    free(list);
    return true;
}
