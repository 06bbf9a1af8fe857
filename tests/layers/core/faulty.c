/* What the builds that look for faults must find: each function has one. The pointers are volatile
 * so that no compiler sees it beforehand. */
#include <stdint.h>
#include <stdlib.h>

#define VISIBLE __attribute__((visibility("default")))
VISIBLE int32_t lm_overflow(int32_t value);
VISIBLE int32_t lm_read_past(int32_t count);
VISIBLE int32_t lm_read_after(int32_t count);

int32_t lm_overflow(int32_t value) { return value + INT32_MAX; }

int32_t lm_read_past(int32_t count) {
    int32_t *volatile block = calloc((size_t)count, sizeof(int32_t));
    const int32_t past = block[count];
    free(block);
    return past;
}

int32_t lm_read_after(int32_t count) {
    int32_t *volatile block = calloc((size_t)count, sizeof(int32_t));
    free(block);
    return block[0];
}
