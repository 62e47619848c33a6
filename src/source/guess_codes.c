/*
 * Which words are codes of money, and about how much it is worth: enough to
 * tell codes from other words, and a rate from its inverse.
 */
#include "source/guess_parts.h"

#include <stdbool.h>

#include "base/code.h"
#include "base/currency.h"

/*
 * How many of it a US dollar of early 2026 is, in round numbers where a
 * country's money is often quoted.
 */
static const float per_dollar[CURRENCY_COUNT] = {
	[CURRENCY_AED] = 3.67F, [CURRENCY_ALL] = 85, [CURRENCY_AMD] = 385,
	[CURRENCY_ANG] = 1.8F, [CURRENCY_AOA] = 900, [CURRENCY_ARS] = 1400,
	[CURRENCY_AUD] = 1.45F, [CURRENCY_AWG] = 1.8F, [CURRENCY_AZN] = 1.7F,
	[CURRENCY_BAM] = 1.68F, [CURRENCY_BBD] = 2, [CURRENCY_BDT] = 122,
	[CURRENCY_BGN] = 1.68F, [CURRENCY_BHD] = 0.376F, [CURRENCY_BMD] = 1,
	[CURRENCY_BND] = 1.3F, [CURRENCY_BOB] = 6.9F, [CURRENCY_BRL] = 5.3F,
	[CURRENCY_BSD] = 1, [CURRENCY_BTN] = 90, [CURRENCY_BWP] = 13.5F,
	[CURRENCY_BYN] = 3, [CURRENCY_BZD] = 2, [CURRENCY_CAD] = 1.38F,
	[CURRENCY_CHF] = 0.8F, [CURRENCY_CLP] = 930, [CURRENCY_CNH] = 7,
	[CURRENCY_CNY] = 7, [CURRENCY_COP] = 3900, [CURRENCY_CRC] = 500,
	[CURRENCY_CUP] = 24, [CURRENCY_CVE] = 95, [CURRENCY_CZK] = 21,
	[CURRENCY_DJF] = 178, [CURRENCY_DKK] = 6.4F, [CURRENCY_DOP] = 62,
	[CURRENCY_DZD] = 130, [CURRENCY_EGP] = 48, [CURRENCY_ERN] = 15,
	[CURRENCY_EUR] = 0.86F, [CURRENCY_FJD] = 2.25F, [CURRENCY_FKP] = 0.75F,
	[CURRENCY_GBP] = 0.75F, [CURRENCY_GEL] = 2.7F, [CURRENCY_GHS] = 11,
	[CURRENCY_GIP] = 0.75F, [CURRENCY_GMD] = 72, [CURRENCY_GNF] = 8700,
	[CURRENCY_GTQ] = 7.7F, [CURRENCY_GYD] = 209, [CURRENCY_HKD] = 7.8F,
	[CURRENCY_HNL] = 26, [CURRENCY_HRK] = 6.5F, [CURRENCY_HTG] = 131,
	[CURRENCY_HUF] = 325, [CURRENCY_IDR] = 16800, [CURRENCY_ILS] = 3.2F,
	[CURRENCY_INR] = 90, [CURRENCY_IQD] = 1310, [CURRENCY_ISK] = 124,
	[CURRENCY_JMD] = 159, [CURRENCY_JOD] = 0.709F, [CURRENCY_JPY] = 157,
	[CURRENCY_KES] = 129, [CURRENCY_KGS] = 87, [CURRENCY_KHR] = 4010,
	[CURRENCY_KMF] = 423, [CURRENCY_KRW] = 1450, [CURRENCY_KWD] = 0.307F,
	[CURRENCY_KYD] = 0.82F, [CURRENCY_KZT] = 510, [CURRENCY_LAK] = 21600,
	[CURRENCY_LBP] = 89500, [CURRENCY_LKR] = 309, [CURRENCY_LSL] = 17,
	[CURRENCY_MAD] = 9.2F, [CURRENCY_MDL] = 17, [CURRENCY_MGA] = 4500,
	[CURRENCY_MKD] = 52.5F, [CURRENCY_MMK] = 2100, [CURRENCY_MNT] = 3560,
	[CURRENCY_MOP] = 8, [CURRENCY_MRU] = 40, [CURRENCY_MUR] = 46,
	[CURRENCY_MVR] = 15.4F, [CURRENCY_MWK] = 1735, [CURRENCY_MXN] = 17.8F,
	[CURRENCY_MYR] = 4.05F, [CURRENCY_MZN] = 64, [CURRENCY_NAD] = 17,
	[CURRENCY_NGN] = 1430, [CURRENCY_NIO] = 36.8F, [CURRENCY_NOK] = 9.9F,
	[CURRENCY_NPR] = 144, [CURRENCY_NZD] = 1.72F, [CURRENCY_OMR] = 0.385F,
	[CURRENCY_PAB] = 1, [CURRENCY_PEN] = 3.4F, [CURRENCY_PGK] = 4.3F,
	[CURRENCY_PHP] = 59, [CURRENCY_PKR] = 280, [CURRENCY_PLN] = 3.6F,
	[CURRENCY_PYG] = 6700, [CURRENCY_QAR] = 3.64F, [CURRENCY_RON] = 4.36F,
	[CURRENCY_RSD] = 100, [CURRENCY_RUB] = 80, [CURRENCY_RWF] = 1455,
	[CURRENCY_SAR] = 3.75F, [CURRENCY_SBD] = 8.2F, [CURRENCY_SCR] = 14,
	[CURRENCY_SEK] = 9.2F, [CURRENCY_SGD] = 1.28F, [CURRENCY_SHP] = 0.75F,
	[CURRENCY_SOS] = 571, [CURRENCY_SRD] = 38, [CURRENCY_STN] = 21,
	[CURRENCY_SVC] = 8.75F, [CURRENCY_SZL] = 17, [CURRENCY_THB] = 32,
	[CURRENCY_TJS] = 9.3F, [CURRENCY_TMT] = 3.5F, [CURRENCY_TND] = 2.9F,
	[CURRENCY_TOP] = 2.4F, [CURRENCY_TRY] = 43, [CURRENCY_TTD] = 6.8F,
	[CURRENCY_TWD] = 31.5F, [CURRENCY_TZS] = 2470, [CURRENCY_UAH] = 42.5F,
	[CURRENCY_UGX] = 3600, [CURRENCY_USD] = 1, [CURRENCY_UYU] = 39,
	[CURRENCY_UZS] = 12000, [CURRENCY_VND] = 26300, [CURRENCY_VUV] = 120,
	[CURRENCY_WST] = 2.75F, [CURRENCY_XAF] = 564, [CURRENCY_XCD] = 2.7F,
	[CURRENCY_XOF] = 564, [CURRENCY_XPF] = 102.5F, [CURRENCY_ZAR] = 16.5F,
	[CURRENCY_ZMW] = 22,
};

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

/* What is no money is sooner a word than a code. */
static bool
quoted(int index)
{
	unsigned kind = currency_at(index)->kind;

	return kind == CURRENCY_MONEY || kind == CURRENCY_BESIDES;
}

int
guess_known(const char *text)
{
	char code[4];
	int index;

	if (!capitals(text, code))
		return -1;
	index = currency_find(code);
	return index != -1 && quoted(index) ? index : -1;
}

double
guess_per_dollar(int number)
{
	return currency_at(number) != NULL ? (double)per_dollar[number] : 0;
}

uint64_t
guess_known_code(int number)
{
	const struct currency *currency = currency_at(number);

	return currency != NULL ? code_pack(currency->code) : 0;
}
