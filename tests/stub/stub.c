/*
 * ratesd-stub: a source of currency rates that does what it is told, good or
 * bad.  See README.md.
 */
#include "count.h"
#include "data.h"
#include "http.h"
#include "options.h"
#include "park.h"
#include "rates.h"

int
main(int argc, char *argv[])
{
	struct options opt;

	options_read(&opt, argc, argv);
	data_load(opt.data, opt.synthetic);
	options_apply(&opt);
	count_open(opt.log);
	park_open();
	http_start(opt.port);
	port_file_write(opt.port_file, http_port());

	park_run(opt.seconds);

	port_file_remove(opt.port_file);
	park_stop();
	http_stop();
	park_close();
	count_close();
	rates_forget();
	data_free();
	return 0;
}
