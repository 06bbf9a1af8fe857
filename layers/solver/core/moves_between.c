/* Moves that make the leg u -> v, whose ends are in two routes: tails exchanged, a piece moved, two
 * pieces swapped. */
#include "moves.h"

#define LONGEST_SWAP 2 /* stops that change places, on either side */

static void weigh_two(Trial *t, Recipe one, Recipe two) {
    weigh(t, (Recipe[2]){one, two}, 2);
}

/* The vehicle's route with the stops between `before` and `after` replaced by a piece. */
static Recipe with(const Trial *t, int32_t vehicle, int32_t before, Piece piece, int32_t after) {
    return (Recipe){vehicle, 3, {{start_of(t->p, vehicle), before, false}, piece,
                                 {after, end_of(t->p, vehicle), false}}};
}
static Recipe without(const Trial *t, int32_t vehicle, int32_t before, int32_t after) {
    return (Recipe){vehicle, 2, {{start_of(t->p, vehicle), before, false},
                                 {after, end_of(t->p, vehicle), false}}};
}

/* Fixed cost that is saved when these stops are all that the route has. */
static int64_t saved(const Trial *t, int32_t vehicle, const Class *c, int32_t stops) {
    return t->s->route[vehicle].stops == stops ? c->given.fixed : 0;
}

/* ..u v.. and ..before v, next of u..: two routes exchange their tails. */
static void exchange_tails(Trial *t) {
    const Node *node = t->s->node;
    const int32_t next = node[t->u].next, before = node[t->v].prev;
    if (node[next].held || node[t->v].held) return;
    if (t->ca == t->cb) {
        const int64_t change = leg_a(t, t->u, t->v) + leg_b(t, before, next) - now_a(t, t->u) -
                               now_b(t, before);
        const int64_t spare = t->u >= t->p->spots && next >= t->p->spots ? 0 : t->ca->given.fixed;
        if (change - spare >= t->best) return;
    }
    const Recipe one = {t->a, 2, {{start_of(t->p, t->a), t->u, false}, {t->v, end_of(t->p, t->b), false}}};
    const Recipe two = {t->b, 2, {{start_of(t->p, t->b), before, false}, {next, end_of(t->p, t->a), false}}};
    weigh_two(t, one, two);
}

/* A piece that begins with v moves behind u. */
static void take_behind(Trial *t) {
    const Node *node = t->s->node;
    const int32_t next = node[t->u].next, before = node[t->v].prev;
    if (node[next].frozen) return;
    int32_t last = t->v;
    const int64_t fixed = leg_a(t, t->u, t->v) - now_a(t, t->u) - now_b(t, before);
    int64_t inner = 0;
    for (int32_t k = 1; k <= LONGEST_PIECE && moves_freely(t, last); k++) {
        const int32_t after = node[last].next;
        const int64_t least = fixed + inner - now_b(t, last) - saved(t, t->b, t->cb, k);
        if (least < t->best && least + leg_a(t, last, next) + leg_b(t, before, after) < t->best)
            weigh_two(t, with(t, t->a, t->u, (Piece){t->v, last, false}, next),
                      without(t, t->b, before, after));
        if (after >= t->p->spots) return;
        inner += leg_a(t, last, after) - now_b(t, last);
        last = after;
    }
}

/* A piece that ends with u moves before v. */
static void take_before(Trial *t) {
    const Node *node = t->s->node;
    const int32_t next = node[t->u].next, before = node[t->v].prev;
    if (node[t->v].frozen) return;
    int32_t first = t->u;
    const int64_t fixed = leg_b(t, t->u, t->v) - now_a(t, t->u) - now_b(t, before);
    int64_t inner = 0;
    for (int32_t k = 1; k <= LONGEST_PIECE && moves_freely(t, first); k++) {
        const int32_t ahead = node[first].prev;
        const int64_t least = fixed + inner - now_a(t, ahead) - saved(t, t->a, t->ca, k);
        if (least < t->best && least + leg_b(t, before, first) + leg_a(t, ahead, next) < t->best)
            weigh_two(t, with(t, t->b, before, (Piece){first, t->u, false}, t->v),
                      without(t, t->a, ahead, next));
        if (ahead >= t->p->spots) return;
        inner += leg_b(t, ahead, first) - now_a(t, ahead);
        first = ahead;
    }
}

