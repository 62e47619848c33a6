/*
 * Rows that nobody fetched, from one that was: crosses and inverses.
 *
 * A source whose base is fixed publishes one row, exactly; every other row
 * follows from it.  With h the numbers of the hub H (1 H = h[q] units of q):
 * 1 B = h[q] / h[b] units of q, 1 B = 1 / h[b] units of H, 1 B = exactly 1 B.
 * One division each.  It and the reading of both decimals are correctly
 * rounded, each within 2^-53 of its value; so a cross is within 3 x 2^-53 of
 * the exact quotient of the published decimals, which is up to 2.5 units in
 * the last place (a quotient just below a power of 2 has the smallest units),
 * and an inverse within 2 x 2^-53, up to 1.5 units.
 */
#ifndef RATESD_SOURCE_DERIVE_H
#define RATESD_SOURCE_DERIVE_H

#include <stddef.h>

/*
 * Fills numbers (count, NaN where absent) of row base from the hub's numbers
 * (count, NaN where absent; not the same array), in which hub_index, if below
 * count, is the hub's own: 1, whatever is there.  hub_index == count: the hub
 * is not on the board.  How many are present; 0 if base itself is not in the
 * hub's numbers.  What is no normal double above zero is absent, before and
 * after the division.
 */
unsigned derive_row(const double *hub, unsigned hub_index, unsigned base,
    double *numbers, unsigned count);

#endif
