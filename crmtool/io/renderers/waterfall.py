"""Why two contacts are taken for one, as a page of HTML that needs nothing else: no script, no request.

The page is `templates/waterfall.html.j2`: each comparison moves the match weight on, from before anything is compared
to the sum. Escaping is the engine's (`pages.environment`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmtool.io.renderers.pages import environment

if TYPE_CHECKING:
    import datetime as dt

    import polars as pl


def waterfall_html(left: int, right: int, prior: float, lines: pl.DataFrame, *, review: float, as_of: dt.date) -> str:
    """Return the explanation of a pair (columns `explaining.EXPLAINED`) as a page; weights are in bits."""
    told = lines.filter(lines["agreement"].is_not_null()).sort("weight", descending=True, maintain_order=True)
    steps: list[dict[str, Any]] = [{"field": "before anything is compared", "weight": prior}]
    steps += [{**line, "field": _called(line["field"])} for line in told.to_dicts()]
    total = prior + sum(line["weight"] for line in steps[1:])
    page = environment().get_template("waterfall.html.j2")
    return page.render(left=left, right=right, steps=_placed(steps), total=total, review=review, as_of=as_of)


def _placed(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each step its bar: where it starts and how long it is, in percent of the whole way."""
    ends = [0.0]
    for step in steps:
        ends.append(ends[-1] + step["weight"])
    least, span = min(ends), max(max(ends) - min(ends), 1.0)
    bars = zip(steps, ends[:-1], ends[1:], strict=True)
    return [
        {
            "left": None,
            "right": None,
            "agreement": "",
            **step,
            "bits": f"{step['weight']:+.1f}",
            "sum": f"{end:+.1f}",
            "start": f"{100 * (min(start, end) - least) / span:.2f}%",
            "length": f"{max(100 * abs(end - start) / span, 0.4):.2f}%",
            "sign": "for" if step["weight"] >= 0 else "against",
        }
        for step, start, end in bars
    ]


def _called(name: str) -> str:
    return name.removeprefix("attr.").replace("_", " ")
