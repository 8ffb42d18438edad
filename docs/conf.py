"""How Sphinx builds these pages: ``make docs``."""

from __future__ import annotations

import builtins
import os
import sys
from pathlib import Path

# Airflow writes its configuration where this points to as soon as an operator is imported.
os.environ.setdefault("AIRFLOW_HOME", str(Path(__file__).parents[1] / "build" / "airflow-home"))
os.environ.setdefault("AIRFLOW__LOGGING__LOGGING_LEVEL", "WARNING")
sys.path.insert(0, str(Path(__file__).parent))

from airflow_provider_pachyderm import __version__, client

project = "airflow-provider-pachyderm"
author = copyright = "the authors of airflow-provider-pachyderm"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
extensions += ["command_line", "example_dags", "public_names", "task_pages"]
root_doc = "index"
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"{project} {release}"
html_static_path = ["_static"]
html_css_files = ["style.css"]
html_js_files = ["columns.js"]
html_theme_options = {"navigation_with_keys": True}
html_show_sourcelink = False
html_copy_source = False
html_domain_indices = False
pygments_style = "friendly"
copybutton_prompt_text = "$ "

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
add_module_names = False
# What is a union of many types stands in signatures under its own name.
autodoc_type_aliases = {
    name: f"{client.__name__}.{name}" for name in client.__all__ if name.endswith(("Like", "Pair"))
}
python_maximum_signature_line_length = 100

# Other people's names have no page here, and nothing is fetched while building.
_MODULES = "airflow|collections|contextlib|dataclasses|datetime|enum|fsspec|grpc|io|os|pathlib|pytest|typing|urllib"
_FOREIGN = rf"({_MODULES})\..*"
_BUILTIN = "|".join(name for name in dir(builtins) if not name.startswith("_"))
# What may be put is told by the text beside these names; Airflow's own, type variables and private classes need none.
_OPEN = "client|decorators|hooks|links|operators|relays|sensors|task_groups|triggers"  # folders with public modules
_PRIVATE = rf"airflow_provider_pachyderm\.(devserver|tasks|waiting|({_OPEN})\._\w+)\..*"
_SETTINGS = "(Client)?Settings|(Airflow|Decorator|Sensor)Arguments|Unpack"
_AIRFLOW = "Asset|Context|DAG|Dataset|ObjectStoragePath|PartitionedAssetTimetable|Task"
_INNER = "BinaryFile|Connected|OpenCommit|Path|Progress|ReturnT|T|Written"
_UNTOLD = rf"(.*\.)?((Async)?Source|{_SETTINGS}|{_AIRFLOW}|{_INNER})"
nitpick_ignore_regex = [("py:.*", names) for names in (_FOREIGN, _BUILTIN, _PRIVATE, _UNTOLD)]
