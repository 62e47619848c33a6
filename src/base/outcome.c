#include "base/outcome.h"

static const char *const class_names[] = {
#define X(id, name) name,
	ATTEMPT_CLASSES(X)
#undef X
};

const char *
attempt_class_name(uint64_t class)
{
	return class < ATTEMPT_CLASS_COUNT ? class_names[class] : "?";
}
