/*
 * Rows that nobody fetched, from one that was: crosses and inverses.
 *
 * A source whose base is fixed publishes one row, exactly; every other row
 * follows from it.  With h the numbers of the hub H (1 H = h[q] units of q):
 * 1 B = h[q] / h[b] units of q, 1 B = 1 / h[b] units of H, 1 B = exactly 1 B.
 * One division each, correctly rounded, so the result is within 1.5 units in
 * the last place of the exact quotient of the published decimals.
 */
#ifndef RATESD_SOURCE_DERIVE_H
#define RATESD_SOURCE_DERIVE_H

#include <stddef.h>

/*
 * Fills numbers (count, NaN where absent) of row base from the hub's numbers,
 * in which hub_index, if below count, is the hub's own.  hub_index == count:
 * the hub is not on the board.  How many are present; 0 if base itself is not
 * in the hub's numbers.  A quotient that is no normal double is absent.
 */
unsigned derive_row(const double *hub, unsigned hub_index, unsigned base,
    double *numbers, unsigned count);

#endif
