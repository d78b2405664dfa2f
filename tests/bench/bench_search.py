"""Search as somebody types: 50 typical queries, beside the same statements in the raw driver, and LIKE '%…%'."""

import time

from pos_app.app import App
from pos_app.services.book_search import suggest
from tests.bench.harness import Sample, report
from tests.bench.raw import against_raw, joined, raw_reader

QUERIES = (
    "the", "love", "a", "h", "ha", "har", "harry", "harry potter", "harry potter and the", "po", "secret garden",
    "the of", "stephen king", "king", "agatha chr", "agatha christie", "rowling", "tolk", "tolkien ring", "le guin",
    "left hand", "hand left dark", "1984", "orwell 19", "97801", "9780439023481", "978-0-14", "pride prej",
    "austen", "jane aus", "shakespeare", "hamlet", "war and p", "peace war", "etranger", "garcía márquez",
    "murakami", "press", "penguin", "books king", "verlag", "library s", "in the", "in th", "life of", "girl",
    "dragon tat", "gone girl", "xyzzyplugh", "new york",
)  # fmt: skip
# So many queries are asked in the naive way too, which takes seconds.
EVERY = 4
NAIVE = (
    "SELECT id, title FROM books WHERE lower(title) LIKE {0} OR lower(author) LIKE {0} OR isbn LIKE {0} "
    "OR lower(publisher) LIKE {0} OR lower(series) LIKE {0} ORDER BY title LIMIT 12"
)


async def run(app: App, title: str, rounds: int = 8) -> None:
    ask, close = await raw_reader(app)
    pairs, naive = [], []
    pattern = NAIVE.format("?" if app.db.kind == "sqlite" else "%s")
    for place, query in enumerate(QUERIES):

        async def ours(query: str = query) -> object:
            return await suggest(app, query)

        pairs.append(await against_raw(app, f"search: {query}", ours, ask, rounds))
        if place % EVERY == 0:
            started = time.perf_counter()
            await ask(pattern, (f"%{query}%",) * 5)
            naive.append((pairs[-1][0], Sample("", [(time.perf_counter() - started) * 1000])))
    slowest = sorted(pairs, key=lambda pair: -pair[0].p50)[:6]
    report(
        f"{title}, {app.db.kind}: search beside the same statements in the raw driver",
        [joined(f"{len(QUERIES)} queries", pairs), *slowest],
    )
    report(f"Search beside the naive way, LIKE '%…%', once each {EVERY}th query", [joined("search", naive)])
    await close()
