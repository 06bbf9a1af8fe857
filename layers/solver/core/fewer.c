/* Fewer vehicles, before the plan gets cheaper: for problems in which a vehicle costs at least as much
 * as all the driving of its route, as where vehicles count first and distance second.
 *
 * Source: Christiaens & Vanden Berghe 2020, "Slack Induction by String Removals for Vehicle Routing
 * Problems", section 5.4: one route is dropped, its vehicle stays away, and its jobs have to find
 * room in the others; jobs that are often left out count more, so that the hard ones get in first. */
#include "core.h"
#include "deterministic.h"

#define FEWER_SHARE 0.5    /* of the budget, at most */
#define FEWER_LEAST 0.25   /* of the budget, before it may be given up */
#define PATIENCE 4         /* given up when the last success is so many times its own share ago */
#define FEWER_WARMTH 0.3   /* times the mean cost per job: the first temperature while jobs are out */
#define LAST_WARMTH 0.1    /* of the first */
#define SHARE_EVERY 64     /* steps between two looks at the share */
#define WORTH 2            /* leaving out a job costs so many vehicles at least */

typedef struct {
    Search *s;
    int32_t *absences;   /* per job: how often it was left out; borrowed */
    int64_t before;      /* their sum over the jobs that are out now */
    double temperature;
    int32_t bound;       /* no plan has fewer vehicles */
} Fewer;

/* A vehicle's price if all have the same, or 0. */
static int64_t price_of_vehicle(const Search *s) {
    int64_t price = -1;
    for (int32_t v = 0; v < s->p->vehicles; v++) {
        const int64_t fixed = class_of(s->p, v)->given.fixed;
        if (!s->vehicle_active[v]) continue;
        if (price >= 0 && fixed != price) return 0;
        price = fixed;
    }
    return price < 0 ? 0 : price;
}

/* Is the number of vehicles what matters most? Only for plans that serve all of their jobs. */
static bool is_worth_it(const Search *s) {
    const int64_t price = price_of_vehicle(s);
    if (!price || s->absent_count || s->used < 2) return false;
    for (int32_t k = 0; k < s->jobs_count; k++)
        if (s->p->penalty[s->jobs_list[k]] / WORTH < price) return false;
    return s->cost - price * s->used <= price * s->used;
}

/* The least seconds of driving to a spot. */
static int32_t least_way(const lm_problem *p, const Roads *roads, int32_t node) {
    const size_t row = (size_t)p->spot[node].place * (size_t)p->columns;
    int32_t least = LM_NEVER;
    for (int32_t i = 0; i < p->columns; i++)
        if (i != p->spot[node].place) least = min32(least, roads->seconds_to[row + (size_t)i]);
    return p->columns > 1 ? least : 0;
}

/* Vehicles that the loads alone need, or the hours alone; for one kind of roads. */
static int32_t least_vehicles(const Search *s) {
    const lm_problem *p = s->p;
    int64_t room[LM_DIMS] = {0}, load[LM_DIMS] = {0}, longest = 1, needed = 0, vehicles = 1;
    for (int32_t c = 0; c < p->classes; c++) {
        const lm_class *k = &p->class_list[c].given;
        const int64_t shift = min32(k->shift_latest - k->shift_earliest, k->max_duration);
        longest = shift > longest ? shift : longest;
        for (int32_t d = 0; d < LM_DIMS; d++)
            if (k->capacity[d] > room[d]) room[d] = k->capacity[d];
        if (k->reload_times) return 1;
    }
    for (int32_t i = 0; i < p->spots; i++) {
        if (s->node[i].route == LM_NONE) continue;
        needed += p->spot[i].service + (p->kinds == 1 ? least_way(p, p->roads, i) : 0);
        for (int32_t d = 0; d < LM_DIMS; d++)
            if (p->spot[i].role == LM_LOADED) load[d] -= p->load[i * LM_DIMS + d];
    }
    for (int32_t d = 0; d < LM_DIMS; d++)
        if (room[d] && (load[d] + room[d] - 1) / room[d] > vehicles)
            vehicles = (load[d] + room[d] - 1) / room[d];
    needed = (needed + longest - 1) / longest;
    return (int32_t)(needed > vehicles ? needed : vehicles);
}

static int64_t sum_of_absences(const Fewer *f) {
    int64_t sum = 0;
    for (int32_t k = 0; k < f->s->absent_count; k++) sum += f->absences[f->s->absent[k]];
    return sum;
}

