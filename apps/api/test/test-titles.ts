import ts from 'typescript';

/** Functions that take the title of a test or suite. */
const TITLED = /^(it|test|describe\w*)$/;
/** What stands for a parameter in a title: `%s` and `$name` of Jest's `each`, `${…}` of a template. */
const PLACEHOLDER = /%[sdifjop]|\$\w+(?:\.\w+)*|\$\{\}/;

/** Whether a test file has a title that contains the text. Placeholders in a title match anything. */
export function hasTitle(source: string, text: string): boolean {
  return titlesIn(source).some((title) => title.includes(text) || matches(title, text));
}

function matches(title: string, text: string): boolean {
  const parts = title.split(new RegExp(PLACEHOLDER, 'g'));
  // A title such as `%s` would match everything.
  if (parts.length === 1 || !/\p{L}{3}/u.test(parts.join(' '))) return false;
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(text);
}

/** The strings in the arguments of `it`, `describe` and the like, including the rows of `each`. */
function titlesIn(source: string): string[] {
  const titles: string[] = [];
  const collect = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isStringLiteralLike(node)) titles.push(node.text);
    if (ts.isTemplateExpression(node)) {
      const parts = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)];
      titles.push(parts.join('${}'));
      return;
    }
    ts.forEachChild(node, collect);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && TITLED.test(calledName(node))) {
      for (const argument of node.arguments) collect(argument);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('test.ts', source, ts.ScriptTarget.Latest));
  return titles;
}

/** The name that a call starts with, such as `it` in `it.each(rows)('…', …)`. */
function calledName(call: ts.CallExpression): string {
  let called: ts.Expression = call.expression;
  while (!ts.isIdentifier(called)) {
    if (!ts.isCallExpression(called) && !ts.isPropertyAccessExpression(called)) return '';
    called = called.expression;
  }
  return called.text;
}
