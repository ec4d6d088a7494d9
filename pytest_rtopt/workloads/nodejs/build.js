// A build tool's work: splits modules into tokens, rewrites them, resolves what they import, and joins the result.
'use strict';

const KEYWORDS = new Set(['import', 'export', 'from', 'const', 'function', 'return', 'if', 'else', 'for', 'of']);

function written(number) {
  const imports = [1, 7, 13].map((step) => `import { f${(number + step) % 400} } from './m${(number + step) % 400}.js';`);
  const body = Array.from(
    { length: 25 },
    (_, n) => `  const value${n} = f${(number + 1) % 400}(${n}) + "text ${n}".length; // note ${n}\n  if (value${n} > ${n}) { total += value${n} * ${number}; }`,
  );
  return `${imports.join('\n')}\nexport function f${number}(x) {\n  let total = x;\n${body.join('\n')}\n  return total;\n}\n`;
}

function* tokens(text) {
  const pattern = /\s+|\/\/[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_$][\w$]*|\d+|[^\s\w]/y;
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex;
    const [token] = pattern.exec(text);
    yield { token, start, kind: kindOf(token) };
  }
}

function kindOf(token) {
  const first = token.charCodeAt(0);
  if (first <= 32) return 'space';
  if (token.startsWith('//')) return 'comment';
  if (first === 34 || first === 39) return 'text';
  if (KEYWORDS.has(token)) return 'keyword';
  return /[\w$]/.test(token[0]) ? 'name' : 'sign';
}

function transformed(text, names) {
  const output = [];
  const wanted = new Set();
  let previous = '';
  for (const { token, kind } of tokens(text)) {
    if (kind === 'comment') continue;
    if (kind === 'space') {
      if (/[\w$]$/.test(previous)) output.push(' ');
      continue;
    }
    if (kind === 'text' && previous === 'from') wanted.add(token.slice(3, -4));
    let short = token;
    if (kind === 'name') {
      if (!names.has(token)) names.set(token, `$${names.size.toString(36)}`);
      short = names.get(token);
    }
    output.push(short);
    previous = token;
  }
  return { code: output.join(''), wanted };
}

const modules = new Map();
for (let number = 0; number < 400; number++) modules.set(`m${number}`, written(number));
const names = new Map();
const built = new Map();
for (const [name, text] of modules) built.set(name, transformed(text, names));
const order = [];
const seen = new Set();
(function visit(name) {
  if (seen.has(name)) return;
  seen.add(name);
  for (const other of built.get(name).wanted) visit(other);
  order.push(name);
})('m0');
const bundle = order.map((name) => `/* ${name} */${built.get(name).code}`).join('\n');
let sum = 0;
for (let n = 0; n < bundle.length; n++) sum = (Math.imul(sum, 31) + bundle.charCodeAt(n)) | 0;
console.log(order.length, names.size, bundle.length, sum);
