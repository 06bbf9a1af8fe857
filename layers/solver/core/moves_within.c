/* Moves that make the leg u -> v within one route: a piece moved, a stretch turned. */
#include "moves.h"

/* The route with two stretches of it in the other order: first a..b, then c..d, which came before. */
static void weigh_one(Trial *t, int32_t before, Piece first, Piece second, int32_t after) {
    const Recipe one = {t->a, 4, {{start_of(t->p, t->a), before, false}, first, second,
                                  {after, end_of(t->p, t->a), false}}};
    weigh(t, &one, 1);
}

/* v comes after u in the same route: a piece from v on moves forward, or one up to u back. */
static void shift_closer(Trial *t) {
    const Node *node = t->s->node;
    const int32_t next = node[t->u].next, before = node[t->v].prev;
    if (next == t->v || node[next].held) return;
    const int64_t fixed = leg_a(t, t->u, t->v) - now_a(t, t->u) - now_a(t, before);
    for (int32_t k = 0, last = t->v; k < LONGEST_PIECE && last < t->p->spots; k++, last = node[last].next) {
        const int32_t after = node[last].next;
        if (fixed + leg_a(t, last, next) + leg_a(t, before, after) - now_a(t, last) < t->best)
            weigh_one(t, t->u, (Piece){t->v, last, false}, (Piece){next, before, false}, after);
    }
    for (int32_t k = 0, first = t->u; k < LONGEST_PIECE && moves_freely(t, first); k++, first = node[first].prev) {
        const int32_t ahead = node[first].prev;
        if (fixed + leg_a(t, before, first) + leg_a(t, ahead, next) - now_a(t, ahead) < t->best)
            weigh_one(t, ahead, (Piece){next, before, false}, (Piece){first, t->u, false}, t->v);
    }
}

/* v comes before u in the same route: a piece from v on moves behind u, or one up to u before v. */
static void shift_over(Trial *t) {
    const Node *node = t->s->node;
    const int32_t next = node[t->u].next, before = node[t->v].prev;
    if (node[t->v].held) return;
    const int64_t fixed = leg_a(t, t->u, t->v) - now_a(t, t->u) - now_a(t, before);
    for (int32_t k = 0, last = t->v; k < LONGEST_PIECE && last != t->u; k++, last = node[last].next) {
        const int32_t after = node[last].next;
        if (fixed + leg_a(t, last, next) + leg_a(t, before, after) - now_a(t, last) < t->best)
            weigh_one(t, before, (Piece){after, t->u, false}, (Piece){t->v, last, false}, next);
    }
    for (int32_t k = 0, first = t->u; k < LONGEST_PIECE && first != t->v; k++, first = node[first].prev) {
        const int32_t ahead = node[first].prev;
        if (fixed + leg_a(t, before, first) + leg_a(t, ahead, next) - now_a(t, ahead) < t->best)
            weigh_one(t, before, (Piece){first, t->u, false}, (Piece){t->v, ahead, false}, next);
    }
}

/* v comes after u in the same route: what lies between, v included, is driven the other way. */
static void turn(Trial *t) {
    const Node *node = t->s->node;
    const int32_t next = node[t->u].next, after = node[t->v].next;
    if (next == t->v || node[next].held) return;
    const int64_t change = leg_a(t, t->u, t->v) + leg_a(t, next, after) - now_a(t, t->u) - now_a(t, t->v);
    if (change >= t->best) return;
    const Recipe one = {t->a, 3, {{start_of(t->p, t->a), t->u, false}, {next, t->v, true},
                                  {after, end_of(t->p, t->a), false}}};
    weigh(t, &one, 1);
}

void move_within(Trial *t) {
    if (t->s->tally[t->u].jobs < t->s->tally[t->v].jobs) {
        shift_closer(t);
        turn(t);
    } else {
        shift_over(t);
    }
}
