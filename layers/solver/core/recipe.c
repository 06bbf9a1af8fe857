/* What a route would cost that is put together from pieces of today's routes, and driving it.
 *
 * The head of the vehicle's own route and most tails are known by their sums, so that a recipe costs
 * the stops between them. Source: Vidal et al. 2014, "A unified solution framework for
 * multi-attribute vehicle routing problems", section 4 (moves as concatenations of sequences).
 * Only for plain problems without pairs. */
#include "recipe.h"

typedef struct {
    const lm_problem *p;
    const Class *c;
    const Roads *roads;
    int32_t last;          /* the node driven to last */
    int32_t free, jobs;    /* end of handling there; jobs so far */
    int32_t load[LM_DIMS];
    int64_t metres, changes;
    Stretch lasting;       /* where time has a price */
} Drive;

/* Sums up to every stop of a route, where they have changed. */
void survey(Search *s, int32_t vehicle) {
    if (!s->stale[vehicle]) return;
    s->stale[vehicle] = 0;
    const lm_problem *p = s->p;
    int32_t i = start_of(p, vehicle);
    s->tally[i] = (Tally){0};
    for (int32_t next = s->node[i].next; next != LM_NONE; i = next, next = s->node[next].next) {
        Tally *t = &s->tally[next];
        *t = s->tally[i];
        t->metres += s->node[i].metres;
        t->jobs++;
        if (next < p->spots) t->changes += change_cost(p, p->spot[next].job, vehicle);
        for (int32_t d = 0; d < LM_DIMS; d++) t->load[d] -= p->load[next * LM_DIMS + d];
    }
}

/* May the tail of another vehicle's route be driven by this one with the times it has now? */
static bool ends_alike(const Class *a, const Class *b) {
    return a == b || (a->end_place == b->end_place && a->given.kind == b->given.kind &&
                      a->given.shift_latest == b->given.shift_latest);
}

/* May the vehicle take over these stops, and at what price for changes? */
static bool takes_over(Drive *w, const Search *s, int32_t vehicle, const Piece *piece) {
    const lm_problem *p = w->p;
    const int32_t class_index = p->vehicle_class[vehicle];
    for (int32_t i = piece->from; i < p->spots; i = s->node[i].next) {
        const int32_t job = p->spot[i].job;
        if (!p->allowed[job * p->classes + class_index]) return false;
        w->changes += change_cost(p, job, vehicle);
        if (i == piece->to) break;
    }
    return true;
}

/* The same for a piece of the vehicle's own route: nothing changes. */
static void keeps(Drive *w, const Search *s, const Piece *piece) {
    if (piece->from < w->p->spots) {
        const Tally *before = &s->tally[s->node[piece->from].prev];
        w->changes += s->tally[piece->to].changes - before->changes;
    }
}

static size_t leg_to(const Drive *w, const Search *s, int32_t node_place) {
    return (size_t)s->node[w->last].place * (size_t)w->p->columns + (size_t)node_place;
}

/* Drive on to one more stop; false if that is too late. */
static bool visit(Drive *w, const Search *s, int32_t node) {
    const Node *n = &s->node[node];
    const size_t leg = leg_to(w, s, n->place);
    const int32_t begins = max32(n->earliest, w->free + w->roads->seconds[leg]);
    if (begins > n->latest) return false;
    w->free = begins + n->service;
    w->metres += w->roads->metres[leg];
    w->jobs++;
    for (int32_t d = 0; d < LM_DIMS; d++) w->load[d] -= w->p->load[node * LM_DIMS + d];
    if (w->c->time_priced) w->lasting = join(w->lasting, stretch_of(n), w->roads->seconds[leg]);
    w->last = node;
    return true;
}

static bool visit_all(Drive *w, const Search *s, const Piece *piece) {
    const int32_t begins = piece->turned ? piece->to : piece->from;
    const int32_t ends = piece->turned ? piece->from : piece->to;
    for (int32_t i = begins; i < w->p->spots; i = piece->turned ? s->node[i].prev : s->node[i].next) {
        if (!visit(w, s, i)) return false;
        if (i == ends) break;
    }
    return true;
}

