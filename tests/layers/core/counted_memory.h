/* Included before everything else in a build that counts: the core's memory comes from there.
 * Nothing is declared here: <stdlib.h> declares these names itself once they stand for its own. */
#define aligned_alloc counted_aligned_alloc
#define malloc counted_malloc
#define calloc counted_calloc
#define realloc counted_realloc
#define free counted_free
