/* What a job costs at its best place in a route, kept for as long as the route stays as it is.
 *
 * A step changes a few routes and is mostly taken back, so that most of the routes in which a job is
 * tried are those in which it was tried last time. A state of a route has a version of its own, which
 * comes back when the route does. */
#include <stdlib.h>
#include "insert.h"

#define WIDEST 512           /* states of routes that are told apart per job */
#define MOST_MEMOS (1 << 21) /* 64 MB */

bool allocate_memo(Search *s) {
    const lm_problem *p = s->p;
    if (p->plain && !p->pairs) return true; /* places there are tried one by one */
    s->memo_width = 16;
    while (s->memo_width < WIDEST && 2 * (int64_t)s->memo_width * p->jobs <= MOST_MEMOS)
        s->memo_width *= 2;
    s->memo = calloc((size_t)s->memo_width * (size_t)p->jobs + 1, sizeof(Memo));
    return s->memo != NULL;
}

static Memo *memo_of(const Search *s, int32_t job, uint64_t version) {
    const size_t slot = (size_t)(version >> 40) & (size_t)(s->memo_width - 1);
    return &s->memo[(size_t)job * (size_t)s->memo_width + slot];
}

/* True if it is known whether the route beats the best place so far, and where. */
bool recall(const Search *s, int32_t job, int32_t vehicle, Spot_found *best) {
    const uint64_t version = s->route[vehicle].version;
    const Memo *known = memo_of(s, job, version);
    if (known->version != version) return false;
    if (known->found.added >= best->added) return true;
    if (known->found.route == LM_NONE) return false; /* it was only looked for at less */
    *best = known->found;
    return true;
}

/* Keep the best place in a route, or that there is none below `found->added`. */
void remember(Search *s, int32_t job, int32_t vehicle, const Spot_found *found) {
    const uint64_t version = s->route[vehicle].version;
    *memo_of(s, job, version) = (Memo){version, *found};
}