static int64_t absences_in(const Fewer *f, int32_t vehicle) {
    const Search *s = f->s;
    int64_t sum = 0;
    const int32_t end = end_of(s->p, vehicle);
    for (int32_t i = s->node[start_of(s->p, vehicle)].next; i != end; i = s->node[i].next) {
        if (s->node[i].held) return NO_COST;
        if (i < s->p->spots && s->p->spot[i].role != LM_PICKUP) sum += f->absences[s->p->spot[i].job];
    }
    return sum;
}

static void empty(Search *s, int32_t vehicle) {
    const lm_problem *p = s->p;
    const int32_t count = read_tour(s, vehicle, s->trial);
    touch(s, vehicle);
    for (int32_t k = 0; k < count; k++) {
        const int32_t i = s->trial[k];
        if (s->node[i].route == LM_NONE) continue;
        if (is_reload(p, i)) unlink_node(s, i);
        else if (p->spot[i].role != LM_PICKUP) take_out(s, p->spot[i].job);
    }
    refresh(s, vehicle);
}

/* All unused vehicles stay away from now on, and that of the route whose jobs are the easiest. */
static bool drop_route(Fewer *f) {
    Search *s = f->s;
    int64_t least = NO_COST;
    int32_t chosen = LM_NONE;
    for (int32_t v = 0; v < s->p->vehicles; v++) {
        if (!s->vehicle_active[v] || !s->route[v].stops) continue;
        const int64_t sum = absences_in(f, v);
        if (sum >= least) continue;
        least = sum;
        chosen = v;
    }
    if (chosen == LM_NONE) return false;
    empty(s, chosen);
    for (int32_t v = 0; v < s->p->vehicles; v++) {
        if (s->route[v].stops) continue;
        list_idle(s, v, false);
        s->active_vehicles[v] = 0;
    }
    accept(s);
    f->before = sum_of_absences(f);
    return true;
}

/* One step with too few vehicles. True if every job has found room. */
static bool squeeze(Fewer *f) {
    Search *s = f->s;
    recreate(s, ruin(s), false);
    settle(s);
    const int64_t now = sum_of_absences(f);
    const bool cheaper = (double)(s->cost - s->old_cost) < f->temperature * minus_log(draw(s->rng));
    for (int32_t k = 0; k < s->absent_count; k++) f->absences[s->absent[k]]++;
    if (now < f->before || (s->absent_count <= s->old_absent_count && cheaper)) {
        accept(s);
    } else {
        reject(s);
    }
    f->before = sum_of_absences(f);
    return s->absent_count == 0;
}

/* Back to the best plan, with all vehicles. */
static void go_back(Search *s, const lm_options *options) {
    const lm_problem *p = s->p;
    for (int32_t v = 0; v < p->vehicles; v++)
        s->active_vehicles[v] = !options->vehicle_active || options->vehicle_active[v];
    for (int32_t t = 0; t < s->dirty_count; t++) empty(s, s->dirty[t]);
    for (int32_t t = 0; t < s->dirty_count; t++) {
        const int32_t v = s->dirty[t], end = end_of(p, v);
        int32_t count = 0;
        for (int32_t i = s->best_node[start_of(p, v)].next; i != end; i = s->best_node[i].next)
            s->sequence[count++] = is_reload(p, i) ? LM_RELOAD : i;
        load_tour(s, v, s->sequence, count);
    }
    for (int32_t v = 0; v < p->vehicles; v++) list_idle(s, v, !s->route[v].stops);
    accept(s);
    keep_best(s);
}

/* Do without one vehicle after another; returns the number of steps that this took. */
int64_t use_fewer(Search *s, const lm_options *options, const Watch *watch, double cost_per_job) {
    Fewer f = {.s = s, .absences = s->absences};
    double last = 0, share = 0;
    int64_t done = 0;
    if (!is_worth_it(s)) return 0;
    f.bound = least_vehicles(s);
    bool on = s->used > f.bound && drop_route(&f);
    for (; on; done++) {
        if (done % SHARE_EVERY == 0) {
            share = share_spent(watch, options, done);
            f.temperature =
                FEWER_WARMTH * cost_per_job * power(LAST_WARMTH, share / FEWER_SHARE);
            if (share >= FEWER_SHARE || (share > FEWER_LEAST && share > PATIENCE * last)) break;
        }
        if (!squeeze(&f)) continue;
        keep_best(s);
        last = share;
        on = s->used > f.bound && drop_route(&f);
    }
    go_back(s, options);
    return done;
}
