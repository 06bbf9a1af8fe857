/* What the core's files share: the prepared problem, and one search's state.
 *
 * Routes are doubly linked lists of nodes between a start and an end sentinel per vehicle, so that
 * an insertion next to a neighbour needs no position and a change costs what it touches. A node's
 * line, 64 bytes, holds all that most insertion tests read.
 */
#ifndef CORE_H
#define CORE_H

#include <stdbool.h>
#include <stddef.h>
#include "lm.h"

#define LM_KINDS 8     /* kinds of vehicles with roads of their own */

/* Sizes of the neighbour lists: see docs/optimizer.md for the measurements. */
#define BESIDE 40      /* places next to which an insertion is tried, per side */
#define AROUND 250     /* how far a ruin looks for routes */
#define PAIR_NEAR 60   /* neighbours whose routes a pair is tried in, per stop */

/* Travel of one kind of vehicle, setup added, over places and the sentinels' places. The transposed
 * copies make "everything to here" one row, too; they are the same memory when nothing differs. */
typedef struct {
    int32_t *metres, *metres_to, *seconds, *seconds_to;
} Roads;

typedef struct {
    int32_t place, earliest, latest, service; /* one window: plain problems only */
    int32_t job, role;
} Spot;

typedef struct {
    lm_class given;
    int32_t start_place, end_place, reload_place; /* rows of Roads */
    int32_t ground;                               /* classes with the same one drive any route alike:
                                                     same roads, ends, shift and prices of time */
    bool time_priced;                             /* the duration has a price or a limit */
} Class;

struct lm_problem {
    int32_t places, spots, jobs, classes, vehicles, kinds;
    int32_t nodes;          /* spots + 2 sentinels per vehicle + every vehicle's reloads */
    int32_t columns;        /* rows and columns of Roads */
    bool plain;             /* single windows, no breaks, reloads, releases, soft windows */
    bool pairs;             /* some job has a pickup */
    bool soft;              /* some window has a price */
    bool reloads;           /* some vehicle goes back for more */
    int32_t rests;          /* the most breaks that any vehicle has */
    bool picky;             /* it matters who drives a job: classes, or prices of changes */
    Roads *roads;
    Spot *spot;             /* spots, sentinels, reloads */
    int32_t *load;          /* nodes * LM_DIMS: what a stop adds on board, negative for a dropoff */
    int32_t *window_first, *window_earliest, *window_latest;
    int32_t *due;
    int64_t *late_per_s;
    int32_t *pickup, *dropoff, *release, *planned;
    int64_t *penalty, *change_cost;
    uint8_t *allowed;
    Class *class_list;
    int32_t *vehicle_class, *reload_first; /* vehicles (+ 1): class; first reload node */
    int32_t *frozen_first, *frozen_node;
    int32_t *break_earliest, *break_latest, *break_duration;
    int32_t fair_share;
    int64_t unfair_per_s;
    bool alike;             /* one kind of roads, one price of a metre */
    bool anyone;            /* every class may take every job */
    bool replanned;         /* some job was planned before */
    int32_t beside, around;  /* lengths of the lists below */
    int32_t *before, *after; /* spots * beside: good predecessors and successors */
    int32_t *near;           /* spots * around: near in space and time */
    int64_t *job_size;       /* order of insertion: share of the vehicle that it takes */
    int64_t *job_far;        /* order of insertion: cost from and to the nearest start */
};

/* A stretch of a route: its least duration, and when it may begin for that [earliest, latest].
 * Source: Vidal et al. 2013, "A hybrid genetic algorithm with adaptive diversity management for a
 * large class of vehicle routing problems with time windows", without time warp. */
typedef struct {
    int32_t duration, earliest, latest;
} Stretch;

typedef struct {
    _Alignas(64) int32_t next;
    int32_t prev, route;
    int32_t metres, seconds;      /* to the next */
    int32_t next_place;
    int32_t free;                 /* earliest end of handling */
    int32_t deadline;             /* latest start of handling that keeps the rest in time */
    int32_t prev_metres, prev_place;
    int32_t place, earliest, latest, service;
    int32_t frozen, held;         /* nothing goes before it; it does not leave its route */
} Node;

typedef struct {
    int32_t jobs, stops;          /* stops: spots, without reloads */
    int32_t load[LM_DIMS];        /* loaded at the start, in all */
    int64_t metres, changes, cost;
    uint64_t version;             /* a name for its order of stops, never 0 */
} Route;

/* Where a job would go. `reload` says which side of a loaded stop gets a reload, 0 for none; `into`
 * 1 + the class that the route is handed to before, 0 for none. */
typedef struct {
    int64_t added;
    int32_t route, first_after, second_after, reload, into;
} Spot_found;