/* The rest of the drive from stop `node` of `other`'s route, whose times hold for this vehicle. */
static bool join_tail(Drive *w, const Search *s, int32_t node, int32_t other) {
    const Node *n = &s->node[node];
    const size_t leg = leg_to(w, s, n->place);
    const int32_t seconds = w->roads->seconds[leg];
    if (max32(n->earliest, w->free + seconds) > n->deadline) return false;
    const Tally *all = &s->tally[end_of(w->p, other)], *before = &s->tally[n->prev];
    w->metres += w->roads->metres[leg] + all->metres - s->tally[node].metres;
    w->jobs += all->jobs - before->jobs - 1; /* the end is no job */
    for (int32_t d = 0; d < LM_DIMS; d++) w->load[d] += all->load[d] - before->load[d];
    if (w->c->time_priced) w->lasting = join(w->lasting, s->behind[node], seconds);
    return true;
}

static bool drive_home(Drive *w, const Search *s, int32_t vehicle, const Piece *piece) {
    const int32_t other = s->node[piece->from].route;
    if (ends_alike(w->c, class_of(w->p, other))) return join_tail(w, s, piece->from, other);
    return visit_all(w, s, piece) && join_tail(w, s, end_of(w->p, vehicle), vehicle);
}

static int64_t price_drive(const Drive *w) {
    const lm_class *c = &w->c->given;
    if (!w->jobs) return 0;
    if (w->jobs > c->max_jobs || w->metres > c->max_distance) return NO_COST;
    for (int32_t d = 0; d < LM_DIMS; d++)
        if (w->load[d] > c->capacity[d]) return NO_COST;
    const int64_t driven = c->fixed + c->per_m * w->metres + w->changes;
    if (!w->c->time_priced) return driven;
    const int64_t lasting = duration_cost(w->p, w->c, w->lasting.duration);
    return lasting == NO_COST ? NO_COST : driven + lasting;
}

/* What the recipe's route costs in all; NO_COST if it breaks a rule. Routes of all pieces have been
 * surveyed. */
int64_t recipe_cost(Search *s, const Recipe *recipe) {
    const lm_problem *p = s->p;
    const int32_t vehicle = recipe->vehicle, head = recipe->piece[0].to, last = recipe->count - 1;
    const Class *c = class_of(p, vehicle);
    const Tally *t = &s->tally[head];
    Drive w = {.p = p, .c = c, .roads = roads_of(p, c), .last = head, .free = s->node[head].free,
               .jobs = t->jobs, .load = {t->load[0], t->load[1], t->load[2]}, .metres = t->metres,
               .changes = t->changes};
    if (c->time_priced) w.lasting = s->ahead[head];
    for (int32_t k = 1; k < last; k++)
        if (!visit_all(&w, s, &recipe->piece[k])) return NO_COST;
    if (!drive_home(&w, s, vehicle, &recipe->piece[last])) return NO_COST;
    for (int32_t k = 1; p->picky && k <= last; k++) {
        const Piece *piece = &recipe->piece[k];
        if (s->node[piece->from].route == vehicle) keeps(&w, s, piece);
        else if (!takes_over(&w, s, vehicle, piece)) return NO_COST;
    }
    return price_drive(&w);
}

static int32_t read_recipe(const Search *s, const Recipe *recipe, int32_t *tour) {
    int32_t count = 0;
    for (int32_t k = 0; k < recipe->count; k++) {
        const Piece *piece = &recipe->piece[k];
        const int32_t begins = piece->turned ? piece->to : piece->from;
        const int32_t ends = piece->turned ? piece->from : piece->to;
        for (int32_t i = begins; i != LM_NONE; i = piece->turned ? s->node[i].prev : s->node[i].next) {
            if (i < s->p->spots) tour[count++] = i;
            if (i == ends) break;
        }
    }
    return count;
}

/* Change today's routes into the recipes' (one or two), which use the same stops. */
void follow(Search *s, const Recipe *recipes, int32_t count) {
    int32_t *tours[2] = {s->sequence, s->trial}, lengths[2];
    for (int32_t k = 0; k < count; k++) lengths[k] = read_recipe(s, &recipes[k], tours[k]);
    for (int32_t k = 0; k < count; k++) lay_route(s, recipes[k].vehicle, tours[k], lengths[k]);
}
