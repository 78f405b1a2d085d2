import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { startApi } from './start-api';
import { readWorkspaceFile } from './workspace';

/** The part of the document that the tests check. */
interface Document {
  paths: Record<
    string,
    Record<
      string,
      {
        security: object[];
        parameters: {
          name: string;
          in: string;
          required: boolean;
          schema: { example?: unknown };
          examples?: Record<string, { value?: unknown }>;
        }[];
        responses: Record<string, { content: Record<string, object>; headers: object }>;
      }
    >
  >;
  components: { securitySchemes: Record<string, object>; headers: Record<string, object> };
}

describeEachDatabase('The OpenAPI document', dataSourceOptions, (database) => {
  it('is the same as docs/openapi.json, which `npm run openapi` writes', async () => {
    const api = await startApi(database.url);
    const document = await (await fetch(`${api.url}/docs-json`)).json();
    await api.close();
    const committed = readWorkspaceFile('docs/openapi.json');
    expect(JSON.parse(committed)).toEqual(document);
  }, 60_000);

  it('documents the rate limit headers of every response, and GET before HEAD', async () => {
    const api = await startApi(database.url);
    const document = (await (await fetch(`${api.url}/docs-json`)).json()) as Document;
    const { headers } = await api.export();
    await api.close();
    const operations = document.paths['/api/v1/calls/export'] ?? {};
    expect(Object.keys(operations)).toEqual(['get', 'head']);
    const described = Object.keys(document.components.headers);
    expect(described.map((name) => headers.get(name))).toEqual(['1000000000', '999999999', '60']);
    const responses = Object.values(operations).flatMap((operation) =>
      Object.values(operation.responses),
    );
    expect(responses.length).toBeGreaterThan(10);
    for (const response of responses) {
      expect(response.headers).toMatchObject(
        Object.fromEntries(
          described.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
        ),
      );
    }
  }, 60_000);

  it('has an example for every parameter', async () => {
    const api = await startApi(database.url);
    const document = (await (await fetch(`${api.url}/docs-json`)).json()) as Document;
    await api.close();
    const { get, head } = document.paths['/api/v1/calls/export'] ?? {};
    const parameters = [...(get?.parameters ?? []), ...(head?.parameters ?? [])];
    expect(parameters).toHaveLength(2 * 7);
    for (const parameter of parameters) {
      const { schema, examples = {} } = parameter;
      const values = [schema.example, ...Object.values(examples).map(({ value }) => value)];
      expect([parameter.name, values.filter(Boolean)]).not.toEqual([parameter.name, []]);
    }
  }, 60_000);

  it('documents the parameters, responses and formats of the export', async () => {
    const api = await startApi(database.url);
    const document = (await (await fetch(`${api.url}/docs-json`)).json()) as Document;
    const page = await fetch(`${api.url}/docs`);
    const settings = await (await fetch(`${api.url}/docs/swagger-ui-init.js`)).text();
    await api.close();

    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
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
        ['timezone', 'query', false],
        ['after', 'query', false],
      ],
    );
    expect(get?.parameters[0]?.schema).toEqual({
      type: 'string',
      enum: ['csv', 'json', 'ndjson', 'xlsx'],
      default: 'csv',
      example: 'csv',
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
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    ]);
    for (const { content } of Object.values(get?.responses ?? {})) {
      for (const media of Object.values(content)) expect(media).toHaveProperty('example');
    }
  }, 60_000);
});
