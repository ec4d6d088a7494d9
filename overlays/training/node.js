// Training of pgoLevel "FULL": what command-line tools and servers make Node's own C++ do. Code that V8 compiles at run
// time is not in Node's binary, so the parts are chosen for the parser, the compilers, the collector, start-up and libuv.
//
// Run by the instrumented build (../node-profile.sh). None of it is a workload that the project measures. The build log
// names every part with `rtopt: trained on …`, where `-m verify` looks for it.
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');
const vm = require('node:vm');
const zlib = require('node:zlib');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const { pipeline } = require('node:stream/promises');
const { Worker } = require('node:worker_threads');

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'rtopt-training-'));

const parts = {
  // Each start reads the snapshot, sets up a context and takes it down.
  startUps() {
    const programs = ['0', 'require("node:util").inspect(process.versions)', 'import("node:path")'];
    for (let round = 0; round < 8; round++) {
      for (const program of programs) execFileSync(process.execPath, ['-e', program]);
    }
  },

  // The parser and the bytecode compiler, over sources that differ.
  scripts() {
    for (let number = 0; number < 600; number++) {
      const members = Array.from(
        { length: 20 },
        (_, n) => `  m${n}(a, b = ${n}) { let { x, ...rest } = a; return [...Object.keys(rest), \`\${x}-${n}\`, b ?? null]; }`,
      );
      const source = `(class C${number} {\n  #hidden = ${number};\n${members.join('\n')}\n  get it() { return this.#hidden; }\n})`;
      const made = new (vm.runInThisContext(source))();
      assert.equal(made.it, number);
      assert.equal(made.m3({ x: 1, y: 2 }).length, 3);
    }
  },

  modules() {
    for (let number = 0; number < 150; number++) {
      const needs = number ? `require('./part${number - 1}.js')` : '{ depth: 0 }';
      fs.writeFileSync(path.join(scratch, `part${number}.js`), `exports.depth = ${needs}.depth + 1;\n`);
    }
    assert.equal(require(path.join(scratch, 'part149.js')).depth, 150);
  },

  // Short-lived and surviving objects, so that both collectors run.
  objects() {
    const kept = new Map();
    for (let number = 0; number < 600_000; number++) {
      const entry = { number, text: `entry ${number % 977}`, next: kept.get(number % 50_000) };
      if (entry.next) entry.next.next = undefined;
      kept.set(number % 50_000, entry);
    }
    assert.equal(kept.size, 50_000);
    assert.equal([...kept.values()].sort((a, b) => (a.text < b.text ? -1 : 1)).length, 50_000);
  },

  texts() {
    const rows = Array.from({ length: 4000 }, (_, n) => ({ n, name: `näme "${n}"`, tags: ['α', 'b'], at: new Date(n * 1e7) }));
    for (let round = 0; round < 12; round++) {
      const text = JSON.stringify(rows, null, round % 3);
      assert.equal(JSON.parse(text).length, rows.length);
      const found = text.match(/"name":\s*"n(ä)me \\"(\d+)\\""/gu).map((word) => word.replace(/\W+/g, ' ').trim());
      assert.equal(found.length, rows.length);
      Buffer.from(text).toString('base64');
    }
  },

  // WebAssembly has compilers of its own: (i32) -> i32, which adds the numbers up to its argument.
  assembly() {
    const code = Buffer.from(
      '0061736d0100000001060160017f017f030201000707010373756d00000a1b011901017f0340200020016a2101200041016b22000d000b20010b',
      'hex',
    );
    for (let round = 0; round < 50; round++) {
      const { sum } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
      assert.equal(sum(10_000), 50_005_000);
    }
  },

  async files() {
    const block = crypto.createHash('sha256').update('training').digest();
    for (let number = 0; number < 200; number++) {
      const file = path.join(scratch, `${number}.gz`);
      await pipeline([Buffer.alloc(20_000, block)], zlib.createGzip(), fs.createWriteStream(file));
      const read = await fs.promises.readFile(file);
      assert.equal(zlib.gunzipSync(read).length, 20_000);
    }
  },

  // One process asks itself, over the loopback address.
  async requests() {
    const server = http.createServer(async (request, response) => {
      const sent = [];
      for await (const chunk of request) sent.push(chunk);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ path: request.url, length: Buffer.concat(sent).length }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address();
    for (let number = 0; number < 400; number++) {
      const answer = await fetch(`http://127.0.0.1:${port}/${number}`, { method: 'POST', body: 'x'.repeat(number) });
      assert.equal((await answer.json()).length, number);
    }
    server.closeAllConnections();
    await once(server.close(), 'close');
  },

  async threads() {
    const source = 'const { parentPort } = require("node:worker_threads"); parentPort.on("message", (n) => { let s = 0; for (let i = 0; i < n; i++) s += i % 7; parentPort.postMessage(s); });';
    for (let number = 0; number < 6; number++) {
      const worker = new Worker(source, { eval: true });
      worker.postMessage(200_000);
      const [sum] = await once(worker, 'message');
      assert.ok(sum > 0);
      await worker.terminate();
    }
  },
};

async function main() {
  try {
    for (const [name, train] of Object.entries(parts)) {
      const started = process.hrtime.bigint();
      await train();
      console.log(`rtopt: trained on ${name} in ${Number(process.hrtime.bigint() - started) / 1e9} s`);
    }
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

main();
