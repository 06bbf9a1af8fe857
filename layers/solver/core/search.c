/* The search: ruin, recreate, and accept by simulated annealing, until the budget is spent.
 *
 * Source: Christiaens & Vanden Berghe 2020, "Slack Induction by String Removals for Vehicle Routing
 * Problems", algorithm 1. Temperatures are multiples of the plan's own mean cost per job, so that no
 * unit and no size of problem needs its own setting. */
#define _POSIX_C_SOURCE 199309L
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core.h"
#include "deterministic.h"

#define FIRST_HEAT 1.0      /* times the mean cost per job */
#define LAST_HEAT 0.003     /* of the first temperature */
#define FEWER_HEAT 0.3      /* in its place where vehicles have been saved, or they come back */
#define BEGINNINGS 3        /* tries to serve all jobs at first, whatever they cost */
#define PENALTY_HEAT 0.25   /* of a job's penalty, at most, counts as its cost */
#define CLOCK_EVERY 64      /* steps between two looks at the clock */
#define PROGRESS_EVERY 0.02 /* s between two notes of progress */

struct Watch {
    struct timespec began;
    int32_t clock;
};

static double seconds_on(const Watch *w) {
    struct timespec now;
    clock_gettime(w->clock, &now);
    return (double)(now.tv_sec - w->began.tv_sec) + 1e-9 * (double)(now.tv_nsec - w->began.tv_nsec);
}

double share_spent(const Watch *w, const lm_options *options, int64_t done) {
    return options->iterations > 0 ? (double)done / (double)options->iterations
                                   : seconds_on(w) / options->budget_s;
}

static bool allocate(Search *s, const lm_problem *p) {
    const size_t nodes = (size_t)p->nodes + 1, cars = (size_t)p->vehicles + 1, jobs = (size_t)p->jobs + 1;
    s->node = aligned_alloc(64, nodes * sizeof(Node));
    s->old_node = aligned_alloc(64, nodes * sizeof(Node));
    s->best_node = aligned_alloc(64, nodes * sizeof(Node));
    s->route = calloc(cars, sizeof(Route));
    s->old_route = calloc(cars, sizeof(Route));
    s->ahead = malloc(nodes * sizeof(Stretch));
    s->behind = malloc(nodes * sizeof(Stretch));
    s->aboard = malloc(nodes * sizeof *s->aboard);
    s->absent = malloc(jobs * sizeof(int32_t));
    s->absent_at = malloc(jobs * sizeof(int32_t));
    s->old_absent = malloc(jobs * sizeof(int32_t));
    s->touched = malloc(cars * sizeof(int32_t));
    s->dirty = malloc(cars * sizeof(int32_t));
    s->is_touched = calloc(cars, 1);
    s->is_dirty = calloc(cars, 1);
    s->stamp = calloc(cars, sizeof(int32_t));
    s->base = calloc(cars, sizeof(int64_t));
    s->jobs_list = malloc(jobs * sizeof(int32_t));
    s->order = malloc((jobs + 16) * sizeof(int32_t));
    s->order_key = malloc((jobs + 16) * sizeof(int64_t));
    s->sequence = malloc((nodes + 4) * sizeof(int32_t));
    s->trial = malloc((nodes + 4) * sizeof(int32_t));
    s->spare = malloc(((size_t)p->classes + 1) * sizeof(int32_t));
    s->active_vehicles = malloc(cars);
    s->idle = malloc(cars * sizeof(int32_t));
    s->idle_at = malloc(cars * sizeof(int32_t));
    s->idle_first = calloc((size_t)p->classes + 1, sizeof(int32_t));
    s->idle_count = calloc((size_t)p->classes + 1, sizeof(int32_t));
    s->into = calloc(cars, sizeof(int32_t));
    s->absences = calloc(jobs, sizeof(int32_t));
    return s->node && s->old_node && s->best_node && s->route && s->old_route &&
           s->ahead && s->behind && s->aboard && s->absent && s->absent_at && s->old_absent &&
           s->touched && s->dirty && s->is_touched && s->is_dirty && s->stamp && s->base &&
           s->jobs_list && s->order && s->order_key && s->sequence && s->trial && s->spare &&
           s->active_vehicles && s->idle && s->idle_at && s->idle_first && s->idle_count && s->into &&
           s->absences;
}

static void release(Search *s) {
    void *const arrays[] = {s->node, s->old_node, s->best_node, s->route, s->old_route,
                            s->ahead, s->behind, s->aboard, s->absent, s->absent_at, s->old_absent,
                            s->touched, s->dirty, s->is_touched, s->is_dirty, s->stamp, s->base,
                            s->jobs_list, s->order, s->order_key, s->sequence, s->trial, s->spare,
                            s->active_vehicles, s->idle, s->idle_at, s->idle_first, s->idle_count,
                            s->into, s->absences};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
}

