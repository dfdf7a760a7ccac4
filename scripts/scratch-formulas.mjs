// The scratch formulas of the kernels, from AssemblyScript to TypeScript. They stay above zero and are computed in doubles
// there, so that what is beyond an i32 can be seen to be.
import ts from "typescript";
import { importedFrom, misread } from "./assembly-source.mjs";

const { SyntaxKind } = ts;
/** How tightly an expression binds, loosest first. */
const [CHOICE, EQUALITY, SUM, PRODUCT, TIGHT] = [1, 2, 3, 4, 5];

const plain = (value) => ({ value, text: String(value), binds: value < 0 ? SUM : TIGHT });
const text = (written, binds = TIGHT) => ({ value: undefined, text: written, binds });
const within = (expression, binds) => (expression.binds < binds ? `(${expression.text})` : expression.text);

const isPowerOfTwo = (value) => value > 0 && Number.isInteger(Math.log2(value));

/** A function of numbers and structs that declares constants and returns: its name, parameters and lines of TypeScript. */
export function formulaOf(declaration, structs) {
  const locals = new Map();
  const parameters = declaration.parameters.map((parameter) => {
    const type = parameter.type?.getText();
    const struct = structs.find(({ name }) => name === type);
    if (struct === undefined && type !== "i32" && type !== "usize")
      misread(parameter, "neither a number nor a struct");
    const name = parameter.name.text;
    locals.set(name, { ...text(name), struct });
    return { name, struct: struct?.name };
  });
  const lines = [];
  const statements = [...declaration.body.statements];
  const last = statements.pop();
  for (const statement of statements) {
    if (!ts.isVariableStatement(statement))
      misread(statement, "a scratch formula declares constants and returns");
    for (const { name, initializer } of statement.declarationList.declarations) {
      const expression = translate(initializer, locals);
      locals.set(name.text, expression.value === undefined ? text(name.text) : expression);
      if (expression.value === undefined) lines.push(`const ${name.text} = ${expression.text};`);
    }
  }
  if (last === undefined || !ts.isReturnStatement(last))
    misread(declaration, "a scratch formula ends in a return");
  lines.push(`return ${translate(last.expression, locals).text};`);
  return { name: declaration.name.text, parameters, lines };
}

function translate(node, locals) {
  const go = (part) => translate(part, locals);
  if (ts.isNumericLiteral(node)) return plain(Number(node.text));
  if (ts.isParenthesizedExpression(node) || ts.isTypeAssertionExpression(node)) return go(node.expression);
  if (ts.isIdentifier(node)) return locals.get(node.text) ?? constant(node);
  if (ts.isPrefixUnaryExpression(node)) return prefix(node, go(node.operand));
  if (ts.isBinaryExpression(node)) return binary(node, go(node.left), go(node.right));
  if (ts.isConditionalExpression(node)) {
    const [when, then, otherwise] = [node.condition, node.whenTrue, node.whenFalse].map(go);
    return text(
      `${within(when, EQUALITY)} ? ${within(then, EQUALITY)} : ${within(otherwise, CHOICE)}`,
      CHOICE,
    );
  }
  if (ts.isPropertyAccessExpression(node)) {
    const { struct, text: owner } = go(node.expression);
    if (!struct?.fields.some(({ name }) => name === node.name.text)) misread(node, "no field of a struct");
    return text(`${owner}.${node.name.text}`);
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression))
    return call(node, node.arguments.map(go));
  return misread(node, "not what a scratch formula may hold");
}

/** A constant of the module, or one that it imports. */
function constant(identifier) {
  const { text: name } = identifier;
  const find = (file) => {
    for (const statement of file.statements) {
      if (ts.isVariableStatement(statement)) {
        const found = statement.declarationList.declarations.find((declared) => declared.name.text === name);
        if (found !== undefined) return translate(found.initializer, new Map());
      }
      const imported = ts.isImportDeclaration(statement)
        ? statement.importClause?.namedBindings?.elements
        : undefined;
      if (imported?.some((element) => element.name.text === name)) return find(importedFrom(file, statement));
    }
    return undefined;
  };
  const found = find(identifier.getSourceFile());
  if (found?.value === undefined) misread(identifier, "no constant");
  return found;
}

function prefix(node, operand) {
  if (operand.value === undefined) misread(node, "only constants may be negated");
  if (node.operator === SyntaxKind.MinusToken) return plain(-operand.value);
  if (node.operator === SyntaxKind.TildeToken) return plain(~operand.value);
  return misread(node, "an operator that no scratch formula may hold");
}

function binary(node, left, right) {
  const by = right.value;
  const known = left.value !== undefined && by !== undefined;
  const infix = (operator, binds) =>
    text(`${within(left, binds)} ${operator} ${within(right, binds + 1)}`, binds);
  switch (node.operatorToken.kind) {
    case SyntaxKind.PlusToken:
      return known ? plain(left.value + by) : infix("+", SUM);
    case SyntaxKind.MinusToken:
      return known ? plain(left.value - by) : infix("-", SUM);
    case SyntaxKind.AsteriskToken:
      return known ? plain(left.value * by) : infix("*", PRODUCT);
    case SyntaxKind.PercentToken:
      return known ? plain(left.value % by) : infix("%", PRODUCT);
    case SyntaxKind.SlashToken:
      return known ? plain(Math.trunc(left.value / by)) : text(`Math.trunc(${infix("/", PRODUCT).text})`);
    case SyntaxKind.EqualsEqualsToken:
      return infix("===", EQUALITY);
    case SyntaxKind.LessThanLessThanToken:
      if (by === undefined) misread(node, "shifts go by constants");
      return known ? plain(left.value * 2 ** by) : text(`${within(left, PRODUCT)} * ${2 ** by}`, PRODUCT);
    case SyntaxKind.GreaterThanGreaterThanToken:
      if (by === undefined) misread(node, "shifts go by constants");
      return known
        ? plain(Math.floor(left.value / 2 ** by))
        : text(`Math.floor(${within(left, PRODUCT)} / ${2 ** by})`);
    case SyntaxKind.AmpersandToken:
      // Rounding down to a multiple of a power of two is all that masks are for.
      if (by === undefined || !isPowerOfTwo(-by)) misread(node, "a mask clears low bits");
      return text(`Math.floor(${within(left, PRODUCT)} / ${-by}) * ${-by}`, PRODUCT);
    default:
      return misread(node.operatorToken, "an operator that no scratch formula may hold");
  }
}

function call(node, given) {
  const { text: name } = node.expression;
  const listed = given.map((argument) => argument.text).join(", ");
  if (name === "min" || name === "max") {
    if (given.every(({ value }) => value !== undefined))
      return plain(Math[name](...given.map(({ value }) => value)));
    return text(`Math.${name}(${listed})`);
  }
  if (/ScratchBytes$/.test(name)) return text(`${name}(${listed})`);
  return inlined(node, name, given);
}

/** What a function of the same file that only returns is with these arguments. */
function inlined(node, name, given) {
  const called = node
    .getSourceFile()
    .statements.find((statement) => ts.isFunctionDeclaration(statement) && statement.name.text === name);
  const [returned, ...more] = called?.body.statements ?? [];
  if (returned === undefined || more.length > 0 || !ts.isReturnStatement(returned))
    misread(node, "a scratch formula may call min, max, other formulas, and what only returns");
  const locals = new Map(called.parameters.map((parameter, i) => [parameter.name.text, given[i]]));
  return translate(returned.expression, locals);
}