/* A piece that begins with v changes places with the one that follows u. */
static void swap_behind(Trial *t) {
    const Node *node = t->s->node;
    const int32_t next = node[t->u].next, before = node[t->v].prev;
    int32_t mine = next;
    const int64_t fixed = leg_a(t, t->u, t->v) + leg_b(t, before, next) - now_a(t, t->u) - now_b(t, before);
    int64_t inner_mine = 0;
    for (int32_t i = 0; i < LONGEST_SWAP && moves_freely(t, mine); i++, mine = node[mine].next) {
        const int32_t after_mine = node[mine].next;
        int32_t theirs = t->v;
        int64_t inner = inner_mine;
        for (int32_t j = 0; j < LONGEST_SWAP && moves_freely(t, theirs); j++) {
            const int32_t after = node[theirs].next;
            const int64_t least = fixed + inner - now_b(t, theirs) - now_a(t, mine);
            if (least < t->best && least + leg_a(t, theirs, after_mine) + leg_b(t, mine, after) < t->best)
                weigh_two(t, with(t, t->a, t->u, (Piece){t->v, theirs, false}, after_mine),
                          with(t, t->b, before, (Piece){next, mine, false}, after));
            if (after < t->p->spots) inner += leg_a(t, theirs, after) - now_b(t, theirs);
            theirs = after;
        }
        if (after_mine < t->p->spots) inner_mine += leg_b(t, mine, after_mine) - now_a(t, mine);
    }
}

/* A piece that ends with u changes places with the one that v follows. */
static void swap_before(Trial *t) {
    const Node *node = t->s->node;
    const int32_t next = node[t->u].next, before = node[t->v].prev;
    int32_t mine = t->u;
    const int64_t fixed = leg_b(t, t->u, t->v) + leg_a(t, before, next) - now_a(t, t->u) - now_b(t, before);
    int64_t inner_mine = 0;
    for (int32_t i = 0; i < LONGEST_SWAP && moves_freely(t, mine); i++, mine = node[mine].prev) {
        const int32_t ahead_mine = node[mine].prev;
        int32_t theirs = before;
        int64_t inner = inner_mine;
        for (int32_t j = 0; j < LONGEST_SWAP && moves_freely(t, theirs); j++) {
            const int32_t ahead = node[theirs].prev;
            const int64_t least = fixed + inner - now_a(t, ahead_mine) - now_b(t, ahead);
            if (least < t->best && least + leg_a(t, ahead_mine, theirs) + leg_b(t, ahead, mine) < t->best)
                weigh_two(t, with(t, t->b, ahead, (Piece){mine, t->u, false}, t->v),
                          with(t, t->a, ahead_mine, (Piece){theirs, before, false}, next));
            if (ahead < t->p->spots) inner += leg_a(t, ahead, theirs) - now_b(t, ahead);
            theirs = ahead;
        }
        if (ahead_mine < t->p->spots) inner_mine += leg_b(t, ahead_mine, mine) - now_a(t, ahead_mine);
    }
}


void move_between(Trial *t) {
    const Node *from = &t->s->node[t->u], *to = &t->s->node[t->v];
    const size_t at = (size_t)from->place * (size_t)t->p->columns + (size_t)to->place;
    const int32_t arrival = from->free + t->ra->seconds[at];
    if (arrival <= to->latest) {
        if (arrival <= to->deadline) exchange_tails(t);
        take_behind(t);
        swap_behind(t);
    }
    take_before(t);
    swap_before(t);
}