static void lay_nodes(Search *s) {
    const lm_problem *p = s->p;
    for (int32_t i = 0; i < p->nodes; i++) {
        const Spot *spot = &p->spot[i];
        s->node[i] = (Node){.next = LM_NONE, .prev = LM_NONE, .route = LM_NONE,
                            .free = spot->earliest + spot->service, .deadline = spot->latest,
                            .place = spot->place, .earliest = spot->earliest,
                            .latest = spot->latest, .service = spot->service};
    }
    for (int32_t v = 0; v < p->vehicles; v++) {
        const int32_t start = start_of(p, v), end = end_of(p, v);
        const Roads *roads = roads_of(p, class_of(p, v));
        const size_t leg = (size_t)s->node[start].place * (size_t)p->columns + (size_t)s->node[end].place;
        s->node[start].next = end;
        s->node[start].next_place = s->node[end].place;
        s->node[end].prev = start;
        s->node[end].prev_place = s->node[start].place;
        s->node[end].prev_metres = roads->metres[leg];
        s->node[start].route = s->node[end].route = v;
        s->node[start].metres = roads->metres[leg];
        s->node[start].seconds = roads->seconds[leg];
        s->route[v].metres = roads->metres[leg];
    }
}

static void lay_jobs(Search *s, const lm_options *options) {
    const lm_problem *p = s->p;
    for (int32_t v = 0; v < p->vehicles; v++)
        s->active_vehicles[v] = !options->vehicle_active || options->vehicle_active[v];
    s->vehicle_active = s->active_vehicles;
    s->job_active = options->job_active;
    for (int32_t v = 0; v < p->vehicles; v++) s->idle_first[p->vehicle_class[v] + 1]++;
    for (int32_t c = 0; c < p->classes; c++) s->idle_first[c + 1] += s->idle_first[c];
    for (int32_t v = p->vehicles - 1; v >= 0; v--) {
        const int32_t c = p->vehicle_class[v];
        s->idle_at[v] = s->idle_count[c]++;
        s->idle[s->idle_first[c] + s->idle_at[v]] = v;
    }
    for (int32_t c = 0; c < p->classes; c++) s->idle_count[c] = 0;
    for (int32_t v = p->vehicles - 1; v >= 0; v--) list_idle(s, v, true);
    for (int32_t j = 0; j < p->jobs; j++) {
        s->absent_at[j] = LM_NONE;
        if (s->job_active && !s->job_active[j]) continue;
        s->absent_at[j] = s->absent_count;
        s->absent[s->absent_count++] = j;
        s->absent_cost += p->penalty[j];
    }
}

static bool lay_tours(Search *s, const lm_options *options) {
    const lm_problem *p = s->p;
    for (int32_t v = 0; v < p->vehicles; v++) {
        const int32_t frozen = p->frozen_first[v + 1] - p->frozen_first[v];
        const int32_t *tour = p->frozen_node + p->frozen_first[v];
        int32_t count = frozen;
        if (options->tour_first && options->tour_first[v + 1] > options->tour_first[v]) {
            tour = options->tour_node + options->tour_first[v];
            count = options->tour_first[v + 1] - options->tour_first[v];
        }
        if (!s->vehicle_active[v]) count = 0;
        if (!load_tour(s, v, tour, count)) return false;
        if (count < frozen) continue;
        int32_t node = start_of(p, v);
        for (int32_t k = 0; s->vehicle_active[v] && k < frozen; k++) {
            node = s->node[node].next;
            const int32_t wanted = p->frozen_node[p->frozen_first[v] + k];
            if (wanted == LM_RELOAD ? !is_reload(p, node) : wanted != node) return false;
            s->node[node].frozen = s->node[node].held = 1;
        }
    }
    for (int32_t j = 0; j < p->jobs; j++) {
        if (s->job_active && !s->job_active[j]) continue;
        const int32_t pickup = p->pickup[j];
        if (pickup != LM_NONE && s->node[pickup].held) s->node[p->dropoff[j]].held = 1;
        if (!s->node[p->dropoff[j]].held) s->jobs_list[s->jobs_count++] = j;
    }
    return true;
}

/* Everything that is out goes where it is cheapest, in a random order and at any cost: what is not
 * worth it leaves soon, but a first job alone never seems worth a vehicle. */
