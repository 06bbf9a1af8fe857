/* One leg u -> v that the local search would make, and the best way to make it. */
#ifndef MOVES_H
#define MOVES_H

#include "recipe.h"

#define LONGEST_PIECE 3 /* stops that move together */

/* The leg that is to be made, and the best move so far. */
typedef struct {
    Search *s;
    const lm_problem *p;
    int32_t u, v, a, b;        /* the leg, and the vehicles that have its ends now */
    const Class *ca, *cb;
    const Roads *ra, *rb;
    int64_t best;              /* change of cost; negative */
    Recipe move[2];
    int32_t moves;
} Trial;

/* What a leg costs or would cost, for the vehicle of u (a) or of v (b). Waiting is left out: legs only
 * say whether a move is worth a recipe. */
static inline int64_t leg(const Trial *t, const Class *c, const Roads *r, int32_t from, int32_t to) {
    const Node *node = t->s->node;
    const size_t at = (size_t)node[from].place * (size_t)t->p->columns + (size_t)node[to].place;
    const int64_t metres = c->given.per_m * r->metres[at];
    return c->given.per_s ? metres + c->given.per_s * r->seconds[at] : metres;
}
static inline int64_t leg_a(const Trial *t, int32_t from, int32_t to) {
    return leg(t, t->ca, t->ra, from, to);
}
static inline int64_t leg_b(const Trial *t, int32_t from, int32_t to) {
    return leg(t, t->cb, t->rb, from, to);
}

static inline int64_t leg_now(const Class *c, const Node *n) {
    return c->given.per_m * n->metres + c->given.per_s * n->seconds;
}
static inline int64_t now_a(const Trial *t, int32_t from) {
    return leg_now(t->ca, &t->s->node[from]);
}
static inline int64_t now_b(const Trial *t, int32_t from) {
    return leg_now(t->cb, &t->s->node[from]);
}

static inline bool moves_freely(const Trial *t, int32_t node) {
    return node < t->p->spots && !t->s->node[node].held;
}

/* improve.c */
void weigh(Trial *t, const Recipe *recipes, int32_t count);

/* moves_between.c, moves_within.c: with u and v in two routes, or in one. */
void move_between(Trial *t);
void move_within(Trial *t);

#endif
