import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { startApi } from './start-api';

/** What of it the test looks at; */
interface Document {
  paths: Record<
    string,
    Record<
      string,
      {
        security: object[];
        parameters: { name: string; in: string; required: boolean; schema: object }[];
        responses: Record<string, { content: Record<string, object> }>;
      }
    >
  >;
  components: { securitySchemes: Record<string, object> };
}

describeEachDatabase('The OpenAPI document', dataSourceOptions, (database) => {
  it('is what `npm run openapi` has written down', async () => {
    const api = await startApi(database.url);
    const document = await (await fetch(`${api.url}/docs-json`)).json();
    await api.close();
    const kept = await readFile(resolve(__dirname, '../../../docs/openapi.json'), 'utf8');
    expect(JSON.parse(kept)).toEqual(document);
  }, 60_000);

  it('describes the export', async () => {
    const api = await startApi(database.url);
    const document = (await (await fetch(`${api.url}/docs-json`)).json()) as Document;
    const page = await fetch(`${api.url}/docs`);
    const settings = await (await fetch(`${api.url}/docs/swagger-ui-init.js`)).text();
    await api.close();

    expect(page.headers.get('content-type')).toMatch('text/html');
    expect(settings).toContain('"persistAuthorization": true');
    const get = document.paths['/api/v1/calls/export']?.['get'];
    expect(get?.security).toEqual([{ bearer: [] }]);
    expect(document.components.securitySchemes['bearer']).toMatchObject({
      type: 'http',
      scheme: 'bearer',
    });
    expect(get?.parameters.map(({ name, in: place, required }) => [name, place, required])).toEqual(
      [
        ['format', 'query', false],
        ['status', 'query', false],
        ['assistant_id', 'query', false],
        ['date_from', 'query', false],
        ['date_to', 'query', false],
        ['after', 'query', false],
      ],
    );
    expect(get?.parameters[0]?.schema).toEqual({
      type: 'string',
      enum: ['csv', 'json', 'ndjson'],
      default: 'csv',
    });
    expect(Object.keys(get?.responses ?? {})).toEqual([
      '200',
      '400',
      '401',
      '403',
      '412',
      '426',
      '429',
      '503',
    ]);
    expect(Object.keys(get?.responses['200']?.content ?? {})).toEqual([
      'text/csv',
      'application/json',
      'application/x-ndjson',
    ]);
    for (const { content } of Object.values(get?.responses ?? {})) {
      for (const media of Object.values(content)) expect(media).toHaveProperty('example');
    }
  }, 60_000);
});