/* What was found when a job was last tried in a route: see memo.c. */
typedef struct {
    uint64_t version;
    Spot_found found;
} Memo;

/* What an insertion under the full rules asks of a node of its route: see course.c. */
typedef struct {
    int32_t aboard[LM_DIMS], peak[LM_DIMS]; /* after it; the most in its trip up to there */
    int32_t rest[LM_DIMS];                  /* loaded at the trip's start, for stops after it */
    int32_t head;                           /* where its trip begins: the start, or a reload */
    int32_t release_before, release_after;  /* of its trip's stops up to it, and after it */
    int64_t late;                           /* price of lateness up to it */
} Mark;

/* Sums of a route from its start up to and with a node. */
typedef struct {
    int64_t metres, changes;
    int32_t load[LM_DIMS], jobs;
} Tally;

/* One search's whole state; `old` keeps the last accepted routes, `best` the best ones. */
typedef struct {
    const lm_problem *p;
    uint64_t rng[2];
    Node *node, *old_node, *best_node;
    Route *route, *old_route;
    Stretch *ahead, *behind;      /* start..node and node..end, where time has a price */
    int32_t (*aboard)[LM_DIMS];   /* after the node, where there are pairs */
    uint8_t *active_vehicles;
    const uint8_t *vehicle_active, *job_active;
    int32_t *absent, absent_count, *absent_at;  /* jobs out of the routes; where in the list */
    int32_t *old_absent, old_absent_count;
    int32_t *touched, touched_count;  /* routes changed since `old` */
    int32_t *dirty, dirty_count;      /* routes changed since `best` */
    uint8_t *is_touched, *is_dirty;
    Tally *tally;                     /* see recipe.c; of routes that are not `stale` */
    uint8_t *stale, *quiet;           /* quiet: looked at by the local search since it changed */
    int32_t *scan;                    /* room for one tour: stops that the local search looks at */
    int32_t *stamp, stamp_now;        /* per route: looked at already */
    int64_t *base;                    /* per route, while stamped: cost of the job there aside from
                                         driving, NO_COST if it may not go there at all */
    int32_t *jobs_list, jobs_count;   /* active jobs that are not frozen */
    int32_t *order;                   /* jobs to insert now */
    int64_t *order_key;
    int32_t *sequence, *trial;        /* room for one tour each */
    int64_t cost, old_cost, best_cost, absent_cost, old_absent_cost;
    int32_t *spare;                   /* per class: what spare_of said last */
    int32_t *idle, *idle_at;          /* vehicles class by class, unused ones in front; where in it */
    int32_t *idle_first, *idle_count; /* per class (+ 1), into `idle`; how many are unused */
    int32_t *into;                    /* per route, while stamped: 0, or 1 + the class that it has to
                                         be handed to for the job */
    int32_t *absences;                /* per job: how often it was left out, see fewer.c */
    int32_t stops, used, old_stops, old_used; /* spots in routes; routes with any */
    bool careless;                    /* half of a route's winning places are overlooked now */
    int32_t blink;                    /* positions until the next one is overlooked */
    Memo *memo;                       /* jobs * memo_width */
    int32_t memo_width;
    Mark *mark;                       /* this and the next ones only where the rules are not plain */
    int32_t *frees, *bys;             /* (nodes, rests + 1): clock after; deadline of arrival */
    int32_t *clocks, *least;          /* room for passages, and for one route's gaps */
    uint64_t *course_version;         /* of the route that `mark` and the clocks belong to */
    void *arrays[48];                 /* what to give back at the end */
    int32_t array_count;
    bool short_of_memory;
} Search;

typedef struct Watch Watch;

#define NO_COST INT64_MAX
#define BROKEN ((int64_t)1 << 57) /* a route that cannot be driven as it is; sums of many fit */

