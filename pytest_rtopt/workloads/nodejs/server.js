// A server's work: parses requests, looks records up, ranks them by the angle between vectors, writes answers.
'use strict';
const { createHash } = require('node:crypto');

let state = 42;
function chance(limit) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state >>> 8) % limit;
}

const DIMENSIONS = 64;
const documents = Array.from({ length: 1500 }, (_, id) => ({
  id,
  title: `Document ${id}`,
  tags: ['a', 'b', 'c', 'd'].filter(() => chance(2)),
  vector: Float64Array.from({ length: DIMENSIONS }, () => chance(2000) / 1000 - 1),
}));
const lengths = documents.map(({ vector }) => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0)));

function ranked(vector, tag) {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return documents
    .filter(({ tags }) => tags.includes(tag))
    .map((document) => {
      let product = 0;
      for (let n = 0; n < DIMENSIONS; n++) product += document.vector[n] * vector[n];
      return { document, score: product / (length * lengths[document.id]) };
    })
    .sort((a, b) => b.score - a.score || a.document.id - b.document.id)
    .slice(0, 5);
}

async function handle(text) {
  const { id, method, params } = JSON.parse(text);
  if (method !== 'search') return JSON.stringify({ id, error: { code: -32601, message: `no ${method}` } });
  const found = ranked(Float64Array.from(params.vector), params.tag);
  return JSON.stringify({
    id,
    result: found.map(({ document: { title, tags }, score }) => ({ title, tags, score: score.toFixed(6) })),
  });
}

async function main() {
  const digest = createHash('sha256');
  for (let number = 0; number < 400; number++) {
    const request = JSON.stringify({
      jsonrpc: '2.0',
      id: number,
      method: number % 10 ? 'search' : 'list',
      params: { tag: 'abcd'[chance(4)], vector: Array.from({ length: DIMENSIONS }, () => chance(100) / 50 - 1) },
    });
    digest.update(await handle(request));
  }
  console.log(digest.digest('hex'));
}

main();
