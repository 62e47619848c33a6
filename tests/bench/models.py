"""The models of concurrency in Python, as yardsticks for those of ratesfetch.

    models.py MODEL URL_TEMPLATE WORKERS ROUNDS BASE...

fetches the rates of each base in turn, as many rounds as asked for, and prints
a line a round: seconds until the last of them was there, and seconds of
processor time, its children's among them.  {base} in the template is the base.
Each model hands results and errors to the one place that takes them.
"""

import asyncio
import concurrent.futures
import multiprocessing
import multiprocessing.pool
import queue
import resource
import sys
import threading
import time


def fetch(url):
    import requests  # the asynchronous model does without
    response = requests.get(url, timeout=30)
    response.raise_for_status()
    return response.json()["rates"]


def caught(url):
    """The result, or the error in its place."""
    try:
        return fetch(url)
    except Exception as error:  # handed on, whatever it is
        return error


def there(results):
    """Now all have come; what is closed after that is in no time."""
    there.at = time.monotonic()
    return results


def sync(urls, _workers):
    for url in urls:
        yield caught(url)


def threads(urls, _workers):
    results = queue.Queue()
    crew = [threading.Thread(target=lambda u=url: results.put(caught(u)))
            for url in urls]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
        yield results.get()


def pool(urls, workers):
    work, results = queue.Queue(), queue.Queue()

    def toil():
        while (url := work.get()) is not None:
            results.put(caught(url))

    crew = [threading.Thread(target=toil) for _ in range(workers)]
    for thread in crew:
        thread.start()
    for url in urls:
        work.put(url)
    for _ in crew:
        work.put(None)
    for _ in urls:
        yield results.get()
    for thread in crew:
        thread.join()


def procs(urls, workers):
    with multiprocessing.Pool(workers) as crew:
        yield from crew.imap_unordered(caught, urls)


def executor(urls, workers):
    async def all_of_them():
        loop = asyncio.get_running_loop()
        with concurrent.futures.ThreadPoolExecutor(workers) as crew:
            return there(await asyncio.gather(
                *(loop.run_in_executor(crew, caught, url) for url in urls)))

    yield from asyncio.run(all_of_them())


def asynchronous(urls, workers):
    import aiohttp

    async def one(session, url):
        try:
            async with session.get(url) as response:
                response.raise_for_status()
                return (await response.json(content_type=None))["rates"]
        except aiohttp.ClientError as error:
            return error

    async def all_of_them():
        connector = aiohttp.TCPConnector(limit=workers)
        async with aiohttp.ClientSession(connector=connector) as session:
            return there(await asyncio.gather(
                *(one(session, url) for url in urls)))

    yield from asyncio.run(all_of_them())


MODELS = {"sync": sync, "threads": threads, "pool": pool, "procs": procs,
          "async": asynchronous, "executor": executor}


def busy():
    return sum(used.ru_utime + used.ru_stime for used in map(
        resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main():
    name, template, workers, rounds, *bases = sys.argv[1:]
    urls = [template.replace("{base}", base) for base in bases]
    if name != "async":
        import requests  # noqa: F401 -- once, before there are children
    for _ in range(int(rounds)):
        start, before = time.monotonic(), busy()
        there.at, results = None, []
        for result in MODELS[name](urls, int(workers)):
            results.append(result)
            came = time.monotonic()
        wrong = [r for r in results if isinstance(r, Exception)]
        if wrong or len(results) != len(urls):
            raise SystemExit(f"{len(wrong)} of {len(urls)} failed: {wrong}")
        print(f"{(there.at or came) - start:.6f} {busy() - before:.6f}",
              flush=True)


if __name__ == "__main__":
    main()
