"""Checks what build.sh linked: a module that asks and gives what it should, and names no place.

Usage: check_module.py MODULE EXPORTS_TXT [TEXT...]

The imports must all be the host's, the exports those of exports.txt and the few that any
module has. No TEXT (a path, a host name) may occur in the module.
"""

import sys

HOST = "sesame:host"  # with a scheme: what publishes to JSR takes another name for a file's
ALWAYS_EXPORTED = {"memory", "__indirect_function_table"}
IMPORT_SECTION, EXPORT_SECTION, FUNCTION = 2, 7, 0


def main(path, exports_txt, *texts):
    data = open(path, "rb").read()
    wanted = set(open(exports_txt).read().split()) | ALWAYS_EXPORTED
    given, foreign = set(exports(data)), sorted(n for m, n in imports(data) if m != HOST)
    found = [text for text in texts if text.encode() in data]
    if foreign:
        fail(f"it imports {', '.join(foreign)}. Define them in wasm/host.c, or find out who calls them.")
    if wanted - given:
        fail(f"it doesn't export {', '.join(sorted(wanted - given))} of wasm/exports.txt.")
    if given - wanted:
        fail(f"it exports {', '.join(sorted(given - wanted))}, which wasm/exports.txt doesn't list.")
    if found:
        fail(f"it holds {', '.join(found)}, so it would differ on another machine.")


def fail(reason):
    sys.exit(f"The linked module is wrong: {reason}")


def imports(data):
    reader = section(data, IMPORT_SECTION)
    for _ in range(reader.number()):
        module, name = reader.name(), reader.name()
        if reader.number() != FUNCTION:
            fail(f"its import {name} is not a function.")
        reader.number()
        yield module, name


def exports(data):
    reader = section(data, EXPORT_SECTION)
    for _ in range(reader.number()):
        yield reader.name()
        reader.number(), reader.number()


def section(data, wanted):
    reader = Reader(data, 8)
    while reader.at < len(data):
        kind, size = reader.number(), reader.number()
        if kind == wanted:
            return reader
        reader.at += size
    fail(f"it has no section {wanted}.")


class Reader:
    """Reads the numbers (LEB128) and names of a module's binary format."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def number(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def name(self):
        size = self.number()
        self.at += size
        return self.data[self.at - size : self.at].decode()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
