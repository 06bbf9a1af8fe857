/* A route as a recipe: pieces of today's routes in a new order, priced before anything is moved. */
#ifndef RECIPE_H
#define RECIPE_H

#include "core.h"

#define MOST_PIECES 4

/* Stops `from`..`to` of one route as they stand; `turned`: driven from `to` back to `from`. */
typedef struct {
    int32_t from, to;
    bool turned;
} Piece;

/* What one vehicle would drive: the first piece begins with its start, the last one ends with the
 * end of any vehicle, which stands for its own. */
typedef struct {
    int32_t vehicle, count;
    Piece piece[MOST_PIECES];
} Recipe;

void survey(Search *s, int32_t vehicle);
int64_t recipe_cost(Search *s, const Recipe *recipe);
void follow(Search *s, const Recipe *recipes, int32_t count);

#endif
