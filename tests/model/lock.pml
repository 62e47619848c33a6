/* The row lock as src/board/lock.c has it. */
#include "row.pml"

/* lock_take(): a token ends a wait, and the owner word alone admits. */
inline take()
{
	do
	:: d_step { waits && value > 0 -> value-- }
		if
		:: d_step { owner == 0 -> owner = ME } break
		:: else /* surplus: swallowed */
		fi
	:: times_out -> /* repair_token() */
		if
		:: owner == 0 ->
			if
			:: value == 0 -> post()
			:: else
			fi
		:: else
		fi
	:: gives_up -> goto outside
	od
}

/* lock_release(): a claim that isn't ours to give back is an abort(). */
inline release()
{
	d_step { assert(owner == ME); owner = 0 }
	post()
}

#include "writers.pml"
