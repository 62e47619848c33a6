#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "tools/ratesfetch_compare.h"

#define WIDTH 760
#define TOP 76
#define ROW 44
#define BAR 22
#define LEFT 100  /* where bars begin */
#define RIGHT 560 /* where the longest may end */
#define NOTE 572  /* where the figures are */
#define BOTTOM 84
#define HEIGHT (TOP + ENGINE_COUNT * ROW + BOTTOM)
#define FONT "font-family=\"Helvetica, Arial, sans-serif\""

/* A host's name is no markup. */
static void
put_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else
			putc(*text, out);
	}
}

/* The longest time that is drawn, in seconds. */
static double
longest(const struct comparison *c)
{
	int64_t most = 1;

	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		if (c->figures[id].runs > 0 && c->figures[id].most > most)
			most = c->figures[id].most;
	return (double)most / CLOCK_SECOND;
}

/* 1, 2 or 5 times a power of ten: four to eight of them are the scale. */
static double
step_of(double most)
{
	double power = pow(10, floor(log10(most))), step = power;

	if (most / step < 2)
		step = power / 5;
	else if (most / step < 4)
		step = power / 2;
	return step;
}

static double
place(double seconds, double most)
{
	return LEFT + seconds / most * (RIGHT - LEFT);
}

static void
draw_scale(FILE *out, double most)
{
	double step = step_of(most);
	int bottom = TOP + ENGINE_COUNT * ROW;

	for (unsigned i = 0; i * step <= most * 1.0001; i++) {
		double x = place(i * step, most);

		fprintf(out,
		    "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" "
		    "stroke=\"#ddd\"/>\n",
		    x, TOP - 6, x, bottom);
		fprintf(out,
		    "<text x=\"%.1f\" y=\"%d\" font-size=\"12\" "
		    "text-anchor=\"middle\" fill=\"#555\">%g</text>\n",
		    x, bottom + 18, i * step);
	}
	fprintf(out,
	    "<text x=\"%d\" y=\"%d\" font-size=\"12\" text-anchor=\"middle\" "
	    "fill=\"#555\">seconds (bar: median, line: fastest to slowest "
	    "run)</text>\n",
	    (LEFT + RIGHT) / 2, bottom + 38);
}

static void
draw_spread(FILE *out, const struct fetch_figures *f, double most, int middle)
{
	double from = place((double)f->least / CLOCK_SECOND, most);
	double to = place((double)f->most / CLOCK_SECOND, most);

	fprintf(out,
	    "<path d=\"M%.1f %dV%dM%.1f %dH%.1fM%.1f %dV%d\" "
	    "stroke=\"#222\" stroke-width=\"1.5\" fill=\"none\"/>\n",
	    from, middle - 6, middle + 6, from, middle, to, to, middle - 6,
	    middle + 6);
}

static void
draw_model(FILE *out, const struct comparison *c, unsigned id, double most)
{
	const struct fetch_figures *f = &c->figures[id];
	int middle = TOP + (int)id * ROW + ROW / 2;
	bool chosen = c->advised && c->advice.engine == id;
	double median = (double)f->median / CLOCK_SECOND;

	fprintf(out,
	    "<text x=\"%d\" y=\"%d\" font-size=\"14\" text-anchor=\"end\" "
	    "font-weight=\"%s\" fill=\"#222\">%s</text>\n",
	    LEFT - 10, middle + 5, chosen ? "bold" : "normal",
	    engine_at(id)->name);
	if (f->runs == 0) {
		fprintf(out,
		    "<text x=\"%d\" y=\"%d\" font-size=\"12\" "
		    "fill=\"#777\">not run</text>\n",
		    LEFT + 6, middle + 4);
		return;
	}
	fprintf(out,
	    "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" "
	    "fill=\"%s\"/>\n",
	    LEFT, middle - BAR / 2, place(median, most) - LEFT, BAR,
	    chosen ? "#2a7f62" : "#8fb8de");
	draw_spread(out, f, most, middle);
	fprintf(out,
	    "<text x=\"%d\" y=\"%d\" font-size=\"12\" fill=\"#222\">%.3f s, "
	    "%.1fx, %u in flight</text>\n",
	    NOTE, middle - 2, median,
	    fetch_speed_up(&c->figures[ENGINE_sync], f), f->peak);
	fprintf(out,
	    "<text x=\"%d\" y=\"%d\" font-size=\"11\" fill=\"%s\">CPU %.1f ms, "
	    "%.1f MiB, %u lost</text>\n",
	    NOTE, middle + 13, f->failed > 0 ? "#b00020" : "#666",
	    (double)f->cpu / CLOCK_MS, (double)f->memory / (1024 * 1024),
	    f->failed);
}

static void
draw_titles(FILE *out, const struct comparison *c)
{
	fprintf(out,
	    "<text x=\"16\" y=\"28\" font-size=\"18\" fill=\"#111\">"
	    "%u row%s from ",
	    c->rows, c->rows == 1 ? "" : "s");
	put_text(out, c->source->name);
	fputs(", one matrix in each model</text>\n", out);
	fprintf(out,
	    "<text x=\"16\" y=\"50\" font-size=\"12\" fill=\"#555\">up to %u "
	    "requests at once, %u runs of each</text>\n",
	    c->options->concurrency, c->options->repeat);
	if (c->advised)
		fprintf(out,
		    "<text x=\"16\" y=\"%d\" font-size=\"13\" "
		    "fill=\"#2a7f62\">recommended: workers = %u, engine = "
		    "&quot;%s&quot;, concurrency = %u</text>\n",
		    HEIGHT - 16, c->advice.workers,
		    engine_at(c->advice.engine)->name, c->advice.concurrency);
}

void
compare_draw(const struct comparison *c, FILE *out)
{
	double most = longest(c);

	fprintf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\" " FONT ">\n"
	    "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
	    WIDTH, HEIGHT, WIDTH, HEIGHT);
	draw_titles(out, c);
	draw_scale(out, most);
	for (unsigned id = 0; id < ENGINE_COUNT; id++)
		draw_model(out, c, id, most);
	fputs("</svg>\n", out);
}