static inline int32_t max32(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int32_t min32(int32_t a, int32_t b) { return a < b ? a : b; }

static inline int32_t start_of(const lm_problem *p, int32_t vehicle) {
    return p->spots + 2 * vehicle;
}
static inline int32_t end_of(const lm_problem *p, int32_t vehicle) {
    return p->spots + 2 * vehicle + 1;
}
static inline bool is_reload(const lm_problem *p, int32_t node) {
    return node >= p->spots + 2 * p->vehicles;
}
static inline const Class *class_of(const lm_problem *p, int32_t vehicle) {
    return &p->class_list[p->vehicle_class[vehicle]];
}
static inline const Roads *roads_of(const lm_problem *p, const Class *c) {
    return &p->roads[c->given.kind];
}

/* xoroshiro128+. Source: Blackman & Vigna 2018, "Scrambled linear pseudorandom generators". */
static inline uint64_t draw(uint64_t s[2]) {
    const uint64_t a = s[0], sum = a + s[1], b = s[1] ^ a;
    s[0] = ((a << 24) | (a >> 40)) ^ b ^ (b << 16);
    s[1] = (b << 37) | (b >> 27);
    return sum;
}
static inline int32_t draw_below(uint64_t s[2], int32_t n) {
    return (int32_t)(((draw(s) >> 32) * (uint64_t)n) >> 32);
}

/* What a duration costs; NO_COST past the limit. */
static inline int64_t duration_cost(const lm_problem *p, const Class *c, int32_t duration) {
    const int64_t over = duration - c->given.overtime_after, unfair = duration - p->fair_share;
    if (duration > c->given.max_duration) return NO_COST;
    return c->given.per_s * duration + (over > 0 ? c->given.overtime_per_s * over : 0) +
           (unfair > 0 ? p->unfair_per_s * unfair : 0);
}

static inline Stretch join(Stretch a, Stretch b, int32_t between) {
    const int32_t shift = a.duration + between;
    const int32_t wait = max32(b.earliest - shift - a.latest, 0);
    const int32_t warp = max32(a.earliest + shift - b.latest, 0);
    return (Stretch){shift + b.duration + wait, max32(b.earliest - shift, a.earliest) - wait,
                     min32(b.latest - shift, a.latest) + warp};
}
static inline Stretch stretch_of(const Node *n) {
    return (Stretch){n->service, n->earliest, n->latest};
}

/* neighbours.c */
bool find_neighbours(lm_problem *p);

/* timing.c */
int64_t tour_cost(const lm_problem *p, int32_t vehicle, const int32_t *tour, int32_t count);

/* What it costs that another vehicle than the planned one drives the job. */
static inline int64_t change_cost(const lm_problem *p, int32_t job, int32_t vehicle) {
    return p->planned[job] != LM_NONE && p->planned[job] != vehicle ? p->change_cost[job] : 0;
}

/* times.c */
void refresh(Search *s, int32_t vehicle);
void refresh_around(Search *s, int32_t node, int32_t vehicle);
void read_times(Search *s, int32_t vehicle);
void read_stretches(Search *s, int32_t vehicle);

/* route.c */
void touch(Search *s, int32_t vehicle);
void link_after(Search *s, int32_t node, int32_t before, int32_t vehicle);
void take_stop(Search *s, int32_t node, int32_t vehicle);
int32_t put_stop(Search *s, int32_t node, int32_t before, int32_t vehicle);
void unlink_node(Search *s, int32_t node);
int32_t spare_reload(const Search *s, int32_t vehicle);
void take_out(Search *s, int32_t job);
void put_in(Search *s, int32_t job, Spot_found *where);
int32_t read_tour(const Search *s, int32_t vehicle, int32_t *tour);
void lay_route(Search *s, int32_t vehicle, const int32_t *tour, int32_t count);
bool load_tour(Search *s, int32_t vehicle, const int32_t *tour, int32_t count);
void drop_idle_reloads(Search *s, int32_t vehicle);

/* keep.c */
void accept(Search *s);
void reject(Search *s);
void keep_best(Search *s);

/* memo.c, course.c */
bool allocate_memo(Search *s);
bool allocate_courses(Search *s);
void release_courses(Search *s);

/* insert.c; more in insert.h */
Spot_found cheapest(Search *s, int32_t job, int64_t limit);
bool open_route(Search *s, int32_t job);
void recreate(Search *s, int32_t count, bool at_all_costs);

/* vehicles.c */
void list_idle(Search *s, int32_t vehicle, bool idle);
int32_t spare_of(Search *s, int32_t class_index);
void exchange(Search *s, int32_t a, int32_t b);
void settle(Search *s);
int64_t cost_of_larger(Search *s, int32_t vehicle, int32_t job, int32_t *into);
void enlarge(Search *s, Spot_found *where);

/* share.c */
bool share_out(Search *s, const int32_t *routes, int32_t many);

/* fewer.c */
int64_t use_fewer(Search *s, const lm_options *options, const Watch *watch, double cost_per_job);

/* state.c; `lay` is false if the given tours break the problem */
bool allocate(Search *s, const lm_problem *p);
void release(Search *s);
bool lay(Search *s, const lm_options *options);

/* search.c: how much of the budget, or of the steps, is spent */
double share_spent(const Watch *watch, const lm_options *options, int64_t done);

/* improve.c */
bool can_improve(const lm_problem *p);
void improve(Search *s);

/* trips.c */
bool has_trips(const lm_problem *p);
void exchange_ends(Search *s);
void shuffle_trips(Search *s);

/* ruin.c */
int32_t ruin(Search *s);

#endif
