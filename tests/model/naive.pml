/*
 * The usual protocol, which must fail: the semaphore is the lock, and the
 * owner word only says who had it last.  Between the wait and the word, and
 * between the word and the post, nobody can tell a holder that died from one
 * that is slow.  A death there leaves no token and nobody to blame: without
 * FORCED there is no way in any more.  With FORCED a wait that timed out and
 * finds no owner puts a token back, which lets in a second writer beside one
 * that was only slow; that needs no death (KILLS=0).
 */
#include "row.pml"

inline take()
{
	do
	:: d_step { waits && value > 0 -> value-- }
		owner = ME;
		break
#ifdef FORCED
	:: times_out ->
		if
		:: owner == 0 ->
			if
			:: value == 0 -> post()
			:: else
			fi
		:: else
		fi
#else
	:: times_out
#endif
	:: gives_up -> goto outside
	od
}

inline release()
{
	owner = 0;
	post()
}

#include "writers.pml"
