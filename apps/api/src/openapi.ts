import './report-uncaught';
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openApiDocument } from './api-document';
import { createApp } from './create-app';
import { readEnvironment } from './read-environment';
import { runCommand } from './run-command';

/** Writes docs/openapi.json. Nest's preview mode starts nothing, so it needs no database. */
runCommand(async () => {
  const app = await createApp(readEnvironment({}), 'postgres://127.0.0.1', {
    preview: true,
    logger: false,
  });
  writeFileSync(resolve('docs/openapi.json'), `${JSON.stringify(openApiDocument(app), null, 2)}\n`);
});
