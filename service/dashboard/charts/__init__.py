"""Charts as SVG made on the server: geometry here, markup in templates, colours in the style sheet. Pure.

Our own, because vl-convert-python, the library that could make them, draws fixed widths and colours with inline styles
and its own font: neither a strict CSP nor dark mode, 360 px or a screen reader could use its pictures, and it weighs
70 MB. x is in percent and y in pixels; curves are nested SVGs of 1000 units, stretched, with strokes that do not scale.
"""
