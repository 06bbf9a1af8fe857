/* Local search around the stops that a step has changed.
 *
 * Every move makes one leg u -> v, for v among the good successors of u ("granular" search: Toth &
 * Vigo 2003, "The granular tabu search and its application to the vehicle-routing problem"; moves as
 * in Vidal et al. 2013, "A hybrid genetic algorithm with adaptive diversity management for a large
 * class of vehicle routing problems with time windows", section 4.3, without infeasible routes). Legs
 * say whether a move is promising, its recipes what it costs. */
#include "moves.h"

#define CLOSE 15 /* successors and predecessors that are tried for each stop */

/* Keep the recipes if they cost less than the best move. */
void weigh(Trial *t, const Recipe *recipes, int32_t count) {
    int64_t change = 0;
    for (int32_t k = 0; k < count; k++) change -= t->s->route[recipes[k].vehicle].cost;
    for (int32_t k = 0; k < count; k++) {
        const int64_t cost = recipe_cost(t->s, &recipes[k]);
        if (cost == NO_COST) return;
        change += cost;
    }
    if (change >= t->best) return;
    t->best = change;
    t->moves = count;
    for (int32_t k = 0; k < count; k++) t->move[k] = recipes[k];
}

/* Does the leg u -> v cost less than one that it would replace? Otherwise the gain, if any, comes from
 * the move's other legs, and the move is found from there. */
static bool is_promising(const Trial *t) {
    const int64_t price = leg_a(t, t->u, t->v);
    return price < now_a(t, t->u) || price < now_b(t, t->s->node[t->v].prev);
}

/* Every move that makes the leg u -> v. */
static void try_leg(Trial *t, int32_t u, int32_t v) {
    Search *s = t->s;
    const int32_t a = s->node[u].route, b = s->node[v].route;
    if (a == LM_NONE || b == LM_NONE || s->node[u].next == v) return;
    t->u = u;
    t->v = v;
    t->a = a;
    t->b = b;
    t->ca = class_of(t->p, a);
    t->cb = class_of(t->p, b);
    t->ra = roads_of(t->p, t->ca);
    t->rb = roads_of(t->p, t->cb);
    if (!is_promising(t)) return;
    survey(s, a);
    survey(s, b);
    if (a != b) move_between(t);
    else move_within(t);
}

/* The best move around one stop is made, if there is one. */
static void improve_at(Search *s, int32_t node) {
    const lm_problem *p = s->p;
    Trial t = {.s = s, .p = p, .best = 0};
    const int32_t *after = p->after + (size_t)node * (size_t)p->beside;
    const int32_t *before = p->before + (size_t)node * (size_t)p->beside;
    for (int32_t i = 0; i < min32(CLOSE, p->beside); i++) {
        try_leg(&t, node, after[i]);
        try_leg(&t, before[i], node);
    }
    if (t.moves) follow(s, t.move, t.moves);
}

static bool has_changed(const Search *s, int32_t node) {
    const Node *now = &s->node[node], *old = &s->old_node[node];
    return now->prev != old->prev || now->next != old->next;
}

bool can_improve(const lm_problem *p) {
    return p->plain && !p->pairs;
}

static void improve_route(Search *s, int32_t vehicle) {
    const int32_t count = read_tour(s, vehicle, s->scan);
    s->quiet[vehicle] = 1;
    for (int32_t k = 0; k < count; k++)
        if (has_changed(s, s->scan[k])) improve_at(s, s->scan[k]);
}

/* Improve the routes that have changed since the last accepted plan, until no move is left. */
void improve(Search *s) {
    bool moved = true;
    while (moved) {
        moved = false;
        for (int32_t t = 0; t < s->touched_count; t++) {
            if (s->quiet[s->touched[t]]) continue;
            improve_route(s, s->touched[t]);
            moved = true;
        }
    }
}
