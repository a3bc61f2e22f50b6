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
}

const CHECK = /^(check|assert|refuse)/;
const LIMIT = /^(MAX|LAST)_/;

/**
 * The mutants of a file: each `if` never taken (a `guard` where it throws, returns or goes
 * on, else a `branch`), each check and each wiping left out, each limit lifted.
 */
export function mutantsOf(file: string, source: string): Mutant[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const add = (
    kind: MutantKind,
    node: ts.Node,
    replacement: string,
    named: ts.Node = node,
  ): void => {
    const start = node.getStart(tree);
    mutants.push({
      file,
      line: tree.getLineAndCharacterOfPosition(start).line + 1,
      kind,
      text: named.getText(tree).replaceAll(/\s+/g, " "),
      source: source.slice(0, start) + replacement + source.slice(node.end),
    });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIfStatement(node)) {
      const kind = leaves(node.thenStatement) ? "guard" : "branch";
      // Typed as the condition was: the compiler doesn't run, the reader does.
      add(kind, node.expression, "false");
    } else if (ts.isExpressionStatement(node)) {
      const called = calleeOf(node.expression);
      if (called !== undefined && CHECK.test(called)) add("check", node, ";");
    }
    if (isWipe(node)) add("wipe", node, "undefined");
    if (
      ts.isVariableDeclaration(node) && node.initializer &&
      LIMIT.test(node.name.getText(tree)) && isNumeric(node.initializer)
    ) {
      add("limit", node.initializer, "Number.MAX_SAFE_INTEGER", node);
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return mutants;
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
