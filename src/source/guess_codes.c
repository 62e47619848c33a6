/*
 * Currencies that are well known, and about how much they are worth: enough to
 * tell codes from other words, and a rate from its inverse.
 */
#include "source/guess_parts.h"

#include <string.h>

#include "base/code.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/*
 * ISO 4217, list one, without what is no money; and for a US dollar of early
 * 2026 in round numbers where a country's money is often quoted.
 */
static const struct known {
	char code[4];
	float per_dollar;
} known[] = {
	{ "AED", 3.67F }, { "AFN", 0 }, { "ALL", 85 }, { "AMD", 385 },
	{ "ANG", 1.8F }, { "AOA", 900 }, { "ARS", 1400 }, { "AUD", 1.45F },
	{ "AWG", 1.8F }, { "AZN", 1.7F }, { "BAM", 1.68F }, { "BBD", 2 },
	{ "BDT", 122 }, { "BGN", 1.68F }, { "BHD", 0.376F }, { "BIF", 0 },
	{ "BMD", 1 }, { "BND", 1.3F }, { "BOB", 6.9F }, { "BRL", 5.3F },
	{ "BSD", 1 }, { "BTN", 90 }, { "BWP", 13.5F }, { "BYN", 3 },
	{ "BZD", 2 }, { "CAD", 1.38F }, { "CDF", 0 }, { "CHF", 0.8F },
	{ "CLP", 930 }, { "CNH", 7 }, { "CNY", 7 }, { "COP", 3900 },
	{ "CRC", 500 }, { "CUP", 24 }, { "CVE", 95 }, { "CZK", 21 },
	{ "DJF", 178 }, { "DKK", 6.4F }, { "DOP", 62 }, { "DZD", 130 },
	{ "EGP", 48 }, { "ERN", 15 }, { "ETB", 0 }, { "EUR", 0.86F },
	{ "FJD", 2.25F }, { "FKP", 0.75F }, { "GBP", 0.75F }, { "GEL", 2.7F },
	{ "GHS", 11 }, { "GIP", 0.75F }, { "GMD", 72 }, { "GNF", 8700 },
	{ "GTQ", 7.7F }, { "GYD", 209 }, { "HKD", 7.8F }, { "HNL", 26 },
	{ "HRK", 6.5F }, { "HTG", 131 }, { "HUF", 325 }, { "IDR", 16800 },
	{ "ILS", 3.2F }, { "INR", 90 }, { "IQD", 1310 }, { "IRR", 0 },
	{ "ISK", 124 }, { "JMD", 159 }, { "JOD", 0.709F }, { "JPY", 157 },
	{ "KES", 129 }, { "KGS", 87 }, { "KHR", 4010 }, { "KMF", 423 },
	{ "KPW", 0 }, { "KRW", 1450 }, { "KWD", 0.307F }, { "KYD", 0.82F },
	{ "KZT", 510 }, { "LAK", 21600 }, { "LBP", 89500 }, { "LKR", 309 },
	{ "LRD", 0 }, { "LSL", 17 }, { "LYD", 0 }, { "MAD", 9.2F },
	{ "MDL", 17 }, { "MGA", 4500 }, { "MKD", 52.5F }, { "MMK", 2100 },
	{ "MNT", 3560 }, { "MOP", 8 }, { "MRU", 40 }, { "MUR", 46 },
	{ "MVR", 15.4F }, { "MWK", 1735 }, { "MXN", 17.8F }, { "MYR", 4.05F },
	{ "MZN", 64 }, { "NAD", 17 }, { "NGN", 1430 }, { "NIO", 36.8F },
	{ "NOK", 9.9F }, { "NPR", 144 }, { "NZD", 1.72F }, { "OMR", 0.385F },
	{ "PAB", 1 }, { "PEN", 3.4F }, { "PGK", 4.3F }, { "PHP", 59 },
	{ "PKR", 280 }, { "PLN", 3.6F }, { "PYG", 6700 }, { "QAR", 3.64F },
	{ "RON", 4.36F }, { "RSD", 100 }, { "RUB", 80 }, { "RWF", 1455 },
	{ "SAR", 3.75F }, { "SBD", 8.2F }, { "SCR", 14 }, { "SDG", 0 },
	{ "SEK", 9.2F }, { "SGD", 1.28F }, { "SHP", 0.75F }, { "SLE", 0 },
	{ "SOS", 571 }, { "SRD", 38 }, { "SSP", 0 }, { "STN", 21 },
	{ "SVC", 8.75F }, { "SYP", 0 }, { "SZL", 17 }, { "THB", 32 },
	{ "TJS", 9.3F }, { "TMT", 3.5F }, { "TND", 2.9F }, { "TOP", 2.4F },
	{ "TRY", 43 }, { "TTD", 6.8F }, { "TWD", 31.5F }, { "TZS", 2470 },
	{ "UAH", 42.5F }, { "UGX", 3600 }, { "USD", 1 }, { "UYU", 39 },
	{ "UZS", 12000 }, { "VES", 0 }, { "VND", 26300 }, { "VUV", 120 },
	{ "WST", 2.75F }, { "XAF", 564 }, { "XCD", 2.7F }, { "XOF", 564 },
	{ "XPF", 102.5F }, { "YER", 0 }, { "ZAR", 16.5F }, { "ZMW", 22 },
	{ "ZWG", 0 },
};

_Static_assert(COUNT(known) <= GUESS_KNOWN_MAX, "raise GUESS_KNOWN_MAX");

/* In capitals; false unless it is three letters of one case. */
static bool
capitals(const char *text, char code[4])
{
	bool lower = text[0] >= 'a';

	for (unsigned i = 0; i < 3; i++) {
		char first = lower ? 'a' : 'A';

		if (text[i] < first || text[i] > first + 25)
			return false;
		code[i] = (char)(text[i] - first + 'A');
	}
	code[3] = '\0';
	return text[3] == '\0';
}

int
guess_known(const char *text)
{
	size_t low = 0, high = COUNT(known);
	char code[4];

	if (!capitals(text, code))
		return -1;
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(code, known[middle].code);

		if (order == 0)
			return (int)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

double
guess_per_dollar(int number)
{
	return number >= 0 && (size_t)number < COUNT(known)
	    ? (double)known[number].per_dollar : 0;
}

uint64_t
guess_known_code(int number)
{
	return number >= 0 && (size_t)number < COUNT(known)
	    ? code_pack(known[number].code) : 0;
}
