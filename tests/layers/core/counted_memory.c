/* Memory that is counted, that runs out on demand, and whose content is junk until it is written.
 * For one thread. */
#undef aligned_alloc
#undef malloc
#undef calloc
#undef realloc
#undef free

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *counted_aligned_alloc(size_t alignment, size_t size);
void *counted_malloc(size_t size);
void *counted_calloc(size_t count, size_t size);
void *counted_realloc(void *block, size_t size);
void counted_free(void *block);
__attribute__((visibility("default"))) int64_t lm_living_blocks(void);
__attribute__((visibility("default"))) void lm_grant(int64_t blocks);

static int64_t living, asked, last_granted = INT64_MAX;

int64_t lm_living_blocks(void) { return living; }

/* So many more blocks, and none after them. */
void lm_grant(int64_t blocks) {
    asked = 0;
    last_granted = blocks;
}

static void *counted(void *block) {
    living += block != NULL;
    return block;
}

static void *spoilt(void *block, size_t size) {
    return block ? memset(block, 0xA5, size) : NULL;
}

void *counted_malloc(size_t size) {
    return asked++ < last_granted ? spoilt(counted(malloc(size)), size) : NULL;
}

void *counted_aligned_alloc(size_t alignment, size_t size) {
    return asked++ < last_granted ? spoilt(counted(aligned_alloc(alignment, size)), size) : NULL;
}

void *counted_calloc(size_t count, size_t size) {
    return asked++ < last_granted ? counted(calloc(count, size)) : NULL;
}

void *counted_realloc(void *block, size_t size) {
    if (!block) return counted_malloc(size);
    return asked++ < last_granted ? realloc(block, size) : NULL;
}

void counted_free(void *block) {
    living -= block != NULL;
    free(block);
}
