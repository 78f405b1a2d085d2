// @slow
import { describeEachDatabase, describeWith } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { DUCKDB, duckDb } from './guide/duckdb';
import { libreOffice } from './guide/libreoffice';
import { PANDAS, pandas } from './guide/pandas';
import { postgres } from './guide/postgres';
import { Reader } from './guide/reader';
import { shell } from './guide/shell';
import { Guide } from './guide/snippets';

/** Snippets that no test runs, with the reason. */
const NOT_RUN = { 'BigQuery: sh': 'needs an account with Google' };

const TOOLS = [
  ...['PostgreSQL server', 'bash', 'curl', 'jq', 'psql', 'sha256sum', 'soffice'],
  ...[DUCKDB, PANDAS],
];

// LibreOffice and Python take seconds to start.
jest.setTimeout(180_000);

const guide = new Guide();

describeEachDatabase(
  'The PostgreSQL snippets of docs/using-the-file.md',
  dataSourceOptions,
  (database) => postgres(guide, new Reader(database)),
  // The embedded database does not support COPY from a client.
  ['PostgreSQL server'],
);

describeEachDatabase(
  'docs/using-the-file.md',
  dataSourceOptions,
  (database) => {
    const reader = new Reader(database);
    const schema = guide.take('BigQuery: json');

    libreOffice(guide, reader);
    pandas(guide, reader);
    duckDb(guide, reader);
    shell(guide, reader);

    it('has a BigQuery schema with the columns of the file', async () => {
      const fields: { name: string }[] = JSON.parse(schema.text);
      const [call] = (await (await reader.api.export('format=json')).json()) as object[];
      expect(fields.map(({ name }) => name)).toEqual(Object.keys(call as object));
    });

    describeWith(TOOLS, 'with all tools', () => {
      it('has no snippet that is not run, except those listed here', () => {
        expect(guide.left).toEqual(Object.keys(NOT_RUN));
      });
    });
  },
  ['embedded PostgreSQL'],
);
