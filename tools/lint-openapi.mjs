/** Lints docs/openapi.json with the recommended rules of Redocly. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core';

const document = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/openapi.json');
const config = await createConfig({ extends: ['recommended'] });
const problems = await lint({ ref: document, config });
const { errors, warnings } = getTotals(problems);
if (problems.length > 0) formatProblems(problems, { totals: { errors, warnings, ignored: 0 } });
console.log(`docs/openapi.json: ${errors} errors, ${warnings} warnings`);
process.exitCode = problems.length > 0 ? 1 : 0;
