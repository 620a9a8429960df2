"""The pages that people open: server-rendered, usable without script, with nothing from elsewhere.

To add a page, make a folder named for it, register its ROUTES in `routes.py` and set `is_there` in
`components/navigation.py` (links to pages that are not there are left out: `{% if is_there(address) %}`).

- `routes.py`, thin: `@get(addresses("/spend"))`, then `async with open_page(request, settings, database, PARAMETERS)`.
  It requires a session (of a role, if you pass `role=Role.ADMIN`), reads the address into a View, refuses every other
  parameter, and finds the team (`choices={"sort": ...}` lists values). Who may see one team opens it only with
  `limits_to_team=True`: then it must show nothing but `opened.team_id`. Add the page to the tables of
  docs/security.md. Give the page to `opened.answer("spend/page.html", frame, page)`; its `export` becomes `.csv` and
  `.json` (remove them from an id in the path: `without_suffix`). `opened.show` has no files.
- `reading.py`: facts, only through `service/queries`, from rollups. Withhold small teams (`why_withheld`, `withhold`).
- `page.py`, pure: facts to what the template shows. Every number becomes text here, by `numbers/`: `units`, `days`, and
  `sureness` for how sure it looks (`figure`, `nothing`, `withheld`, `unfinished`).
- `templates/page.html` extends `shell/base.html` and has `parts` (answer, strip, trust, card, notice, empty, command,
  chip, why, and csrf, which each form that posts contains);
  import `charts/charts.html` for what `charts/` builds (`curve_chart`, `bar_chart`, `waterfall`, ...).

Open with an `Answer` (h1), then figures with `trust` under them, then evidence. `View.period` holds full slots and the
running week, which is drawn (`SlotLook.is_partial`) but in no figure. `view.at(team="web")` changes this view,
`view.carry("/spend")` leads to another page. Say why a figure is missing; rank by the low end of intervals.
No inline style or script: classes of `shell/static/css`. Tables keep name, dollars, tokens at 360 px (`hide-small`).
"""
