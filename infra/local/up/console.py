"""A small web page over the running stack: accounts and what they owe, timelines, mails sent, tasks for a person."""

from __future__ import annotations

import html
import threading
import urllib.parse
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from infra.local.scenario.api import ApiError
from infra.local.scenario.model import Scenario
from infra.local.scenario.stack_world import StackWorld
from infra.local.stack.embedded import EmbeddedStack

Page = tuple[int, str]


class ConsoleServer:
    """Serves the console on a free loopback port while the `with` lasts."""

    def __init__(self, stack: EmbeddedStack, world: StackWorld, scenario: Scenario, vendor: str) -> None:
        self._stack = stack
        self._world = world
        self._scenario = scenario
        self._vendor = vendor

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.page))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="console", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def page(self, path: str) -> Page:
        """Return status and page of a path."""
        match [part for part in path.split("/") if part]:
            case []:
                return 200, _whole("Accounts", self._accounts())
            case ["accounts", account]:
                return self._account(account)
            case ["tasks"]:
                return 200, _whole("Tasks for a person", self._tasks())
            case ["mails"]:
                return 200, _whole("Mailbox", self._mails())
            case ["mails", number] if number.isdigit():
                return self._mail(int(number))
            case _:
                return 404, _whole("Not found", "<p>There is nothing here. <a href='/'>Accounts</a></p>")

    def _accounts(self) -> str:
        seen = [self._world.observe(one["id"], self._scenario.start) for one in self._scenario.accounts]
        names = {one["id"]: one["name"] for one in self._scenario.accounts}
        rows = "".join(
            _row(
                f'<a href="/accounts/{_e(one["account"])}">{_e(names[one["account"]])}</a>',
                f"{_e(one['balance'])} {_e(one['currency'])}",
                f"{_e(one['overdue'])} {_e(one['currency'])}",
                f'<span class="{_e(one["stage"])}">{_e(one["stage"])}</span>',
                _e(", ".join(f"{name} {state}" for name, state in one["access"].items())),
            )
            for one in seen
        )
        return _table(("account", "balance", "overdue", "stage", "access"), rows) + self._links()

    def _account(self, account: str) -> Page:
        try:
            entries = self._world.timeline(account)
        except ApiError as problem:
            return 404, _whole("Not found", f"<p>{_e(problem.message)}</p>")
        rows = "".join(_row(_e(entry["at"][:16].replace("T", " ")), _e(entry["text"])) for entry in entries)
        return 200, _whole(f"Timeline of {account}", _table(("when", "what"), rows))

    def _tasks(self) -> str:
        """Show what waits for a person, with the call that resolves it."""
        tasks = self._world.tasks()
        rows = "".join(
            _row(
                _e(task["since"][:16].replace("T", " ")),
                _e(task["kind"].replace("_", " ")),
                _e(task["account"] or ""),
                _e(task["reason"]),
                f"{_e(task['next']['says'])}<br><code>{_e(task['next']['method'] or '')} "
                f"{_e(task['next']['address'] or '')}</code>",
            )
            for task in tasks
        )
        return _table(("since", "kind", "account", "why", "what next"), rows) if tasks else "<p>Nothing waits.</p>"

    def _mails(self) -> str:
        mails = list(enumerate(self._stack.mails()))
        rows = "".join(
            _row(_e(mail.sent_at[:16]), _e(", ".join(mail.to)), f'<a href="/mails/{i}">{_e(mail.subject)}</a>')
            for i, mail in reversed(mails)
        )
        return _table(("sent", "to", "subject"), rows) if mails else "<p>No mail has been sent yet.</p>"

    def _mail(self, number: int) -> Page:
        mails = self._stack.mails()
        if number >= len(mails):
            return 404, _whole("Not found", "<p>There is no such mail.</p>")
        mail = mails[number]
        frame = f'<iframe sandbox srcdoc="{_e(mail.html)}" title="the mail"></iframe><pre>{_e(mail.text)}</pre>'
        return 200, _whole(mail.subject, f"<p>To {_e(', '.join(mail.to))}</p>{frame}")

    def _links(self) -> str:
        partner = urllib.parse.quote(self._scenario.partner["id"])
        public = f"{self._stack.api_url}/public/{partner}"
        links = {
            "Tasks for a person": "/tasks",
            "Mailbox": "/mails",
            "Collections policy": f"{public}/collections?lang=en",
            "Support plan": f"{public}/support?lang=en",
            "Stand-in vendor": self._vendor,
        }
        items = "".join(f'<li><a href="{_e(address)}">{_e(name)}</a></li>' for name, address in links.items())
        return f"<ul>{items}</ul>"


def _handler(page: Callable[[str], Page]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = page(urllib.parse.urlsplit(self.path).path)
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
            """Stay silent: the page itself is the message."""

    return Handler


def _e(text: object) -> str:
    return html.escape(str(text), quote=True)


def _row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _table(headings: tuple[str, ...], rows: str) -> str:
    head = "".join(f"<th>{_e(heading)}</th>" for heading in headings)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _whole(title: str, body: str) -> str:
    return _PAGE.replace("{title}", _e(title)).replace("{body}", body)


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Quittance</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 1.5rem auto; padding: 0 1rem; }
nav a { margin-right: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; }
iframe { width: 100%; height: 32rem; border: 1px solid #8884; background: white; }
pre { white-space: pre-wrap; }
code { overflow-wrap: anywhere; }
.suspended { color: #c33; } .final, .reminder { color: #b60; } .clear { color: #383; }
</style>
<nav><a href="/">Accounts</a><a href="/tasks">Tasks</a><a href="/mails">Mailbox</a></nav>
<h1>{title}</h1>
{body}
</html>
"""
