/* What insertions read of a route under the full rules: see course.c and passage.c. */
#ifndef COURSE_H
#define COURSE_H

#include "clock.h"

/* Somebody on the way along a route that is being changed, after handling at `here`. */
typedef struct {
    Search *s;
    const Class *c;
    const Roads *roads;
    int32_t vehicle, here, rests;
    int32_t *frees, *arrivals; /* clocks: after `here`, and at the next stop */
    int64_t late;              /* price of lateness so far, least */
} Passage;

/* course.c */
void know_course(Search *s, int32_t vehicle);
int64_t course_cost(Search *s, int32_t vehicle);

/* passage.c */
Passage passage_in(Search *s, int32_t vehicle, int32_t which);
void leave_start(Passage *w, int32_t release);
void leave_node(Passage *w, int32_t node, int32_t release);
void copy_passage(Passage *to, const Passage *from);
bool advance(Passage *w, int32_t node, int32_t release);
bool arrives_in_time(Passage *w, int32_t next);
int64_t late_to_end(Passage *w, int32_t next);

/* Does an insertion's exact price need the whole tour's timing? Else metres and lateness say it. */
static inline bool needs_full_timing(const lm_problem *p, const Class *c) {
    return c->time_priced || (p->soft && c->given.break_count);
}
static inline const int32_t *clock_after(const Search *s, int32_t node) {
    return s->frees + (size_t)node * (size_t)(s->p->rests + 1);
}
static inline int32_t *deadlines_of(const Search *s, int32_t node) {
    return s->bys + (size_t)node * (size_t)(s->p->rests + 1);
}

#endif
