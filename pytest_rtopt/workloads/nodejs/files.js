// Input and output: writes, lists, reads and removes many small files in the working directory.
'use strict';
const fs = require('node:fs/promises');
const path = require('node:path');

async function main() {
  const directory = path.join(process.cwd(), 'rtopt-files');
  await fs.mkdir(directory, { recursive: true });
  const block = Buffer.alloc(4096, 'x');
  let total = 0;
  for (let round = 0; round < 2; round++) {
    for (let number = 0; number < 300; number++) await fs.writeFile(path.join(directory, `${number}.bin`), block);
    for (const name of (await fs.readdir(directory)).sort()) {
      total += (await fs.readFile(path.join(directory, name))).length;
      await fs.unlink(path.join(directory, name));
    }
  }
  await fs.rmdir(directory);
  console.log(total);
}

main();
