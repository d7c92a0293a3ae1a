"""A day of deliveries as a small picture: a bar for each hour, without a script."""

from __future__ import annotations

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from provisioning.hours import DAY, Day

HEIGHT = 24
STEP, WIDE = 5, 4


def sparkline(day: Day) -> SafeString:
    """An SVG that says in words, too, what it shows; nothing where nothing ended."""
    most = max(good + bad for good, bad in zip(day.delivered, day.failed, strict=True))
    if not most:
        return SafeString("")
    bars: list[tuple[object, ...]] = []
    for place, (good, bad) in enumerate(zip(day.delivered, day.failed, strict=True)):
        tall = _tall(good + bad, most)
        red = min(tall, _tall(bad, most))
        for height, foot, kind in ((red, tall, "bad"), (tall - red, tall - red, "good")):
            if height:
                bars.append((kind, place * STEP, HEIGHT - foot, height))
    words = f"{sum(day.delivered)} delivered and {sum(day.failed)} failed in the last 24 hours"
    return format_html(
        '<svg class="pv-spark" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<title>{}</title><path class="pv-spark-foot" d="M0 {}h{}"/>{}</svg>',
        DAY * STEP,
        HEIGHT,
        words,
        words,
        HEIGHT - 0.5,
        DAY * STEP,
        format_html_join(
            "",
            f'<rect class="pv-spark-{{}}" x="{{}}" y="{{}}" width="{WIDE}" height="{{}}"/>',
            bars,
        ),
    )


def _tall(count: int, most: int) -> int:
    """At least a line, where there is anything."""
    return max(2, round(count * HEIGHT / most)) if count else 0
