/* What the core is asked, and what it answers: the only header that a caller needs.
 *
 * A node is one visit of one job: its pickup, or its dropoff. Jobs without a pickup are loaded where
 * the trip begins. Units are the caller's (see chalicelib/domain/routing/problem.py): seconds,
 * metres, points; every number fits its type with room for a sum, which the caller has checked.
 * All arrays are borrowed for the time of a call of lm_prepare, which copies what it keeps.
 */
#ifndef LM_H
#define LM_H

#include <stdint.h>

/* Everything else stays inside: compile with -fvisibility=hidden, or libc's accept() is ours. */
#define LM_API __attribute__((visibility("default")))

#define LM_DIMS 3          /* weight, volume, parcels */
#define LM_NONE (-1)       /* no place, no node, no vehicle */
#define LM_RELOAD (-1)     /* in a tour: back for the next trip's parcels */
#define LM_NEVER (1 << 29) /* a time or a limit that is never reached */
#define LM_ENDLESS ((int64_t)1 << 61) /* metres that no route ever has */

enum lm_role { LM_LOADED, LM_PICKUP, LM_DROPOFF }; /* LM_LOADED: a dropoff without a pickup */

/* Vehicles that differ in nothing but their name, frozen nodes and planned jobs share a class. */
typedef struct {
    int32_t kind, start, end;              /* matrices; places, or LM_NONE where the route is open */
    int32_t capacity[LM_DIMS];
    int32_t shift_earliest, shift_latest;  /* s */
    int32_t max_jobs, max_duration;        /* LM_NEVER without a limit */
    int64_t max_distance;                  /* m; LM_ENDLESS without a limit */
    int64_t fixed, per_m, per_s;           /* points */
    int32_t overtime_after;                /* s */
    int64_t overtime_per_s;
    int32_t reload_place, reload_service, reload_times; /* LM_NONE, 0, 0 without */
    int32_t break_first, break_count;      /* into the break arrays */
} lm_class;

typedef struct {
    int32_t places, nodes, jobs, classes, vehicles, kinds;
    const int32_t *const *distance;        /* kinds x (places * places), row = from */
    const int32_t *const *duration;
    const int32_t *setup;                  /* places */
    const int32_t *node_place, *node_service, *node_job, *node_role;
    const int32_t *node_load;              /* nodes * LM_DIMS, never negative */
    const int32_t *window_first;           /* nodes + 1, into the next two */
    const int32_t *window_earliest, *window_latest;
    const int32_t *node_due;               /* LM_NEVER without a soft window */
    const int64_t *node_late_per_s;
    const int32_t *job_pickup, *job_dropoff; /* nodes; pickup LM_NONE when loaded at the start */
    const int64_t *job_penalty;            /* less the changes that every vehicle costs: any sign */
    const int32_t *job_release;
    const int32_t *job_planned;            /* vehicle, or LM_NONE */
    const int64_t *job_change_cost;
    const uint8_t *job_allowed;            /* jobs * classes */
    const lm_class *class_list;
    const int32_t *vehicle_class;
    const int32_t *frozen_first;           /* vehicles + 1, into frozen_node */
    const int32_t *frozen_node;            /* nodes or LM_RELOAD */
    const int32_t *break_earliest, *break_latest, *break_duration;
    int32_t fair_share;                    /* s */
    int64_t unfair_per_s;
} lm_input;

typedef struct {
    uint64_t seed;
    int64_t iterations;      /* 0: until the budget is spent; otherwise the clock is not looked at */
    double budget_s;
    int32_t cpu_clock;       /* 1: the budget is CPU time of the calling thread */
    double heat;             /* first temperature as a multiple of the mean cost per job; 0: default */
    const uint8_t *vehicle_active, *job_active; /* NULL: all; a part of the problem otherwise */
    const int32_t *tour_first; /* vehicles + 1, into tour_node: where to begin; NULL: from nothing */
    const int32_t *tour_node;
} lm_options;

typedef struct {
    int32_t *tour_first;     /* out, vehicles + 1 */
    int32_t *tour_node;      /* out, room for nodes + all reloads */
    int64_t cost;            /* points, of the active part, penalties included */
    int64_t iterations;
    int32_t progress_room, progress_count;
    double *progress_s;      /* out: when a better plan was known */
    int64_t *progress_cost;
} lm_answer;

typedef struct lm_problem lm_problem;

/* NULL when memory is short. The problem is never changed afterwards: threads may share it. */
LM_API lm_problem *lm_prepare(const lm_input *input);
LM_API void lm_release(lm_problem *problem);

/* 0, or 1 when memory is short, or 2 when the tours to begin with break the problem. */
LM_API int lm_solve(const lm_problem *problem, const lm_options *options, lm_answer *answer);

/* The cost of one vehicle's tour in points, or -1 when it breaks the problem: for tests. */
LM_API int64_t lm_tour_cost(const lm_problem *problem, int32_t vehicle, const int32_t *tour, int32_t count);

#endif
