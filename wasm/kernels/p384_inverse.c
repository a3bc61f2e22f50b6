/* inverse.c once more, for the numbers of p384.c. */
#define OF_384_BITS
#include "inverse.c"
