/* Driving a part of a route that is being changed, as far as its times differ.
 *
 * The same rules as timing.c, a step at a time from any stop of a course that is known. */
#include <string.h>
#include "course.h"

/* `which` tells two apart that are under way at once. */
Passage passage_in(Search *s, int32_t vehicle, int32_t which) {
    const Class *c = class_of(s->p, vehicle);
    int32_t *room = s->clocks + (size_t)which * 2 * (size_t)(s->p->rests + 1);
    return (Passage){s, c, roads_of(s->p, c), vehicle, start_of(s->p, vehicle),
                     c->given.break_count, room, room + s->p->rests + 1, 0};
}

void copy_passage(Passage *to, const Passage *from) {
    memcpy(to->frees, from->frees, (size_t)(from->rests + 1) * sizeof(int32_t));
    to->here = from->here;
    to->late = from->late;
}

void leave_start(Passage *w, int32_t release) {
    w->here = start_of(w->s->p, w->vehicle);
    w->late = 0;
    w->frees[0] = max32(w->c->given.shift_earliest, release);
    for (int32_t b = 1; b <= w->rests; b++) w->frees[b] = LATE;
}

/* Arrivals at a node, for each number of breaks behind. */
static void arrive(Passage *w, int32_t node) {
    const lm_problem *p = w->s->p;
    const size_t row = (size_t)p->spot[w->here].place * (size_t)p->columns;
    const int32_t leg = w->roads->seconds[row + (size_t)p->spot[node].place];
    const bool first = w->here == start_of(p, w->vehicle), one = is_one_visit(p, w->here, node);
    for (int32_t taken = 0; taken <= w->rests; taken++) {
        int32_t best = LATE;
        for (int32_t b = taken; b >= (one ? taken : 0); b--)
            if (w->frees[b] != LATE)
                best = min32(best, cross(p, w->c, w->frees[b], leg, b, taken, first));
        w->arrivals[taken] = best;
    }
}

/* Handle the next stop; false if it cannot be reached in time. `release` is for reloads. */
bool advance(Passage *w, int32_t node, int32_t release) {
    const lm_problem *p = w->s->p;
    const int32_t service = p->spot[node].service;
    int32_t earliest = LATE;
    arrive(w, node);
    for (int32_t b = 0; b <= w->rests; b++) {
        int32_t at = w->arrivals[b];
        if (at != LATE && node < p->spots) at = next_opening(p, node, at);
        earliest = min32(earliest, at);
        if (at != LATE) at += service;
        w->frees[b] = at != LATE && is_reload(p, node) ? max32(at, release) : at;
    }
    if (node < p->spots && earliest != LATE && earliest > p->due[node])
        w->late += p->late_per_s[node] * (earliest - p->due[node]);
    w->here = node;
    return earliest != LATE;
}

/* Be at a node of the known course, if the trip that it belongs to had this release. */
void leave_node(Passage *w, int32_t node, int32_t release) {
    Search *s = w->s;
    const Mark *m = &s->mark[node];
    const int32_t head = m->head, start = start_of(s->p, w->vehicle);
    if (release == s->mark[head].release_after) {
        memcpy(w->frees, clock_after(s, node), (size_t)(w->rests + 1) * sizeof(int32_t));
        w->here = node;
        w->late = m->late;
        return;
    }
    if (head == start) {
        leave_start(w, release);
    } else {
        const int32_t before = s->node[head].prev;
        leave_node(w, before, s->mark[s->mark[before].head].release_after);
        advance(w, head, release);
    }
    while (w->here != node) advance(w, s->node[w->here].next, LM_NONE);
}

/* Does who goes on to a node of the known course come through from there? */
bool arrives_in_time(Passage *w, int32_t next) {
    const int32_t *by = deadlines_of(w->s, next);
    arrive(w, next);
    for (int32_t b = 0; b <= w->rests; b++)
        if (w->arrivals[b] <= by[b]) return true;
    return false;
}

/* The least price of lateness when the rest of the course follows `next`. */
int64_t late_to_end(Passage *w, int32_t next) {
    Search *s = w->s;
    const int64_t in_all = s->mark[end_of(s->p, w->vehicle)].late;
    const size_t size = (size_t)(w->rests + 1) * sizeof(int32_t);
    for (int32_t i = next; i != LM_NONE; i = s->node[i].next) {
        advance(w, i, s->mark[i].release_after);
        if (memcmp(w->frees, clock_after(s, i), size) == 0)
            return w->late + in_all - s->mark[i].late;
    }
    return w->late;
}
