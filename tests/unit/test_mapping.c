#include "source/mapping.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/code.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void
knows_pointers(void **state)
{
	static const char *const good[] = { "", "/", "/rates", "/a/b/0/@c",
		"/a~0~1b", "/{base}", "/{base:lower}", "/x{base}y/{base}",
		"/#text", "/gesmes:Envelope/0/Cube", "/ a b", "/\xc3\xa9" };
	static const struct {
		const char *text, *fault;
	} bad[] = {
		{ "rates", "no '/' at its beginning" },
		{ "{base}", "no '/' at its beginning" },
		{ "/a~", "a '~' that is neither ~0 nor ~1" },
		{ "/a~2", "a '~' that is neither ~0 nor ~1" },
		{ "/{bse}", "a '{' that is neither {base} nor {base:lower}" },
		{ "/{", "a '{' that is neither {base} nor {base:lower}" },
		{ "/{base:upper}", "a '{' that is neither {base} nor "
		    "{base:lower}" },
		{ "/{base}}", "a '}' with no '{'" },
		{ "/a\n", "a control character" },
		{ "/a\x7f", "a control character" },
	};
	char text[MAPPING_POINTER_MAX + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_null(mapping_pointer_fault(good[i]));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_string_equal(
		    mapping_pointer_fault(bad[i].text), bad[i].fault);
	memset(text, '/', sizeof(text));
	text[MAPPING_POINTER_MAX] = '\0';
	assert_string_equal(mapping_pointer_fault(text), "too long");
	text[MAPPING_POINTER_MAX - 1] = '\0';
	assert_null(mapping_pointer_fault(text));
}

static void
knows_prefixes(void **state)
{
	char text[MAPPING_TEXT_MAX + 1];

	(void)state;
	assert_null(mapping_prefix_fault(""));
	assert_null(mapping_prefix_fault("{base}"));
	assert_null(mapping_prefix_fault("FX~{base:lower}/"));
	assert_string_equal(mapping_prefix_fault("{quote}"),
	    "a '{' that is neither {base} nor {base:lower}");
	memset(text, 'x', sizeof(text));
	text[MAPPING_TEXT_MAX] = '\0';
	assert_string_equal(mapping_prefix_fault(text), "too long");
}

static void
fills_in_the_base(void **state)
{
	char buf[MAPPING_EXPANDED_MAX];
	uint64_t usd = code_pack("USD");

	(void)state;
	assert_string_equal(mapping_expand("", usd, buf), "");
	assert_string_equal(mapping_expand("/rates", usd, buf), "/rates");
	assert_string_equal(mapping_expand("/{base}/{base:lower}x", usd, buf),
	    "/USD/usdx");
	assert_string_equal(mapping_expand("/{base:lower}",
	    code_pack("1INCH"), buf), "/1inch");
	assert_string_equal(mapping_expand("/{base}/x", 0, buf), "//x");
	assert_string_equal(mapping_expand("/{bas}", usd, buf), "/{bas}");
}

/* The longest pointer with the longest code fits whole. */
static void
fits_the_longest(void **state)
{
	char text[MAPPING_POINTER_MAX] = "/", buf[MAPPING_EXPANDED_MAX];
	size_t bases = 0;

	(void)state;
	while (strlen(text) + strlen("{base}") < sizeof(text)) {
		strncat(text, "{base}", sizeof(text) - strlen(text) - 1);
		bases++;
	}
	assert_null(mapping_pointer_fault(text));
	mapping_expand(text, code_pack("ABCDEFGH"), buf);
	assert_int_equal(strlen(buf), strlen(text) + 2 * bases);
}

static void
has_a_sound_default(void **state)
{
	const struct mapping *m = &mapping_default;

	(void)state;
	assert_null(mapping_pointer_fault(m->rates));
	assert_null(mapping_pointer_fault(m->base));
	assert_null(mapping_pointer_fault(m->date));
	assert_true(m->error_count > 0 && m->error_count <= COUNT(m->errors));
	for (unsigned i = 0; i < m->error_count; i++) {
		assert_true(m->errors[i][0] == '/');
		assert_null(mapping_pointer_fault(m->errors[i]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_pointers),
		cmocka_unit_test(knows_prefixes),
		cmocka_unit_test(fills_in_the_base),
		cmocka_unit_test(fits_the_longest),
		cmocka_unit_test(has_a_sound_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
