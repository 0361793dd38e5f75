"""The page that asks for a password, where the server can be reached from other machines."""

from __future__ import annotations

from starlette.responses import HTMLResponse

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Torchwork</title>
<style>
body {{ font: 14px system-ui, sans-serif; display: grid; place-items: center; min-height: 100vh; margin: 0;
  background: #f4f5f7; color: #1d2129 }}
form {{ display: grid; gap: 12px; width: 260px }}
input, button {{ font: inherit; padding: 8px 10px; border: 1px solid #c4c9d2; border-radius: 6px }}
button {{ background: #e8590c; border-color: #e8590c; color: white; cursor: pointer }}
p {{ margin: 0; color: #c92a2a; min-height: 1.2em }}
</style>
<form method="post" action="/login">
<strong>Torchwork</strong>
<label for="password">Password · 密码</label>
<input id="password" name="password" type="password" autofocus autocomplete="current-password">
<button>Open · 打开</button>
<p role="alert">{words}</p>
</form></html>"""


def login_page(*, wrong: bool = False) -> HTMLResponse:
    """The form; status 401, so that no program takes it for the page."""
    words = "That is not the password. · 密码不对。" if wrong else ""
    return HTMLResponse(PAGE.format(words=words), status_code=401)
