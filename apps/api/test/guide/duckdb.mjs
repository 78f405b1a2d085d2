/**
 * Runs SQL from standard input on a DuckDB file, and prints the rows of the last statement as JSON.
 * Replaces DuckDB's command line. Needs the package `@duckdb/node-api` in the directory `DUCKDB_NODE_API`.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const require = createRequire(join(process.env.DUCKDB_NODE_API, 'package.json'));
const { DuckDBInstance } = require('@duckdb/node-api');

const instance = await DuckDBInstance.create(process.argv[2]);
const connection = await instance.connect();
const result = await connection.runAndReadAll(await text(process.stdin));
console.log(JSON.stringify(result.getRowsJson()));
connection.closeSync();
instance.closeSync();
