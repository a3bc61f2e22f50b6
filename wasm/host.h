/* The time of the host. */
#ifndef SESAME_HOST_H
#define SESAME_HOST_H

/* The time, in milliseconds since 1970. */
double sesame_now(void);

/* Has the host asked again when the time is needed next. */
void sesame_time_passed(void);

#endif
