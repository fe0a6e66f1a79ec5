"""Jinja, and the only module that knows of it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from release_gate import assets
from release_gate.errors import TemplateProblem
from release_gate.report import text

# Everything else is HTML, whatever it is called: `select_autoescape()` goes by the last
# suffix and leaves `report.html.j2` unescaped.
_PLAIN_TEXT = (".txt", ".md", ".txt.j2", ".md.j2", ".txt.jinja", ".md.jinja")


class Templates:
    """The templates of one rendering: the user's folder first, then the built-in ones.

    Args:
        folder: The user's folder (``templates = DIR``), or ``None``.
        bundled: Folder of the built-in templates; ``None``: where this installation has them.

    Raises:
        TemplateProblem: If a folder does not exist.
    """

    def __init__(self, folder: Path | None = None, bundled: Path | None = None) -> None:
        bundled = assets.templates_folder() if bundled is None else bundled
        folders = [bundled] if folder is None else [folder, bundled]
        for each in folders:
            if not each.is_dir():
                raise TemplateProblem(
                    f"there is no folder of templates at {each}",
                    remedy="Mend the key templates in the configuration, or take it out.",
                )
        self._environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FileSystemLoader([str(each) for each in folders]),
            autoescape=escapes,
            undefined=jinja2.StrictUndefined,
            auto_reload=False,
            bytecode_cache=None,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters.update(
            csp_hash=csp_hash,
            md=text.markdown,
            md_code=text.markdown_code,
            md_fence=text.markdown_fence,
            cut=text.cut,
            numbered=text.numbered,
            paint=text.paint,
            pad=text.pad,
            pad_left=text.pad_left,
            wrap_at=text.wrap,
        )

    def render(self, name: str, **values: Any) -> str:
        """The text of one template.

        Args:
            name: File name in one of the folders.
            values: What the template may use.

        Raises:
            TemplateProblem: If the template is missing, broken, or asks for what is not there.
        """
        try:
            return self._environment.get_template(name).render(**values)
        except jinja2.TemplateNotFound as error:
            raise TemplateProblem(
                f"there is no template {error.name}",
                remedy="Install release-gate again, or mend the key templates.",
            ) from error
        except jinja2.TemplateSyntaxError as error:
            raise TemplateProblem(
                f"{error.message}", file=error.name or name, line=error.lineno, remedy=_COMPARE
            ) from error
        except (jinja2.TemplateError, TypeError, ValueError, AttributeError, KeyError) as error:
            raise TemplateProblem(f"{error}", file=name, remedy=_COMPARE) from error


_COMPARE = "Compare it with the built-in template of the same name."


def escapes(name: str | None) -> bool:
    """Whether a template's values are escaped for HTML; in doubt they are."""
    return name is None or not name.lower().endswith(_PLAIN_TEXT)


def csp_hash(content: str) -> str:
    """The source expression that allows exactly this inline style."""
    digest = hashlib.sha256(str(content).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
