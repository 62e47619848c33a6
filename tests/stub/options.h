#ifndef STUB_OPTIONS_H
#define STUB_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#define OPTION_SETTINGS_MAX	256

/* The command line; the texts are those of argv. */
struct options {
	const char	*data;		/* CSV, never NULL */
	const char	*port_file;	/* or NULL */
	const char	*log;		/* or NULL */
	uint16_t	port;		/* 0: a free one */
	int		seconds;	/* to live, > 0 */
	size_t		synthetic;	/* currencies in total, 0: as published */

	/* Settings that need the data to be understood, in their order. */
	struct {
		const char	*key, *value;
	}		settings[OPTION_SETTINGS_MAX];
	size_t		setting_count;
};

/* Reads the command line; ends the program if it is wrong. */
void	 options_read(struct options *opt, int argc, char *argv[]);

/* Puts the settings in force, after data_load(); ends the program if one of
 * them is wrong. */
void	 options_apply(const struct options *opt);

/*
 * Writes the port as one decimal line in a way that a reader finds no file or
 * the whole line.  file may be NULL; ends the program on failure.
 */
void	 port_file_write(const char *file, uint16_t port);

/* Removes it again; file may be NULL. */
void	 port_file_remove(const char *file);

#endif
