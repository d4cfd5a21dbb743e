#!/usr/bin/env node
'use strict';
const { join } = require('node:path');
const { main } = require('../dist/main.cjs');

main(process.argv.slice(2), join(__dirname, '..'));
