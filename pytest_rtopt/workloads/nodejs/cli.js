// The start of a large command-line tool: loads the libraries of a real one, whose directory is the argument.
'use strict';
const { createRequire } = require('node:module');

const load = createRequire(`${process.argv[2]}/package.json`);
const names = ['@npmcli/arborist', '@npmcli/config', 'libnpmexec', 'libnpmpublish', 'libnpmversion', 'pacote', 'semver'];
const loaded = names.map((name) => typeof load(name));
console.log(loaded.join(' '), Object.keys(load.cache).length);
