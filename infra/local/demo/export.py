"""Leaves in `out/` what a person wants to look at after a scenario: documents, mails, timelines, pages, debts."""

from __future__ import annotations

import contextlib
import html
import re
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import urllib3
from rich.console import Console
from rich.table import Table

from infra.local.demo.owed import calls_table, exposures_table, payables_table, receivables_table
from infra.local.scenario.api import ApiError
from infra.local.scenario.model import Scenario
from infra.local.scenario.stack_world import StackWorld

_PAGES = ("collections", "support")
_LANGUAGES = ("de", "en", "fr")


class Export:
    """Writes everything anew; what an earlier run left is removed first."""

    def __init__(self, folder: Path, scenario: Scenario, world: StackWorld) -> None:
        self._folder = folder
        self._scenario = scenario
        self._world = world
        self._accounts = {account["id"]: account["name"] for account in scenario.accounts}
        self._titles: dict[str, str] = {}

    def write(self) -> None:
        """Write all of it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._invoices()
        self._mails()
        self._timelines()
        self._pages()
        self._owed()
        self._index()

    def made(self) -> Iterator[tuple[str, str]]:
        """Yield what was written: a name and what it is."""
        yield "out/index.html", "one page with links to everything"
        for folder, what in _FOLDERS.items():
            count = len(list((self._folder / folder).iterdir()))
            yield f"out/{folder}/ ({count} files)", what
        yield "out/owed.txt", "what is owed to the vendor and when, beside what customers owe"

    def receivables(self) -> Table:
        """Return what customers owe, account by account."""
        statuses = [self._world.observe(account, self._scenario.start) for account in self._accounts]
        return receivables_table(statuses, self._accounts)

    def payables(self) -> Table:
        """Return what the vendor is owed, with due dates."""
        return payables_table(self._world.api.get("/payables")["payables"])

    def _invoices(self) -> None:
        self._ask_for_receipts()
        store = self._world.stack.client("s3")
        bucket = self._world.stack.outputs["DocumentsBucketName"]
        for entry in store.list_objects_v2(Bucket=bucket).get("Contents", ()):
            _, account, *about, name = entry["Key"].split("/")
            content = store.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
            self._file("invoices", f"{_slug('-'.join((account, *about)))}{Path(name).suffix}").write_bytes(content)

    def _ask_for_receipts(self) -> None:
        """Have receipts printed again, as whoever asks for one does: they are stored only then."""
        for account in self._accounts:
            for invoice in self._world.api.get(f"/accounts/{account}/invoices")["invoices"]:
                with contextlib.suppress(ApiError):  # not settled: there is none
                    self._world.api.get(f"/accounts/{account}/invoices/{invoice['id']}/receipt")
        self._world.stack.wait_idle()

    def _mails(self) -> None:
        for i, mail in enumerate(self._world.stack.mails(), 1):
            # The mail's identity: what it is about, the account, the partner.
            about, account, _ = str(mail.message["X-Quittance-Notice"]).rsplit(".", 2)
            name = f"{i:02d}-{account}-{_slug(about)}"
            self._titles[f"{name}.html"] = f"{self._accounts.get(account, account)}: {mail.subject}"
            self._file("mails", f"{name}.eml").write_bytes(mail.raw)
            self._file("mails", f"{name}.txt").write_text(
                f"To: {', '.join(mail.to)}\nSubject: {mail.subject}\n\n{mail.text}", encoding="utf-8"
            )
            self._file("mails", f"{name}.html").write_text(mail.html, encoding="utf-8")

    def _timelines(self) -> None:
        for account, name in self._accounts.items():
            lines = [f"{name} ({account})", "", *(self._told(entry) for entry in self._world.timeline(account))]
            self._file("timelines", f"{account}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _told(self, entry: dict[str, Any]) -> str:
        at = datetime.fromisoformat(entry["at"]).astimezone(self._scenario.zone)
        return f"{at:%Y-%m-%d %H:%M}  {entry['text']}"

    def _pages(self) -> None:
        http = urllib3.PoolManager(retries=False)
        for page in _PAGES:
            for language in _LANGUAGES:
                address = f"{self._world.stack.api_url}/public/{self._scenario.partner['id']}/{page}?lang={language}"
                answer = http.request("GET", address)
                self._file("pages", f"{page}.{language}.html").write_bytes(answer.data)

    def _owed(self) -> None:
        with (self._folder / "owed.txt").open("w", encoding="utf-8") as file:
            console = Console(file=file, width=120)
            console.print(self.receivables())
            console.print(self.payables())
            console.print(calls_table(self._world.api.get("/cash-forecast")["call_first"]))
            console.print(exposures_table(self._world.api.get("/exposures?limit=200")["accounts"]))

    def _index(self) -> None:
        sections = "".join(_section(folder, what, self._links(folder)) for folder, what in _FOLDERS.items())
        title = html.escape(self._scenario.title)
        page = _INDEX.format(title=title, sections=sections)
        (self._folder / "index.html").write_text(page, encoding="utf-8")

    def _links(self, folder: str) -> list[tuple[str, str]]:
        """Return the addresses of a folder's files with what to call them; of a mail, only its HTML."""
        names = sorted(file.name for file in (self._folder / folder).iterdir())
        shown = [name for name in names if folder != "mails" or name.endswith(".html")]
        return [(f"{folder}/{name}", self._titles.get(name, name)) for name in shown]

    def _file(self, folder: str, name: str) -> Path:
        path = self._folder / folder / name
        path.parent.mkdir(exist_ok=True)
        return path


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60]


def _section(folder: str, what: str, links: Iterable[tuple[str, str]]) -> str:
    items = "".join(f'<li><a href="{html.escape(link)}">{html.escape(title)}</a></li>' for link, title in links)
    return f"<section><h2>{html.escape(folder.capitalize())}</h2><p>{html.escape(what)}</p><ul>{items}</ul></section>"


_FOLDERS = {
    "invoices": "the invoices and receipts as customers get them",
    "mails": "the invoices and notices that were mailed, as text, HTML and raw mail",
    "timelines": "what happened to each account, when and why",
    "pages": "the published collections policy and support plan",
}

_INDEX = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
main {{ display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); }}
h2 {{ margin: 0; font-size: 1.1rem; }} p {{ margin: 0; opacity: .75; }} ul {{ padding-left: 1.2rem; }}
li {{ overflow-wrap: anywhere; }}
</style>
<h1>{title}</h1>
<p><a href="owed.txt">What is owed to the vendor and when, beside what customers owe</a></p>
<main>{sections}</main>
</html>
"""
