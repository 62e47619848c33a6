/*
 * Currencies: which there are, and how many decimals the amounts of each have.
 *
 * Source: ISO 4217:2015, list one, with its "minor units", as its maintenance
 * agency (SIX Group) publishes it, in the state of 2026-02-01: with the
 * Caribbean guilder (XCG, for ANG), without the lev (BGN).  Read in the public
 * data set "currency-codes" (github.com/datasets) of that day.
 */
#ifndef RATESD_BASE_CURRENCY_H
#define RATESD_BASE_CURRENCY_H

/*
 * MONEY    list one, what people pay with
 * UNIT     list one, funds codes and units of account that have a minor unit
 * NONE     list one, "N.A.": metals, units of account, codes for tests
 * BESIDES  not in list one, and yet quoted, with the minor unit of its time:
 *          ANG until 2025, BGN until 2026, HRK until 2023; CNH is what markets
 *          call the yuan (CNY) outside of China
 */
enum currency_kind {
	CURRENCY_MONEY,
	CURRENCY_UNIT,
	CURRENCY_NONE,
	CURRENCY_BESIDES
};

/* code, minor unit or -1, kind; in alphabetical order */
#define CURRENCIES(X)                                                          \
	X(AED, 2, MONEY) X(AFN, 2, MONEY) X(ALL, 2, MONEY) X(AMD, 2, MONEY)    \
	X(ANG, 2, BESIDES) X(AOA, 2, MONEY) X(ARS, 2, MONEY) X(AUD, 2, MONEY)  \
	X(AWG, 2, MONEY) X(AZN, 2, MONEY) X(BAM, 2, MONEY) X(BBD, 2, MONEY)    \
	X(BDT, 2, MONEY) X(BGN, 2, BESIDES) X(BHD, 3, MONEY) X(BIF, 0, MONEY)  \
	X(BMD, 2, MONEY) X(BND, 2, MONEY) X(BOB, 2, MONEY) X(BOV, 2, UNIT)     \
	X(BRL, 2, MONEY) X(BSD, 2, MONEY) X(BTN, 2, MONEY) X(BWP, 2, MONEY)    \
	X(BYN, 2, MONEY) X(BZD, 2, MONEY) X(CAD, 2, MONEY) X(CDF, 2, MONEY)    \
	X(CHE, 2, UNIT) X(CHF, 2, MONEY) X(CHW, 2, UNIT) X(CLF, 4, UNIT)       \
	X(CLP, 0, MONEY) X(CNH, 2, BESIDES) X(CNY, 2, MONEY) X(COP, 2, MONEY)  \
	X(COU, 2, UNIT) X(CRC, 2, MONEY) X(CUP, 2, MONEY) X(CVE, 2, MONEY)     \
	X(CZK, 2, MONEY) X(DJF, 0, MONEY) X(DKK, 2, MONEY) X(DOP, 2, MONEY)    \
	X(DZD, 2, MONEY) X(EGP, 2, MONEY) X(ERN, 2, MONEY) X(ETB, 2, MONEY)    \
	X(EUR, 2, MONEY) X(FJD, 2, MONEY) X(FKP, 2, MONEY) X(GBP, 2, MONEY)    \
	X(GEL, 2, MONEY) X(GHS, 2, MONEY) X(GIP, 2, MONEY) X(GMD, 2, MONEY)    \
	X(GNF, 0, MONEY) X(GTQ, 2, MONEY) X(GYD, 2, MONEY) X(HKD, 2, MONEY)    \
	X(HNL, 2, MONEY) X(HRK, 2, BESIDES) X(HTG, 2, MONEY) X(HUF, 2, MONEY)  \
	X(IDR, 2, MONEY) X(ILS, 2, MONEY) X(INR, 2, MONEY) X(IQD, 3, MONEY)    \
	X(IRR, 2, MONEY) X(ISK, 0, MONEY) X(JMD, 2, MONEY) X(JOD, 3, MONEY)    \
	X(JPY, 0, MONEY) X(KES, 2, MONEY) X(KGS, 2, MONEY) X(KHR, 2, MONEY)    \
	X(KMF, 0, MONEY) X(KPW, 2, MONEY) X(KRW, 0, MONEY) X(KWD, 3, MONEY)    \
	X(KYD, 2, MONEY) X(KZT, 2, MONEY) X(LAK, 2, MONEY) X(LBP, 2, MONEY)    \
	X(LKR, 2, MONEY) X(LRD, 2, MONEY) X(LSL, 2, MONEY) X(LYD, 3, MONEY)    \
	X(MAD, 2, MONEY) X(MDL, 2, MONEY) X(MGA, 2, MONEY) X(MKD, 2, MONEY)    \
	X(MMK, 2, MONEY) X(MNT, 2, MONEY) X(MOP, 2, MONEY) X(MRU, 2, MONEY)    \
	X(MUR, 2, MONEY) X(MVR, 2, MONEY) X(MWK, 2, MONEY) X(MXN, 2, MONEY)    \
	X(MXV, 2, UNIT) X(MYR, 2, MONEY) X(MZN, 2, MONEY) X(NAD, 2, MONEY)     \
	X(NGN, 2, MONEY) X(NIO, 2, MONEY) X(NOK, 2, MONEY) X(NPR, 2, MONEY)    \
	X(NZD, 2, MONEY) X(OMR, 3, MONEY) X(PAB, 2, MONEY) X(PEN, 2, MONEY)    \
	X(PGK, 2, MONEY) X(PHP, 2, MONEY) X(PKR, 2, MONEY) X(PLN, 2, MONEY)    \
	X(PYG, 0, MONEY) X(QAR, 2, MONEY) X(RON, 2, MONEY) X(RSD, 2, MONEY)    \
	X(RUB, 2, MONEY) X(RWF, 0, MONEY) X(SAR, 2, MONEY) X(SBD, 2, MONEY)    \
	X(SCR, 2, MONEY) X(SDG, 2, MONEY) X(SEK, 2, MONEY) X(SGD, 2, MONEY)    \
	X(SHP, 2, MONEY) X(SLE, 2, MONEY) X(SOS, 2, MONEY) X(SRD, 2, MONEY)    \
	X(SSP, 2, MONEY) X(STN, 2, MONEY) X(SVC, 2, MONEY) X(SYP, 2, MONEY)    \
	X(SZL, 2, MONEY) X(THB, 2, MONEY) X(TJS, 2, MONEY) X(TMT, 2, MONEY)    \
	X(TND, 3, MONEY) X(TOP, 2, MONEY) X(TRY, 2, MONEY) X(TTD, 2, MONEY)    \
	X(TWD, 2, MONEY) X(TZS, 2, MONEY) X(UAH, 2, MONEY) X(UGX, 0, MONEY)    \
	X(USD, 2, MONEY) X(USN, 2, UNIT) X(UYI, 0, UNIT) X(UYU, 2, MONEY)      \
	X(UYW, 4, UNIT) X(UZS, 2, MONEY) X(VED, 2, MONEY) X(VES, 2, MONEY)     \
	X(VND, 0, MONEY) X(VUV, 0, MONEY) X(WST, 2, MONEY) X(XAD, 2, UNIT)     \
	X(XAF, 0, MONEY) X(XAG, -1, NONE) X(XAU, -1, NONE) X(XBA, -1, NONE)    \
	X(XBB, -1, NONE) X(XBC, -1, NONE) X(XBD, -1, NONE) X(XCD, 2, MONEY)    \
	X(XCG, 2, MONEY) X(XDR, -1, NONE) X(XOF, 0, MONEY) X(XPD, -1, NONE)    \
	X(XPF, 0, MONEY) X(XPT, -1, NONE) X(XSU, -1, NONE) X(XTS, -1, NONE)    \
	X(XUA, -1, NONE) X(XXX, -1, NONE) X(YER, 2, MONEY) X(ZAR, 2, MONEY)    \
	X(ZMW, 2, MONEY) X(ZWG, 2, MONEY)

enum currency_index {
#define X(code, places, kind) CURRENCY_##code,
	CURRENCIES(X)
#undef X
	CURRENCY_COUNT
};

struct currency {
	char code[4];
	signed char places; /* digits after the point; -1: not known */
	unsigned char kind;
};

/* The currency of an index, or NULL if there is none of that index. */
const struct currency *currency_at(int index);

/* The index of a code in capitals, or -1 if it isn't in the list. */
int currency_find(const char *code);

#endif
