/* The state that a search begins with: room for everything, routes without stops, then the tours that
 * are given. */
#include <stdlib.h>
#include "core.h"

/* Remember what is to be given back; an array that there is no memory for is remembered, too. */
static void *held(Search *s, void *made) {
    s->arrays[s->array_count++] = made;
    s->short_of_memory |= made == NULL;
    return made;
}

bool allocate(Search *s, const lm_problem *p) {
    const size_t nodes = (size_t)p->nodes + 1, cars = (size_t)p->vehicles + 1, jobs = (size_t)p->jobs + 1;
    s->node = held(s, aligned_alloc(64, nodes * sizeof(Node)));
    s->old_node = held(s, aligned_alloc(64, nodes * sizeof(Node)));
    s->best_node = held(s, aligned_alloc(64, nodes * sizeof(Node)));
    s->route = held(s, calloc(cars, sizeof(Route)));
    s->old_route = held(s, calloc(cars, sizeof(Route)));
    s->ahead = held(s, malloc(nodes * sizeof(Stretch)));
    s->behind = held(s, malloc(nodes * sizeof(Stretch)));
    s->aboard = held(s, malloc(nodes * sizeof *s->aboard));
    s->absent = held(s, malloc(jobs * sizeof(int32_t)));
    s->absent_at = held(s, malloc(jobs * sizeof(int32_t)));
    s->old_absent = held(s, malloc(jobs * sizeof(int32_t)));
    s->touched = held(s, malloc(cars * sizeof(int32_t)));
    s->dirty = held(s, malloc(cars * sizeof(int32_t)));
    s->is_touched = held(s, calloc(cars, 1));
    s->is_dirty = held(s, calloc(cars, 1));
    s->tally = held(s, malloc(nodes * sizeof(Tally)));
    s->stale = held(s, malloc(cars));
    s->quiet = held(s, malloc(cars));
    s->scan = held(s, malloc(nodes * sizeof(int32_t)));
    s->stamp = held(s, calloc(cars, sizeof(int32_t)));
    s->base = held(s, calloc(cars, sizeof(int64_t)));
    s->jobs_list = held(s, malloc(jobs * sizeof(int32_t)));
    s->order = held(s, malloc((jobs + 16) * sizeof(int32_t)));
    s->order_key = held(s, malloc((jobs + 16) * sizeof(int64_t)));
    s->sequence = held(s, malloc((nodes + 4) * sizeof(int32_t)));
    s->trial = held(s, malloc((nodes + 4) * sizeof(int32_t)));
    s->spare = held(s, malloc(((size_t)p->classes + 1) * sizeof(int32_t)));
    s->active_vehicles = held(s, malloc(cars));
    s->idle = held(s, malloc(cars * sizeof(int32_t)));
    s->idle_at = held(s, malloc(cars * sizeof(int32_t)));
    s->idle_first = held(s, calloc((size_t)p->classes + 1, sizeof(int32_t)));
    s->idle_count = held(s, calloc((size_t)p->classes + 1, sizeof(int32_t)));
    s->into = held(s, calloc(cars, sizeof(int32_t)));
    s->absences = held(s, calloc(jobs, sizeof(int32_t)));
    return !s->short_of_memory && allocate_memo(s) && allocate_courses(s);
}

void release(Search *s) {
    for (int32_t i = 0; i < s->array_count; i++) free(s->arrays[i]);
    free(s->memo);
    release_courses(s);
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


bool lay(Search *s, const lm_options *options) {
    lay_nodes(s);
    lay_jobs(s, options);
    return lay_tours(s, options);
}
