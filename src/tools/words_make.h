/*
 * Completions and synopses, printed from the tables of the programs.  Each is
 * a block that goes between two comment lines of a file (tests/check-words).
 */
#ifndef RATESD_TOOLS_WORDS_MAKE_H
#define RATESD_TOOLS_WORDS_MAKE_H

/* The blocks of etc/completion/ratesctl.bash and of _ratesctl. */
void words_make_bash(void);
void words_make_zsh(void);

/* Of ratesctl.fish and ratesd.fish: one program's lines. */
void words_make_fish(const char *program);

/* The commands in the SYNOPSIS of man/ratesctl.1. */
void words_make_synopsis(void);

#endif
