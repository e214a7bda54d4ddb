"""How the site is built: `sphinx-build -W docs build/site`, with no internet.

`-D plot_gallery=0` is the quick form: the scripts of `examples/` are shown, but not run.
Pages that are made from the package (API, command line, presets) are written by
`_extensions/generated_pages.py` at the beginning of each build.
"""

import importlib.util
import re
import sys
import warnings
from pathlib import Path

import reservoir

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS / "_extensions"))

project = "oscillator-reservoir"
author = "The oscillator-reservoir developers"
copyright = author
release = reservoir.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
    "generated_pages",
    "mathml",
    "words",
]
exclude_patterns = ["README.md", "**/*.ipynb"]
nitpicky = False
suppress_warnings = ["config.cache"]

# Markdown: headings get anchors, so that links such as devices.md#sections work.
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 4

# Docstrings: those of the names in `__all__`, in the order of the source.
autosummary_generate = True
autodoc_typehints = "none"
default_role = "py:obj"  # `name` in a docstring leads to what the name stands for
numpydoc_show_class_members = False
numpydoc_show_inherited_class_members = False
numpydoc_xref_param_type = False

# Links that leave the site must be few; nothing is loaded from outside.
html_math_renderer = "mathml"
toc_object_entries_show_parents = "hide"  # a method without its class: the margin is narrow
html_theme = "pydata_sphinx_theme"
html_title = "oscillator-reservoir"
# Equations are MathML, see `_extensions/mathml.py`. Their letters come with ziamath.
MATH_FONT = Path(importlib.util.find_spec("ziamath").origin).parent / "fonts"
html_static_path = ["_static", str(MATH_FONT / "STIXTwoMath-Regular.ttf")]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "show_prev_next": True,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "start/index": []}
templates_path = ["_templates"]
html_context = {"default_mode": "light"}

sphinx_gallery_conf = {
    "examples_dirs": ["../tutorials", "../examples"],
    "gallery_dirs": ["tutorials", "gallery"],
    "within_subsection_order": "FileNameSortKey",
    "filename_pattern": r"plot_",
    "ignore_pattern": r"__init__",
    "download_all_examples": False,
    "remove_config_comments": True,
    "abort_on_example_error": True,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 5,
    "image_scrapers": ("matplotlib",),
    "matplotlib_animations": False,
    "image_srcset": ["2x"],
    "write_computation_times": False,
}
warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")


def of_scikit_learn(app, what, name, member, skip, options):
    """Leave out what every estimator has of scikit-learn, whose pages explain it."""
    return True if str(getattr(member, "__module__", "")).startswith("sklearn.") else None


def keep_initials(app, what, name, member, options, lines):
    """Keep `[1] A. Slavin`, which reStructuredText takes for the first item of a list."""
    lines[:] = [re.sub(r"^(\.\. \[\d+\] )([A-Z]\.)", r"\1\\\2", line) for line in lines]


def keep_headings(app, what, name, member, options, lines):
    """Show `*The drive*` between parameters in italics; numpydoc takes it for a parameter."""
    lines[:] = [re.sub(r"\*\*\\\*(.+)\*{3}$", r"*\1*", line) for line in lines]


def setup(app):
    """Connect what has no option."""
    app.connect("autodoc-process-docstring", keep_headings, priority=900)
    app.connect("autodoc-process-docstring", keep_initials, priority=100)
    app.connect("autodoc-skip-member", of_scikit_learn)
