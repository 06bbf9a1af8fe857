/* The search: ruin, recreate, now and then improve, and accept by simulated annealing, until the
 * budget is spent.
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

#define FIRST_HEAT 2.0      /* times the mean cost per job */
#define HEAT_ALONE 0.7      /* the same where no local search follows */
#define LAST_HEAT 0.015     /* of the first temperature */
#define IMPROVED_IN_100 30  /* steps of a hundred after which local search runs */
#define SHUFFLED_IN_100 40  /* steps of a hundred before which trips change vehicles */
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

/* Everything that is out goes where it is cheapest, in a random order. From nothing that is at any
 * cost: what is not worth it leaves soon, but a first job alone never seems worth a vehicle. The best plan
 * is never dearer than the one that was given. */
static void begin(Search *s) {
    const bool fresh = s->absent_count == s->jobs_count;
    accept(s);
    keep_best(s);
    for (int32_t k = 0; k < (fresh ? BEGINNINGS : 1) && s->absent_count; k++) {
        const int32_t count = s->absent_count;
        memcpy(s->order, s->absent, sizeof(int32_t) * (size_t)count);
        recreate(s, count, fresh);
    }
    settle(s);
    accept(s);
    if (s->cost + s->absent_cost < s->best_cost) keep_best(s);
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
        const int64_t penalty = s->p->penalty[s->jobs_list[k]];
        const double most = PENALTY_HEAT * (double)(penalty > 0 ? penalty : 0);
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

/* One ruin, one recreate, perhaps a local search; true if the plan got better than ever. */
static bool step(Search *s, double temperature) {
    const bool trips = has_trips(s->p);
    if (trips && draw_below(s->rng, 100) < SHUFFLED_IN_100) shuffle_trips(s);
    recreate(s, ruin(s), false);
    if (trips) exchange_ends(s);
    if (can_improve(s->p) && draw_below(s->rng, 100) < IMPROVED_IN_100) improve(s);
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

static double first_heat(const lm_problem *p, const lm_options *options, bool after_fewer) {
    if (after_fewer) return FEWER_HEAT;
    if (options->heat > 0) return options->heat;
    return can_improve(p) ? FIRST_HEAT : HEAT_ALONE;
}

static void anneal(Search *s, const lm_options *options, lm_answer *answer, const Watch *watch,
                   int64_t done) {
    const double hot = first_heat(s->p, options, done > 0) * cost_per_job(s), from = done ? share_spent(watch, options, done) : 0;
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
        if (!lay(&s, options)) {
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
