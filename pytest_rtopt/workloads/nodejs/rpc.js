// A server of JSON-RPC on standard input and output, a message on each line, as editors and agents start them. With
// `--requests` it writes the requests instead that a client would send. The answer is the checksum of all responses, so
// that what is compared is short.
'use strict';
const { createHash } = require('node:crypto');
const readline = require('node:readline');

const REQUESTS = 12000;

function requests() {
  let state = 7;
  const chance = (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % limit;
  };
  const words = ['open', 'close', 'read', 'write', 'list', 'find', 'move', 'copy'];
  for (let id = 0; id < REQUESTS; id++) {
    const method = ['put', 'get', 'search', 'unknown'][Math.min(3, chance(16) % 5)];
    const text = Array.from({ length: 3 + chance(12) }, () => words[chance(words.length)]).join(' ');
    const params = { key: `note-${chance(500)}`, text, tags: { length: text.length, first: words[chance(8)] } };
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  }
}

const notes = new Map();
const methods = {
  put({ key, text, tags }) {
    notes.set(key, { text, tags, changes: (notes.get(key)?.changes ?? 0) + 1 });
    return { key, size: notes.size };
  },
  get: ({ key }) => notes.get(key) ?? null,
  search({ text }) {
    const wanted = text.split(' ').slice(0, 2);
    const found = [];
    for (const [key, note] of notes) {
      if (found.length < 5 && wanted.every((word) => note.text.includes(word))) found.push({ key, ...note });
    }
    return found;
  },
};

async function serve() {
  const digest = createHash('sha256');
  for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const { id, method, params } = JSON.parse(line);
    const response = Object.hasOwn(methods, method)
      ? { jsonrpc: '2.0', id, result: methods[method](params) }
      : { jsonrpc: '2.0', id, error: { code: -32601, message: `there is no method ${method}` } };
    digest.update(`${JSON.stringify(response)}\n`);
  }
  console.log(digest.digest('hex'));
}

if (process.argv[2] === '--requests') requests();
else serve();
