/* What the three ways to find a job's place share. */
#ifndef INSERT_H
#define INSERT_H

#include "core.h"

/* One stop's view of one kind of roads: rows from and to it. */
typedef struct {
    const int32_t *metres, *metres_to, *seconds, *seconds_to;
} Rows;

static inline Rows rows_of(const lm_problem *p, int32_t kind, int32_t node) {
    const size_t row = (size_t)p->spot[node].place * (size_t)p->columns;
    const Roads *r = &p->roads[kind];
    return (Rows){r->metres + row, r->metres_to + row, r->seconds + row, r->seconds_to + row};
}

/* In the midst of a blink: is this place overlooked? */
static inline bool overlooks(Search *s) { return s->careless && draw_below(s->rng, 2); }

/* insert.c */
bool blinks(Search *s);
int64_t base_cost(Search *s, int32_t vehicle, int32_t job);
int64_t added_for_time(const Search *s, int32_t vehicle, const Class *c, int32_t duration);

/* memo.c */
bool recall(const Search *s, int32_t job, int32_t vehicle, Spot_found *best);
void remember(Search *s, int32_t job, int32_t vehicle, const Spot_found *found);

/* The best place in one route that adds less than `limit`, `base` included; its route is LM_NONE if
 * there is none. */
typedef Spot_found Find_in_route(Search *s, int32_t job, int32_t vehicle, int64_t base, int64_t limit);
Find_in_route find_for_pair, find_under_all_rules; /* insert_pair.c, insert_rich.c */

/* insert_route.c */
Spot_found cheapest_by_route(Search *s, int32_t job, int64_t limit, Find_in_route *find);

#endif
