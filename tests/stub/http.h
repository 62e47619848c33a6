#ifndef STUB_HTTP_H
#define STUB_HTTP_H

#include <stdint.h>

/*
 * The HTTP side: /rates, /control, /stats and /codes on 127.0.0.1, all of it
 * in one thread of the library.
 */

/* Listens on that port, 0 for a free one; ends the program on failure. */
void		 http_start(uint16_t port);

/* The port listened on. */
uint16_t	 http_port(void);

/* Closes every connection; park_stop() comes before it. */
void		 http_stop(void);

#endif
