# RATESD_PYTHON_DIR
#
# Sets with_python_dir to the directory for modules of the first python3 that
# looks for them below the prefix; to Debian's name for it if none does, and to
# "no" where there is no python3.
AC_DEFUN([RATESD_PYTHON_DIR], [
AC_MSG_CHECKING([where the Python module goes])
with_python_dir=no
ratesd_prefix=$prefix
test "$ratesd_prefix" != NONE || ratesd_prefix=$ac_default_prefix
for ratesd_python in "$PYTHON" /usr/bin/python3; do
	ratesd_found=`"$ratesd_python" -I -c '
import site, sys
below = sys.argv[[1]] + "/lib/"
found = [[d for d in site.getsitepackages() if d.startswith(below)]]
print("${prefix}/lib/" + found[[0]][[len(below):]] if found else "none")
' "$ratesd_prefix" 2>/dev/null` || continue
	with_python_dir='${prefix}/lib/python3/dist-packages'
	AS_IF([test "$ratesd_found" != none],
		[with_python_dir=$ratesd_found
		break])
done
AC_MSG_RESULT([$with_python_dir])
])
