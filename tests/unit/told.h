/*
 * Loads configurations and keeps what is reported of them.
 */
#ifndef RATESD_TESTS_TOLD_H
#define RATESD_TESTS_TOLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/conf.h"

#define TOLD_MAX (64 * 1024)

/* Three lines that make a whole file. */
#define WHOLE                                                                  \
	"currencies = {\"EUR\"}\n"                                             \
	"sources = {\"a\"}\n"                                                  \
	"source \"a\" { url = \"http://a.example/{base}\" }\n"

/* All that the last load reported, a line each. */
extern char told[TOLD_MAX];

/* Where the loads look for presets first. */
extern const char *told_sources;

struct conf *load_file(const char *file);

/* These leave the file's name out of the reports. */
struct conf *load_bytes(const char *bytes, size_t size);
struct conf *load_text(const char *text);

void refuses_file(const char *file, const char *faults);
void refuses_text(const char *text, const char *faults);
void accepts_text(const char *text);

/* Set-up of a group: goes to the folder of the samples. */
int enter_samples(void **state);

#endif