static void begin(Search *s) {
    for (int32_t k = 0; k < BEGINNINGS && s->absent_count; k++) {
        const int32_t count = s->absent_count;
        memcpy(s->order, s->absent, sizeof(int32_t) * (size_t)count);
        recreate(s, count, true);
    }
    settle(s);
    accept(s);
    keep_best(s);
}

/* What a job costs on the road, fixed costs aside. */
static double cost_per_job(const Search *s) {
    double cost = 0;
    int32_t jobs = 0;
    for (int32_t v = 0; v < s->p->vehicles; v++) {
        if (!s->route[v].jobs) continue;
        cost += (double)(s->route[v].cost - class_of(s->p, v)->given.fixed);
        jobs += s->route[v].jobs;
    }
    if (!jobs) return 0;
    /* Where leaving out is cheap, worse plans are few pennies apart: a job counts a share of its
     * penalty at most, or every route would evaporate, and none be worth its first job again. */
    double sum = 0;
    for (int32_t k = 0; k < s->jobs_count; k++) {
        const double most = PENALTY_HEAT * (double)s->p->penalty[s->jobs_list[k]];
        sum += most < cost / jobs ? most : cost / jobs;
    }
    return s->jobs_count ? sum / s->jobs_count : 0;
}

static void note(const Search *s, lm_answer *answer, double at, bool always) {
    const int32_t count = answer->progress_count;
    if (count && answer->progress_cost[count - 1] == s->best_cost) return;
    if (count >= answer->progress_room) return;
    if (!always && count && at - answer->progress_s[count - 1] < PROGRESS_EVERY) return;
    if (!always && count >= answer->progress_room - 1) return;
    answer->progress_s[count] = at;
    answer->progress_cost[count] = s->best_cost;
    answer->progress_count++;
}

/* One ruin, one recreate; true if the plan got better than ever. */
static bool step(Search *s, double temperature) {
    recreate(s, ruin(s), false);
    settle(s);
    const int64_t now = s->cost + s->absent_cost, before = s->old_cost + s->old_absent_cost;
    if ((double)(now - before) >= temperature * minus_log(draw(s->rng))) {
        reject(s);
        return false;
    }
    accept(s);
    if (now >= s->best_cost) return false;
    keep_best(s);
    return true;
}

static void anneal(Search *s, const lm_options *options, lm_answer *answer, const Watch *watch,
                   int64_t done) {
    const double warmth = done ? FEWER_HEAT : options->heat > 0 ? options->heat : FIRST_HEAT;
    const double hot = warmth * cost_per_job(s), from = done ? share_spent(watch, options, done) : 0;
    double temperature = hot, passed = seconds_on(watch);
    bool look = true;
    note(s, answer, passed, true);
    while (s->jobs_count) {
        if (look || done % CLOCK_EVERY == 0) {
            passed = seconds_on(watch);
            const double share = share_spent(watch, options, done);
            if (share >= 1) break;
            temperature = hot * power(LAST_HEAT, (share - from) / (1 - from));
            look = false;
        }
        if (options->iterations > 0 && done >= options->iterations) break;
        if (step(s, temperature)) note(s, answer, passed, false);
        done++;
    }
    answer->iterations = done;
    note(s, answer, seconds_on(watch), true);
}

static void write_answer(const Search *s, lm_answer *answer) {
    const lm_problem *p = s->p;
    int32_t count = 0;
    for (int32_t v = 0; v < p->vehicles; v++) {
        const int32_t end = end_of(p, v);
        answer->tour_first[v] = count;
        for (int32_t i = s->best_node[start_of(p, v)].next; i != end; i = s->best_node[i].next)
            answer->tour_node[count++] = i < p->spots ? i : LM_RELOAD;
    }
    answer->tour_first[p->vehicles] = count;
    answer->cost = s->best_cost;
}

int lm_solve(const lm_problem *p, const lm_options *options, lm_answer *answer) {
    Watch watch = {.clock = options->cpu_clock ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC};
    clock_gettime(watch.clock, &watch.began);
    Search s = {.p = p, .rng = {options->seed * 2 + 1, 0x9E3779B97F4A7C15u ^ options->seed}};
    int problem = 0;
    answer->progress_count = 0;
    for (int32_t i = 0; i < 16; i++) draw(s.rng);
    if (!allocate(&s, p)) {
        problem = 1;
    } else {
        lay_nodes(&s);
        lay_jobs(&s, options);
        if (!lay_tours(&s, options)) {
            problem = 2;
        } else {
            s.blink = 1;
            begin(&s);
            anneal(&s, options, answer, &watch, use_fewer(&s, options, &watch, cost_per_job(&s)));
            write_answer(&s, answer);
        }
    }
    release(&s);
    return problem;
}
