// What a server of embeddings computes: vectors of floating-point numbers, their lengths, the angles between them, and
// which are nearest to a question.
'use strict';
const { createHash } = require('node:crypto');

const DIMENSIONS = 384;
const DOCUMENTS = 3000;
const QUESTIONS = 60;

let state = 2025;
function number() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state >>> 8) / 8388608 - 1;
}

function product(a, b) {
  let sum = 0;
  for (let n = 0; n < DIMENSIONS; n++) sum += a[n] * b[n];
  return sum;
}

// Of length 1, so that the product of two is the cosine of the angle between them.
function embedding() {
  const vector = Float64Array.from({ length: DIMENSIONS }, number);
  const length = Math.sqrt(product(vector, vector));
  return vector.map((x) => x / length);
}

const documents = Array.from({ length: DOCUMENTS }, embedding);
const digest = createHash('sha256');
for (let question = 0; question < QUESTIONS; question++) {
  const asked = embedding();
  const scores = Float64Array.from(documents, (document) => product(document, asked));
  const nearest = Array.from(scores.keys())
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .slice(0, 10);
  // Their mean, as a next question would start from.
  const mean = new Float64Array(DIMENSIONS);
  for (const id of nearest) for (let n = 0; n < DIMENSIONS; n++) mean[n] += documents[id][n] / nearest.length;
  digest.update(`${nearest.join(' ')} ${product(mean, asked).toFixed(9)}\n`);
}
console.log(digest.digest('hex'));
