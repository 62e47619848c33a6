/*
 * The currencies of a board that is followed, and what is kept of each pair.
 */
#include "tools/follow_codes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct arrays {
	char (*codes)[RATES_CODE_MAX];
	struct seen *rows;
	double *numbers, *spare;
};

static void
free_arrays(const struct arrays *a)
{
	free(a->codes);
	free(a->rows);
	free(a->numbers);
	free(a->spare);
}

static int
make_arrays(struct arrays *a, unsigned count)
{
	size_t cells = (size_t)count * count;

	a->codes = calloc(count, sizeof(*a->codes));
	a->rows = calloc(count, sizeof(*a->rows));
	a->numbers = calloc(cells, sizeof(*a->numbers));
	a->spare = calloc(count, sizeof(*a->spare));
	if (a->codes == NULL || a->rows == NULL || a->numbers == NULL ||
	    a->spare == NULL) {
		free_arrays(a);
		return -1;
	}
	for (unsigned i = 0; i < count; i++)
		a->rows[i].row.attempt = "none";
	for (size_t i = 0; i < cells; i++)
		a->numbers[i] = NAN;
	return 0;
}

static int
place_of(char (*codes)[RATES_CODE_MAX], unsigned count, const char *code)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(codes[i], code) == 0)
			return (int)i;
	return -1;
}

/* What is known of the old currencies goes to where they are now. */
static void
carry_over(const struct follow *f, struct arrays *new, unsigned count,
    const int *from)
{
	for (unsigned b = 0; b < count; b++) {
		const double *old;

		if (from[b] == -1)
			continue;
		new->rows[b] = f->rows[from[b]];
		old = follow_numbers(f, (unsigned)from[b]);
		for (unsigned q = 0; q < count; q++)
			if (from[q] != -1)
				new->numbers[(size_t)b * count + q] =
				    old[from[q]];
	}
}

static void
say_currencies(const struct follow *f, const struct arrays *new,
    unsigned count, char *text, size_t size)
{
	unsigned listed = 0;
	char word[RATES_CODE_MAX + 1];

	*text = '\0';
	for (unsigned i = 0; i < count; i++)
		if (place_of(f->codes, f->count, new->codes[i]) == -1)
			ctl_list(text, size, listed++,
			    text_format(word, sizeof(word), "+%s",
				new->codes[i]));
	for (unsigned i = 0; i < f->count; i++)
		if (place_of(new->codes, count, f->codes[i]) == -1)
			ctl_list(text, size, listed++,
			    text_format(
				word, sizeof(word), "-%s", f->codes[i]));
	ctl_list_end(text, size, listed);
	if (listed == 0)
		text_format(text, size, "in another order");
}

static void
read_codes(struct follow *f, struct arrays *new, unsigned count)
{
	char code[RATES_CODE_MAX];

	for (unsigned i = 0; i < count; i++)
		if (rates_code(f->ctl->rates, i, code) == RATES_OK)
			text_clean(new->codes[i], RATES_CODE_MAX, code,
			    strlen(code));
}

static void
take_arrays(struct follow *f, const struct arrays *new, unsigned count)
{
	free_arrays(&(struct arrays){
	    f->codes, f->rows, f->numbers, f->spare });
	f->codes = new->codes;
	f->rows = new->rows;
	f->numbers = new->numbers;
	f->spare = new->spare;
	f->count = count;
	f->look_all = true;
}

int
follow_currencies(struct follow *f, char *text, size_t size)
{
	struct arrays new;
	unsigned count;
	int *from;

	rates_resync(f->ctl->rates);
	count = rates_count(f->ctl->rates);
	from = calloc(count, sizeof(*from));
	if (from == NULL || make_arrays(&new, count) == -1) {
		free(from);
		return -1;
	}
	read_codes(f, &new, count);
	for (unsigned i = 0; i < count; i++)
		from[i] = place_of(f->codes, f->count, new.codes[i]);
	carry_over(f, &new, count, from);
	say_currencies(f, &new, count, text, size);
	free(from);
	take_arrays(f, &new, count);
	if (choice_resolve(&f->bases, f->codes, count) == -1)
		return -1;
	return choice_resolve(&f->quotes, f->codes, count);
}

void
follow_forget(struct follow *f)
{
	free_arrays(&(struct arrays){
	    f->codes, f->rows, f->numbers, f->spare });
}
