#include "base/code.h"

#include <string.h>

static bool
code_byte(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool
instance_byte(unsigned char c)
{
	return code_byte(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

uint64_t
code_pack_n(const char *text, size_t length)
{
	uint64_t code = 0;

	if (length < CODE_MIN || length > CODE_MAX)
		return 0;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!code_byte(c))
			return 0;
		code |= (uint64_t)c << (8 * i);
	}
	return code;
}

uint64_t
code_pack(const char *text)
{
	uint64_t code = 0;

	for (unsigned i = 0; i < CODE_MAX; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\0')
			return i < CODE_MIN ? 0 : code;
		if (!code_byte(c))
			return 0;
		code |= (uint64_t)c << (8 * i);
	}
	return text[CODE_MAX] == '\0' ? code : 0;
}

const char *
code_unpack(uint64_t code, char buf[CODE_TEXT_MAX])
{
	size_t length = 0;

	for (; code != 0; code >>= 8) {
		unsigned char c = code & 0xff;

		buf[length++] = code_byte(c) ? (char)c : '?';
	}
	buf[length] = '\0';
	return buf;
}

bool
code_valid(uint64_t code)
{
	unsigned length = 0;

	for (; code != 0; code >>= 8, length++) {
		if (!code_byte(code & 0xff))
			return false;
	}
	return length >= CODE_MIN;
}

/* The finalizer of MurmurHash3 (A. Appleby, public domain), "fmix64". */
uint64_t
code_hash(uint64_t code)
{
	code ^= code >> 33;
	code *= UINT64_C(0xff51afd7ed558ccd);
	code ^= code >> 33;
	code *= UINT64_C(0xc4ceb9fe1a85ec53);
	code ^= code >> 33;
	return code;
}

bool
instance_valid(const char *name)
{
	size_t length = 0;

	for (; name[length] != '\0'; length++) {
		if (length == INSTANCE_MAX ||
		    !instance_byte((unsigned char)name[length]))
			return false;
	}
	return length > 0;
}
