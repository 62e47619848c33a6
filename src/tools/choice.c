#include "tools/choice.h"

#include <stdlib.h>
#include <string.h>

#include <bsd/string.h>

#include "base/text.h"
#include "tools/view.h"

#define SYMBOL_MAX 64 /* of one word between commas, with its NUL */

static int
add(struct choice *choice, struct ctl *ctl, const char *word)
{
	unsigned index;
	int status = view_find(ctl, word, &index);
	void *more;

	if (status != CTL_DONE)
		return status;
	for (unsigned i = 0; i < choice->code_count; i++)
		if (strcmp(choice->codes[i], word) == 0)
			return CTL_DONE;
	more = reallocarray(choice->codes, choice->code_count + 1,
	    sizeof(*choice->codes));
	if (more == NULL)
		return ctl_complain(CTL_FAILED, "%m");
	choice->codes = more;
	strlcpy(choice->codes[choice->code_count++], word, RATES_CODE_MAX);
	return CTL_DONE;
}

int
choice_bases(struct choice *choice, struct ctl *ctl, int argc, char **argv)
{
	int status = CTL_DONE;

	for (int i = 0; status == CTL_DONE && i < argc; i++)
		status = add(choice, ctl, argv[i]);
	return status;
}

int
choice_symbols(struct choice *choice, struct ctl *ctl)
{
	const char *at = ctl->symbols;
	char word[SYMBOL_MAX];
	int status = CTL_DONE;
	size_t length;

	for (; status == CTL_DONE && at != NULL;
	     at = at[length] == ',' ? at + length + 1 : NULL) {
		length = strcspn(at, ",");
		if (length == 0)
			return ctl_complain(CTL_USAGE,
			    "--symbols: an empty code; it is a list like "
			    "EUR,USD");
		text_format(word, sizeof(word), "%.*s", (int)length, at);
		status = add(choice, ctl, word);
	}
	return status;
}

int
choice_resolve(
    struct choice *choice, char (*codes)[RATES_CODE_MAX], unsigned count)
{
	unsigned *list = calloc(count, sizeof(*list));

	if (list == NULL)
		return -1;
	free(choice->list);
	choice->list = list;
	choice->count = 0;
	for (unsigned i = 0; choice->code_count == 0 && i < count; i++)
		list[choice->count++] = i;
	for (unsigned c = 0; c < choice->code_count; c++)
		for (unsigned i = 0; i < count; i++)
			if (strcmp(codes[i], choice->codes[c]) == 0)
				list[choice->count++] = i;
	return 0;
}

void
choice_free(struct choice *choice)
{
	free(choice->codes);
	free(choice->list);
	memset(choice, 0, sizeof(*choice));
}
