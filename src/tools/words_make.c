/*
 * Prints what the programs' tables say, as the files need it that are made
 * from them.  Never installed; tests/check-words runs it.
 *
 * usage: ratesd-words bash | zsh | fish | fish-ratesd | fish-ratesfetch |
 *	fish-check-rates | synopsis
 */
#include "tools/words_make.h"

#include <stdio.h>
#include <string.h>

static void
fish_ratesctl(void)
{
	words_make_fish("ratesctl");
}

static void
fish_ratesd(void)
{
	words_make_fish("ratesd");
}

static void
fish_ratesfetch(void)
{
	words_make_fish("ratesfetch");
}

static void
fish_check_rates(void)
{
	words_make_fish("check_rates");
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*make)(void);
	} blocks[] = {
		{ "bash", words_make_bash },
		{ "zsh", words_make_zsh },
		{ "fish", fish_ratesctl },
		{ "fish-ratesd", fish_ratesd },
		{ "fish-ratesfetch", fish_ratesfetch },
		{ "fish-check-rates", fish_check_rates },
		{ "synopsis", words_make_synopsis },
	};

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (argc != 2 || strcmp(argv[1], blocks[i].name) != 0)
			continue;
		blocks[i].make();
		return fflush(stdout) == 0 ? 0 : 1;
	}
	fputs("usage: ratesd-words bash | zsh | fish | fish-ratesd | "
	      "fish-ratesfetch | fish-check-rates | synopsis\n",
	    stderr);
	return 2;
}
