"""What another page can do in the same browser: forms, frames, scripts, sockets."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.browser import Browser
from tests.lab.attacked import calls
from tests.lab.open_lab import OpenLab
from tests.training.tally import Tally

__all__ = ["ATTEMPTS", "foreign_pages"]

_SECRET = "swordfish"
_PAGE = b"<!doctype html><title>evil</title><body></body>"

_HELP = """
const put = (html) => document.body.insertAdjacentHTML("beforeend", html);
const make = (name, values) => document.body.append(
  Object.assign(document.createElement(name), values));
const worker = (code) => new Worker(URL.createObjectURL(new Blob([code])));
const form = (method, kind, target = "hole") => {
  put(`<iframe name=hole></iframe><form method=${method} enctype="${kind}"
    action="${url}" target=${target}>
    <input name="{&quot;a&quot;:&quot;" value="&quot;}"></form>`);
  document.body.lastElementChild.submit();
};
const frame = (html) => put(`<iframe srcdoc='${html}'></iframe>`);
const read = async (found) => (await found).text();
"""

ATTEMPTS: Mapping[str, str] = {
    "fetch": "return await read(fetch(url))",
    "fetch-no-cors": "return await read(fetch(url, {mode: 'no-cors'}))",
    "fetch-same-origin": "return await read(fetch(url, {mode: 'same-origin'}))",
    "fetch-navigate": "return await read(fetch(url, {mode: 'navigate'}))",
    "fetch-credentials": "return await read(fetch(url, {credentials: 'include'}))",
    "fetch-no-referrer": (
        "return await read(fetch(url, {referrerPolicy: 'no-referrer'}))"
    ),
    "fetch-post": "return await read(fetch(url, {method: 'POST', body: '{}'}))",
    "fetch-post-no-cors": (
        "return await read(fetch(url, {method: 'POST', mode: 'no-cors', body: '{}'}))"
    ),
    "fetch-json": (
        "return await read(fetch(url, {method: 'POST', body: '{}',"
        " headers: {'Content-Type': 'application/json'}}))"
    ),
    "fetch-blob": (
        "return await read(fetch(url, {method: 'POST', mode: 'no-cors',"
        " body: new Blob(['{}'], {type: 'application/json'})}))"
    ),
    "fetch-token": (
        "return await read(fetch(url, {headers: {Authorization: 'Bearer guess'}}))"
    ),
    "fetch-put": "return await read(fetch(url, {method: 'PUT', body: '{}'}))",
    "fetch-keepalive": (
        "return await read(fetch(url, {keepalive: true, mode: 'no-cors'}))"
    ),
    "fetch-redirected": (
        "return await read(fetch('/to?url=' + encodeURIComponent(url)))"
    ),
    "fetch-redirected-no-cors": (
        "return await read(fetch('/to?url=' + encodeURIComponent(url), {mode:"
        " 'no-cors'}))"
    ),
    "xhr": (
        "return await new Promise((done) => { const asked = new XMLHttpRequest();"
        " asked.onloadend = () => done(asked.responseText); asked.open('GET', url);"
        " asked.send(); })"
    ),
    "xhr-post": (
        "const asked = new XMLHttpRequest(); asked.open('POST', url);"
        " asked.withCredentials = true; asked.send('{}')"
    ),
    "beacon": "navigator.sendBeacon(url, '{}')",
    "beacon-blob": "navigator.sendBeacon(url, new Blob(['{}'], {type: 'text/plain'}))",
    "event-source": "new EventSource(url)",
    "web-socket": "new WebSocket(url.replace('http', 'ws'))",
    "image": "make('img', {src: url})",
    "image-anonymous": "make('img', {crossOrigin: 'anonymous', src: url})",
    "image-set": "make('img', {srcset: url + ' 2x'})",
    "script": "make('script', {src: url})",
    "script-module": "make('script', {type: 'module', src: url})",
    "import": "return JSON.stringify(await import(url))",
    "style": "make('link', {rel: 'stylesheet', href: url})",
    "style-import": "put(`<style>@import '${url}';</style>`)",
    "style-image": "put(`<p style=\"background: url('${url}')\">x</p>`)",
    "style-font": (
        "put(`<style>@font-face {font-family: f; src: url('${url}')}</style>"
        "<p style='font-family: f'>x</p>`)"
    ),
    "prefetch": "make('link', {rel: 'prefetch', href: url})",
    "preload": "make('link', {rel: 'preload', as: 'image', href: url})",
    "module-preload": "make('link', {rel: 'modulepreload', href: url})",
    "icon": "make('link', {rel: 'icon', href: url})",
    "manifest": "make('link', {rel: 'manifest', href: url})",
    "iframe": "make('iframe', {src: url})",
    "iframe-sandboxed": "put(`<iframe sandbox='allow-scripts' src='${url}'></iframe>`)",
    "iframe-refresh": 'frame(`<meta http-equiv=refresh content="0;url=${url}">`)',
    "iframe-script": (
        'frame(`<script>fetch("${url}", {mode: "no-cors"})</` + `script>`)'
    ),
    "object": "make('object', {data: url})",
    "embed": "make('embed', {src: url})",
    "video": "make('video', {src: url})",
    "audio": "make('audio', {src: url, preload: 'auto'})",
    "svg": "put(`<svg><image href='${url}'/><use href='${url}#a'/></svg>`)",
    "worker": "new Worker(url)",
    "worker-import": "worker(`importScripts('${url}')`)",
    "worker-fetch": "worker(`fetch('${url}', {mode: 'no-cors'})`)",
    "shared-worker": "new SharedWorker(url)",
    "service-worker": "await navigator.serviceWorker.register(url)",
    "form-get": "form('get', 'application/x-www-form-urlencoded')",
    "form-post": "form('post', 'application/x-www-form-urlencoded')",
    "form-multipart": "form('post', 'multipart/form-data')",
    "form-text": "form('post', 'text/plain')",
    "form-window": "form('post', 'text/plain', '_blank')",
    "ping": (
        "make('a', {href: '#x', ping: url}); document.body.lastElementChild.click()"
    ),
    "window": "window.open(url)",
    "window-page": (
        "const it = window.open(home); for (let i = 0; i < 20; i += 1) {"
        " it?.postMessage({type: 'fetch', url}, '*'); it && (it.location.hash"
        " = '#/look');"
        " await new Promise((done) => setTimeout(done, 20)); }"
    ),
    "iframe-page": "make('iframe', {src: home})",
}
"""What a page tries, by name: the body of a function of `url` (work) and `home`."""


def foreign_pages(lab: OpenLab, browser: Browser) -> Tally:
    """Every attempt from a page of another port and one of another name.

    None may reach the work, nor read anything of the lab.
    """
    tally = Tally()
    with _evil() as port:
        for host in ("127.0.0.1", "localhost"):
            browser.visit(f"http://{host}:{port}/")
            prefix = "port" if host == "127.0.0.1" else "name"
            read = browser.evaluate(_script(lab, prefix))
            for name in ATTEMPTS:
                found = read.get(name, "")
                # Only what is not ours is read: nothing, or an error of the browser.
                fault = f"{name} read {found[:80]!r}" if _SECRET in found else ""
                tally.add(f"from another {prefix}", fault)
    time.sleep(0.5)  # What was begun without waiting for it may still come.
    for name, count in calls(lab).items():
        tally.add("reached", f"{name} {count} times")
    return tally


def _script(lab: OpenLab, prefix: str) -> str:
    """Every attempt, each with a second to come to something; what it could read."""
    functions = ",".join(
        f"{json.dumps(name)}: async (url, home) => {{ {_HELP} {body} }}"
        for name, body in ATTEMPTS.items()
    )
    home = json.dumps(f"http://{lab.host}/")
    return f"""(async () => {{
      const home = {home}, all = {{ {functions} }}, read = {{}};
      const tried = Object.entries(all).map(async ([name, attempt]) => {{
        const url = `${{home}}api/planted/deed/{prefix}-${{name}}`;
        const late = new Promise((done) => setTimeout(done, 1000, "late"));
        read[name] = String(await Promise.race([
          attempt(url, home).catch((error) => `error ${{error}}`), late]));
      }});
      await Promise.all(tried);
      return read;
    }})()"""


class _Page(BaseHTTPRequestHandler):
    """The page of somebody who means no good."""

    def do_GET(self) -> None:
        """Answers with the page, or sends on to where it is told."""
        to = parse_qs(urlsplit(self.path).query).get("url")
        self.send_response(302 if to else 200)
        if to:
            self.send_header("Location", to[0])
            self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"" if to else _PAGE)

    def log_message(self, format: str, *values: object) -> None:
        """Says nothing."""


@contextmanager
def _evil() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
