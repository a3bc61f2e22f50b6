import ts from "typescript";

/** What a mutant lacks. */
export type MutantKind = "guard" | "branch" | "check" | "wipe" | "limit";

/** A change of one place in a source file, which some test should find. */
export interface Mutant {
  /** The file, from the repository's root. */
  readonly file: string;
  /** The line, from 1. */
  readonly line: number;
  /** What is changed. */
  readonly kind: MutantKind;
  /** The text that is changed, in one line: names the mutant when lines move. */
  readonly text: string;
  /** The whole file, changed. */
  readonly source: string;
  /** What makes the change one that can be switched on. */
  readonly switches: readonly Insertion[];
}

/** Text that goes into a file. */
export interface Insertion {
  /** Where, in characters. */
  readonly at: number;
  /** How long what it is put around is: the longest goes to the outside. */
  readonly width: number;
  /** The text: `#` stands for the mutant's number. */
  readonly text: string;
}

const CHECK = /^(check|assert|refuse)/;
const LIMIT = /^(MAX|LAST)_/;
const NO_LIMIT = "Number.MAX_SAFE_INTEGER";
/** Asks whether a mutant is switched on: outside of a trial none is. */
const SWITCH = "globalThis.isMutant?.(#)";

/**
 * The mutants of a file: each `if` never taken (a `guard` where it throws, returns or goes
 * on, else a `branch`), each check and each wiping left out, each limit lifted.
 */
export function mutantsOf(file: string, source: string): Mutant[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const limits = new Map<string, Mutant & { switches: Insertion[] }>();
  const add = (
    kind: MutantKind,
    node: ts.Node,
    replacement: string,
    around: readonly [before: string, after: string] | undefined,
    named: ts.Node = node,
  ): void => {
    const start = node.getStart(tree);
    const mutant = {
      file,
      line: tree.getLineAndCharacterOfPosition(start).line + 1,
      kind,
      text: named.getText(tree).replaceAll(/\s+/g, " "),
      source: source.slice(0, start) + replacement + source.slice(node.end),
      switches: around ? switchesAround(node, around) : [],
    };
    mutants.push(mutant);
    if (ts.isVariableDeclaration(named)) {
      limits.set(named.name.getText(tree), mutant);
    }
  };
  const switchesAround = (
    node: ts.Node,
    [before, after]: readonly [string, string],
  ): Insertion[] => [
    { at: node.getStart(tree), width: node.getWidth(tree), text: before },
    { at: node.end, width: node.getWidth(tree), text: after },
  ];
  const visit = (node: ts.Node): void => {
    if (ts.isIfStatement(node)) {
      const kind = leaves(node.thenStatement) ? "guard" : "branch";
      // Typed as the condition was: the compiler doesn't run, the reader does.
      add(kind, node.expression, "false", [`!${SWITCH} && (`, ")"]);
    } else if (ts.isExpressionStatement(node)) {
      const called = calleeOf(node.expression);
      if (called !== undefined && CHECK.test(called)) {
        add(
          "check",
          node.expression,
          "undefined",
          [`${SWITCH} || (`, ")"],
          node,
        );
      }
    }
    if (isWipe(node)) {
      add("wipe", node, "undefined", [`(${SWITCH} ? undefined : `, ")"]);
    }
    if (
      ts.isVariableDeclaration(node) && node.initializer &&
      LIMIT.test(node.name.getText(tree)) && isNumeric(node.initializer)
    ) {
      add("limit", node.initializer, NO_LIMIT, undefined, node);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  // A limit is lifted wherever it is used: what is made from it once stays.
  const visitUses = (node: ts.Node): void => {
    const limit =
      ts.isIdentifier(node) && !ts.isVariableDeclaration(node.parent)
        ? limits.get(node.text)
        : undefined;
    limit?.switches.push(
      ...switchesAround(node, [`(${SWITCH} ? ${NO_LIMIT} : `, ")"]),
    );
    ts.forEachChild(node, visitUses);
  };
  visitUses(tree);
  return mutants;
}

/** A file with all of its mutants in it, of which one at a time is switched on. */
export function switchable(
  source: string,
  mutants: readonly (readonly [number: number, mutant: Mutant])[],
): string {
  const insertions = mutants.flatMap(([number, { switches }]) =>
    switches.map((insertion) => ({
      ...insertion,
      text: insertion.text.replace("#", String(number)),
    }))
  );
  return insertions.toSorted((a, b) => b.at - a.at || a.width - b.width).reduce(
    (result, { at, text }) => result.slice(0, at) + text + result.slice(at),
    source,
  );
}

/** Whether a branch ends its function or its turn of a loop. */
function leaves(node: ts.Statement): boolean {
  const last = ts.isBlock(node) ? node.statements.at(-1) : node;
  return last !== undefined &&
    (ts.isReturnStatement(last) || ts.isThrowStatement(last) ||
      ts.isContinueStatement(last) || ts.isBreakStatement(last));
}

function calleeOf(node: ts.Expression): string | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  if (ts.isPropertyAccessExpression(expression)) {
    return expression.name.text.replace("#", "");
  }
  return ts.isIdentifier(expression) ? expression.text : undefined;
}

/** `x.fill(0)` or `wipe(x)` */
function isWipe(node: ts.Node): boolean {
  if (!ts.isCallExpression(node)) return false;
  if (calleeOf(node) === "wipe") return true;
  return ts.isPropertyAccessExpression(node.expression) &&
    node.expression.name.text === "fill" &&
    node.arguments.length === 1 && node.arguments[0]?.getText() === "0";
}

function isNumeric(node: ts.Expression): boolean {
  if (ts.isNumericLiteral(node)) return true;
  return ts.isBinaryExpression(node) && isNumeric(node.left) &&
    isNumeric(node.right);
}
