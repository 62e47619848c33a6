#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/currency.h"
#include "base/decimal.h"
#include "base/text.h"
#include "tools/command.h"
#include "tools/pair.h"
#include "tools/report.h"

#define WORD_MAX 48

#define CONVERT_SCHEMA 1

struct convert {
	struct ctl *ctl;
	struct pair pair;
	struct decimal amount, rate, raw, result;
	unsigned places; /* of the result, unless it is raw */
};

static int
read_amount(struct convert *c, const char *text)
{
	enum decimal_fault fault = decimal_parse(text, &c->amount);
	char word[WORD_MAX];

	if (fault == DECIMAL_NONE)
		return CTL_DONE;
	return ctl_complain(CTL_USAGE, "amount '%s': %s",
	    text_clean(word, sizeof(word), text, strlen(text)),
	    decimal_fault_text(fault));
}

static int
check_options(const struct ctl *ctl)
{
	static const enum ctl_option rounding[] = { OPTION_ROUND,
		OPTION_DIGITS };

	for (size_t i = 0; i < sizeof(rounding) / sizeof(rounding[0]); i++)
		if (ctl_given(ctl, OPTION_RAW) && ctl_given(ctl, rounding[i]))
			return ctl_complain(CTL_USAGE,
			    "--raw doesn't round, and leaves no use for --%s",
			    ctl_option_word(rounding[i]));
	return CTL_DONE;
}

static int
read_rate(struct convert *c, const char *from, const char *to)
{
	int status = strcmp(from, to) == 0
	    ? pair_identity(c->ctl, from, &c->pair)
	    : pair_load(c->ctl, from, to, &c->pair);

	if (status != CTL_DONE)
		return status;
	if (decimal_from_double(c->pair.rate, &c->rate) == DECIMAL_NONE)
		return CTL_DONE;
	return ctl_complain(
	    CTL_FAILED, "the rate of %s/%s is no finite number", from, to);
}

/* How many decimals the result has. */
static int
find_places(struct convert *c)
{
	const char *to = c->pair.quote;
	const struct currency *currency = currency_at(currency_find(to));

	if (ctl_given(c->ctl, OPTION_DIGITS)) {
		c->places = c->ctl->digits;
		return CTL_DONE;
	}
	if (currency == NULL || currency->places < 0)
		return ctl_complain(CTL_FAILED,
		    "no minor unit of %s to round to: %s; use --digits N or "
		    "--raw", to,
		    currency == NULL ? "it is no code of ISO 4217"
				     : "it has none in ISO 4217");
	c->places = (unsigned)currency->places;
	return CTL_DONE;
}

static int
reckon(struct convert *c)
{
	enum decimal_fault fault =
	    decimal_product(&c->amount, &c->rate, &c->raw);
	int status;

	if (fault != DECIMAL_NONE)
		return ctl_complain(CTL_FAILED,
		    "can't multiply the amount by the rate of %s/%s: %s",
		    c->pair.base, c->pair.quote, decimal_fault_text(fault));
	c->result = c->raw;
	if (ctl_given(c->ctl, OPTION_RAW))
		return CTL_DONE;
	status = find_places(c);
	if (status == CTL_DONE)
		c->result =
		    decimal_round(&c->raw, c->places, c->ctl->round);
	return status;
}

/* As a text, for a reader that makes doubles of numbers would lose digits. */
static void
tell_exact(struct report *r, const char *key, const struct decimal *number,
    unsigned places)
{
	char text[DECIMAL_TEXT_MAX];

	report_text(r, key, decimal_text(number, places, text));
}

static void
print_data(const struct convert *c)
{
	bool rounded = !ctl_given(c->ctl, OPTION_RAW);
	struct report r;

	report_begin(&r, c->ctl->format, stdout);
	report_head(&r, CONVERT_SCHEMA, c->ctl->instance, c->pair.read);
	tell_exact(&r, "amount", &c->amount, 0);
	report_text(&r, "from", c->pair.base);
	report_text(&r, "to", c->pair.quote);
	tell_exact(&r, "rate", &c->rate, 0);
	tell_exact(&r, "result", &c->result, c->places);
	tell_exact(&r, "raw", &c->raw, 0);
	report_known(&r, "digits", rounded, c->places);
	report_text(&r, "rounding",
	    rounded ? decimal_rounding_name(c->ctl->round) : NULL);
	pair_tell(&r, &c->pair);
	report_end(&r);
}

int
cmd_convert(struct ctl *ctl, int argc, char **argv)
{
	struct convert convert = { .ctl = ctl };
	char text[DECIMAL_TEXT_MAX];
	int status;

	(void)argc;
	status = read_amount(&convert, argv[0]);
	if (status == CTL_DONE)
		status = check_options(ctl);
	if (status == CTL_DONE)
		status = read_rate(&convert, argv[1], argv[2]);
	if (status == CTL_DONE)
		status = reckon(&convert);
	if (status != CTL_DONE)
		return status;
	if (ctl->format == FORMAT_TABLE)
		puts(decimal_text(&convert.result, convert.places, text));
	else
		print_data(&convert);
	return CTL_DONE;
}
