"""Checks that kernels run in constant time, by the WebAssembly text of what was linked.

Usage: check_kernels.py WAT SYMBOLS FUNCTION...

WAT is wasm-dis's text of a module, SYMBOLS the linker's list of its functions' names. What the
named functions are given (addresses, lengths, sizes) is public; whatever is loaded from memory is
secret, and so is what is computed from it. In them and in all that they call, no secret may
be an address, decide a branch or a choice, or be divided. The number of rounds of an AES key is
public, and what wipes and copies memory only gets addresses and lengths.
"""

import re
import sys

ROUNDS = "i32.load", "offset=240"  # of an AES_KEY
TRUSTED = {"OPENSSL_cleanse", "__memcpy", "__memset", "memset"}
VALUES = re.compile(r"(i32|i64|v128|i8x16|i16x8|i32x4|i64x2)\.")
PLAIN = {"drop", "local", "nop", "param", "result", "then", "else", "type"}


def main(wat, symbols, *names):
    indices = {}
    for line in open(symbols):
        index, name = line.strip().split(":", 1)
        indices[name] = int(index)
    program = Program(open(wat).read(), {index: name for name, index in indices.items()})
    for name in names:
        if name not in indices:
            sys.exit(f"Cannot check {name}: the module has no function of that name.")
        program.call(indices[name], [])
    while program.changed:
        program.changed = False
        for index in list(program.functions):
            program.functions[index].read()
    faults = sorted({f"{f.name}: {fault}" for f in program.functions.values() for fault in f.faults})
    if faults:
        sys.exit("Not in constant time:\n  " + "\n  ".join(faults))


class Program:
    """The functions that were reached, and what they are given."""

    def __init__(self, text, names):
        self.names, self.functions, self.changed = names, {}, True
        self.imported = len(re.findall(r"^ \(import .*\(func ", text, re.M))
        self.texts = dict(re.findall(r"^ \(func \$(\S+)(.*?)^ \)$", text, re.M | re.S))

    def call(self, index, secrets):
        """Says whether the result of a function is secret, of which some arguments are."""
        name = self.names.get(index, str(index))
        if index not in self.functions:
            self.functions[index] = Function(self, name, self.texts[str(index - self.imported)])
            self.changed = True
        function = self.functions[index]
        function.learn(f"${parameter}" for parameter, secret in enumerate(secrets) if secret)
        return function.gives_secret


class Function:
    """Follows a function through all of its branches, with the locals that hold a secret by then."""

    def __init__(self, program, name, text):
        self.program, self.name = program, name
        self.body = parse("(" + text + ")")
        self.given, self.faults, self.gives_secret = set(), set(), False

    def learn(self, parameters):
        new = set(parameters) - self.given
        self.given |= new
        self.program.changed |= bool(new)

    def read(self):
        self.secrets = set(self.given)  # None where no one comes by
        self.targets = {}  # the labels around: the secrets of those who branch there
        self.result = self.all(self.body)
        if self.result and not self.gives_secret:
            self.gives_secret = self.program.changed = True

    def all(self, nodes):
        """Says whether what the last one gives is secret."""
        secret = False
        for node in nodes:
            if isinstance(node, list):
                secret = self.holds(node)
        return secret

    def holds(self, node):
        """Says whether what an instruction gives is secret, having looked at all of its operands."""
        name, *rest = node
        if name in ("block", "loop", "if"):
            return getattr(self, "in_" + name)(rest)
        operands = [self.holds(child) for child in rest if isinstance(child, list)]
        secret = any(operands)
        if name == "local.get":
            return self.secrets is not None and rest[0] in self.secrets
        if name in ("local.set", "local.tee"):
            if self.secrets is not None:
                (self.secrets.add if secret else self.secrets.discard)(rest[0])
            return secret
        if name in ("br", "br_if", "br_table"):
            return self.branches(name, [word for word in rest if isinstance(word, str)], operands)
        if name in ("return", "unreachable"):
            self.gives_secret |= secret
            self.secrets = None
            return False
        if name == "select":
            self.forbid(operands[-1], "select by a secret")
            return secret
        if name == "call":
            return self.calls(rest[0], operands)
        if ".load" in name or ".store" in name:
            self.forbid(operands[0], f"{name} at a secret address")
            return ".load" in name and not (self.name.startswith("AES_") and (name, rest[0]) == ROUNDS)
        if ".div" in name or ".rem" in name or name.startswith(("memory.", "global.", "call_")):
            self.forbid(secret, f"{name} of a secret")
            return False
        if name not in PLAIN and not VALUES.match(name):
            self.faults.add(f"{name}, which this script doesn't know")
        return secret

    def in_block(self, nodes):
        self.targets[str(nodes[0])] = came = Target()
        secret = self.all(nodes)
        self.secrets = joined(self.secrets, came.secrets)
        return secret or came.with_secret

    def in_loop(self, nodes):
        entered = self.secrets
        while True:
            self.targets[str(nodes[0])] = came = Target()
            self.secrets = None if entered is None else set(entered)
            secret = self.all(nodes)
            if joined(entered, came.secrets) == entered:
                return secret
            entered = joined(entered, came.secrets)

    def in_if(self, nodes):
        condition, *arms = [node for node in nodes if isinstance(node, list) and node[0] != "result"]
        self.forbid(self.holds(condition), "if by a secret")
        before = None if self.secrets is None else set(self.secrets)
        secret = self.all(arms[0])
        after, self.secrets = self.secrets, before
        secret |= len(arms) > 1 and self.all(arms[1])
        self.secrets = joined(self.secrets, after)
        return secret

    def branches(self, name, labels, operands):
        *values, last = operands or [False]
        if name == "br":
            values = operands
        else:
            self.forbid(last, f"{name} by a secret")
        for label in labels:
            target = self.targets[label]
            target.secrets = joined(target.secrets, self.secrets)
            target.with_secret |= any(values)
        if name != "br_if":
            self.secrets = None
        return any(values)

    def calls(self, written, operands):
        index = int(written.lstrip("$").replace("fimport$", ""))
        if not written.startswith("$fimport"):
            index += self.program.imported
        if self.program.names.get(index) in TRUSTED:
            self.forbid(any(operands), f"{self.program.names[index]} by a secret")
            return False
        return self.program.call(index, operands)

    def forbid(self, secret, fault):
        if secret and self.secrets is not None:
            self.faults.add(fault)


class Target:
    """What those bring along who branch to a label."""

    def __init__(self):
        self.secrets, self.with_secret = None, False


def joined(some, others):
    return others if some is None else some if others is None else some | others


def parse(text):
    """Nested lists of the words of an S-expression."""
    stack = [[]]
    for word in re.findall(r"[()]|[^\s()]+", text):
        if word == "(":
            stack.append([])
        elif word == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word)
    return stack[0][0]


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.setrecursionlimit(100000)
    main(*sys.argv[1:])
