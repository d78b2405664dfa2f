"""What of the libraries' files the bundle leaves out: nothing of the program asks for it.

PyInstaller takes every plugin of Qt along, and with each what that one needs. Names are those inside the bundle, with
forward slashes. What is left out here of the system's own libraries, the system brings (the .deb depends on it).
"""

import pickle
import re

# Modules that nothing of ours needs; each brings libraries along.
EXCLUDED = [
    "_tkinter", "ensurepip", "idlelib", "lib2to3", "pip", "pydoc_data", "setuptools", "tkinter",
    "turtle", "unittest", "venv", "wheel", "xmlrpc", "readline", "curses",
    # The program's SQLite is pysqlite3, and two of them on one file can damage it.
    "sqlite3", "_sqlite3",
    "PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtQuickWidgets", "PySide6.QtOpenGL",
    "PySide6.QtOpenGLWidgets", "PySide6.QtSql", "PySide6.QtTest", "PySide6.QtDesigner", "PySide6.QtHelp",
    "sqlalchemy.dialects.mysql", "sqlalchemy.dialects.oracle", "sqlalchemy.dialects.mssql",
    "sqlalchemy.testing", "alembic.testing", "greenlet.tests", "mako.ext", "setuptools._distutils", "pycparser",
]  # fmt: skip

_QT_PLUGINS = (
    r"platformthemes/libqgtk3",
    r"egldeviceintegrations/|generic/|networkinformation/|tls/|sqldrivers/|designer/|qmltooling/|qmllint/",
    r"xcbglintegrations/|wayland-graphics-integration-(client|server)/|vectorimageformats/",
    r"platforms/(lib)?q(eglfs|linuxfb|vnc|vkkhrdisplay|minimal\w*|direct2d|webgl)\b",
    r"platforminputcontexts/(lib)?qtvirtualkeyboard",
    r"imageformats/(lib)?q(tga|tiff|wbmp|icns|ico|gif|pdf)\b",
)
_QT_PARTS = (
    r"EglF[Ss]\w*|Network|OpenGL\w*|Qml\w*|Quick\w*|Sql|Test|Designer\w*|Help|Labs\w+|Lottie\w*|UiTools|Xml|"
    r"VirtualKeyboard|Pdf|Concurrent|SvgWidgets|WaylandCompositor|WaylandEglCompositor\w*"
)
# macOS has each in a folder.
_QT_LIBRARIES = rf"((lib)?Qt6({_QT_PARTS})\b|Qt({_QT_PARTS})\.framework/)"
# The system's, which every Linux desktop has and updates. Those with a hash in their name belong to a wheel.
_SYSTEM = (
    r"lib(X[\w-]*|xcb(-[\w-]+)?|xkbcommon(-x11)?|ICE|SM|GL|GLX|GLdispatch|EGL|OpenGL|gbm|drm|wayland-\w+|"
    r"fontconfig|freetype|png16|brotli\w+|harfbuzz|graphite2|glib-2\.0|gio-2\.0|gobject-2\.0|gmodule-2\.0|gthread-2\.0|"
    r"gtk-3|gdk-3|gdk_pixbuf-2\.0|pango\w*-1\.0|cairo[\w-]*|atk-1\.0|atk-bridge-2\.0|atspi|epoxy|fribidi|thai|datrie|pixman-1|"
    r"dbus-1|systemd|cap|gcrypt|gpg-error|lz4|zstd|blkid|mount|selinux|pcre2?-\w+|bsd|md|jpeg|webp\w*|tiff|deflate|LERC|jbig|"
    r"cups|avahi-\w+|gnutls|nettle|hogweed|gmp|idn2|unistring|tasn1|p11-kit|krb5|k5crypto|krb5support|gssapi_krb5|"
    r"com_err|keyutils|ssl|crypto|usb-1\.0|udev|elf|z3|LLVM\w*|tinfo|edit|sensors|stdc\+\+|gcc_s|uuid)\.so(\.\d+)*"
)
_DROPPED_BINARIES = re.compile(
    "|".join(
        [
            rf"(^|/)plugins/({'|'.join(_QT_PLUGINS)})",
            rf"(^|/){_QT_LIBRARIES}",
            rf"(^|/){_SYSTEM}$",
            r"(^|/)opengl32sw\.dll$|(^|/)d3dcompiler_\d+\.dll$",
        ]
    )
)
_DROPPED_DATA = re.compile(
    r"(^|/)PySide6/Qt/(translations|qml|metatypes|resources)/|(^|/)PySide6/translations/"
    # Of python-stdnum's tables only the one of ISBNs is read.
    r"|^stdnum/(?!isbn\.dat$)"
    r"|^(babel|zxingcpp|mako|sqlalchemy|greenlet)/.*\.(pyi|pyx|c|cpp|h|hpp|po)$"
    r"|(^|/)(tests?|testing)/|(^|/)py\.typed$"
    r"|\.dist-info/(?!METADATA$|entry_points\.txt$)"
)  # fmt: skip


def keeps_binary(name: str) -> bool:
    """Whether a library or plugin goes into the bundle."""
    return _DROPPED_BINARIES.search(name.replace("\\", "/")) is None


def keeps_data(name: str) -> bool:
    """Whether another file goes into the bundle."""
    return _DROPPED_DATA.search(name.replace("\\", "/")) is None


# Of a language Babel knows more than any till says: its words for units and for zones.
_UNSAID = (
    "unit_patterns", "unit_display_names", "compound_unit_patterns", "scripts", "variants",
    "currency_names_plural", "compact_decimal_formats", "compact_currency_formats", "time_zones",
    "meta_zones", "date_fields",
)  # fmt: skip


def slim_locale(name: str, data: bytes) -> bytes:
    """A language's data (babel/locale-data/NAME.dat) without what the program never asks for.

    Countries are chosen and languages told by their English names.
    """
    values = pickle.loads(data)  # noqa: S301 - from the package that was installed by its hash
    unsaid = _UNSAID if name == "en" else (*_UNSAID, "territories", "languages")
    return pickle.dumps({key: {} if key in unsaid else value for key, value in values.items()}, 2)


# Modules that their makers left debugging symbols in: a tenth of their size is code. Libraries beside them were
# rewritten for the wheel and are left alone.
STRIPPED = re.compile(r"^(pysqlite3|sqlalchemy|greenlet|python_calamine|_cffi_backend|markupsafe)\b.*\.so$")
