/* Logarithm and power from basic arithmetic: libraries differ in their last bit, and one bit is
 * enough to make two machines plan differently. */
#ifndef DETERMINISTIC_H
#define DETERMINISTIC_H

#include <stdint.h>

#define LN_2 0.69314718055994530942

/* ln of x in (0, 2^63): the exponent's share, and the series of 2 artanh((m - 1) / (m + 1)), whose
 * terms fall by a factor of 34 at m in [0.71, 1.42]. */
static inline double ln(double x) {
    int32_t exponent = 0;
    while (x > 1.4142135623730951) { x *= 0.5; exponent++; }
    while (x < 0.70710678118654752) { x *= 2; exponent--; }
    const double y = (x - 1) / (x + 1), square = y * y;
    double sum = 0, term = y;
    for (int32_t k = 1; k < 22; k += 2) { sum += term / k; term *= square; }
    return 2 * sum + exponent * LN_2;
}

/* base ^ share for base in (0, 1) and share in [0, 1]: e^x by halving x until its series is short. */
static inline double power(double base, double share) {
    double x = ln(base) * share / 1024, sum = 1, term = 1;
    for (int32_t k = 1; k < 8; k++) { term *= x / k; sum += term; }
    for (int32_t k = 0; k < 10; k++) sum *= sum;
    return sum;
}

/* -ln of a uniform draw from (0, 1). */
static inline double minus_log(uint64_t bits) {
    return -ln(((double)(bits >> 12) + 0.5) * (1.0 / 4503599627370496.0));
}

#endif
