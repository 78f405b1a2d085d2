import {
  type DynamicModule,
  type INestApplication,
  Module,
  Version,
  VersioningType,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ApiOperation,
  ApiQuery,
  ApiResponse,
  ApiTags,
  DocumentBuilder,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import { DataSource, EntitySchema } from 'typeorm';
import { CallsExportGuard, CallsExportModule, type CallsExportModuleOptions } from '../src';
import { closeHosts, HEADER_OPTIONS, memory, startHost } from './small-host';

afterEach(closeHosts);

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Options = Parameters<typeof SwaggerModule.createDocument>[2];

const documentOf = (app: INestApplication, options?: Options) =>
  SwaggerModule.createDocument(app, new DocumentBuilder().build(), options);

async function describeWith(
  imports: readonly CallsExportModuleOptions[],
  configure?: (app: INestApplication) => void,
  options?: Options,
): Promise<OpenAPIObject['paths']> {
  const modules = imports.map((more) => CallsExportModule.forRoot({ ...HEADER_OPTIONS, ...more }));
  const { app } = await startHost([memory(), ...modules], { configure });
  return documentOf(app, options).paths;
}

/** What GET and HEAD of an only import are described as. */
async function operations(
  options: CallsExportModuleOptions = {},
): Promise<{ get: Operation; head: Operation }> {
  const { get, head } = (await describeWith([options]))['/calls/export'] ?? {};
  return { get: get as Operation, head: head as Operation };
}

function operationIds(paths: OpenAPIObject['paths']): unknown[] {
  return Object.values(paths)
    .flatMap(({ get, head }) => [get?.operationId, head?.operationId])
    .toSorted();
}

const names = ({ parameters }: Operation) =>
  parameters?.map((parameter) => ('name' in parameter ? parameter.name : parameter));

describe('The operation ids', () => {
  it('differ between imports', async () => {
    const paths = await describeWith([
      {},
      { path: 'reports/calls' },
      { path: '/reports-calls' },
      { path: 'reports/:year/calls' },
    ]);
    expect(operationIds(paths)).toEqual([
      'CallsExportController_count',
      'CallsExportController_export',
      'ReportsCallsController_count',
      'ReportsCallsController_export',
      'Reports_callsController_count',
      'Reports_callsController_export',
      'Reports_yearCallsController_count',
      'Reports_yearCallsController_export',
    ]);
  });

  it('differ between versions', async () => {
    const paths = await describeWith(
      [{ decorators: [Version('1')] }, { decorators: [Version('2')] }],
      (app) => app.enableVersioning({ type: VersioningType.URI }),
    );
    expect(operationIds(paths)).toEqual([
      'CallsExportController_count_v1',
      'CallsExportController_count_v2',
      'CallsExportController_export_v1',
      'CallsExportController_export_v2',
    ]);
  });

  it("are left to the host's factory", async () => {
    const paths = await describeWith([{}], undefined, {
      operationIdFactory: (controller, method) => `${method} of ${controller}`,
    });
    expect(operationIds(paths)).toEqual([
      'count of CallsExportController',
      'export of CallsExportController',
    ]);
  });
});

describe('Security', () => {
  it.each<[string, CallsExportModuleOptions, unknown]>([
    ['a bearer token by default', { guards: undefined }, [{ bearer: [] }]],
    ['the scheme named', { guards: [CallsExportGuard], securityScheme: 'jwt' }, [{ jwt: [] }]],
    ['none with guards of its own', {}, undefined],
    ['the scheme of its own guards', { securityScheme: 'key' }, [{ key: [] }]],
    ['the scheme of a global guard', { guards: [], securityScheme: 'cookie' }, [{ cookie: [] }]],
  ])('is %s', async (_title, options, security) => {
    // Preview makes no guards, so that none needs a strategy.
    @Module({
      imports: [memory(), CallsExportModule.forRoot({ ...HEADER_OPTIONS, ...options })],
    })
    class HostModule {}
    const app = await NestFactory.create(HostModule, { preview: true, logger: false });
    const { get, head } = documentOf(app).paths['/calls/export'] ?? {};
    for (const operation of [get, head]) {
      expect(operation?.security).toEqual(security);
      for (const status of ['401', '403']) expect(operation?.responses).toHaveProperty(status);
    }
  });

  it('is a name', () => {
    expect(() => CallsExportModule.forRoot({ securityScheme: '' })).toThrow(
      "option securityScheme must be the name of a security scheme, not ''",
    );
  });
});

describe('The description', () => {
  const disposition = ({ responses }: Operation) =>
    (responses['200'] as { headers: Record<string, { description: string }> }).headers[
      'Content-Disposition'
    ]?.description;

  it('has the file name, also of options that a factory makes', async () => {
    expect(disposition((await operations()).get)).toBe(
      '`attachment; filename="calls_export.csv"`, with the ending of the format that was asked for',
    );
    const { app } = await startHost([
      memory(),
      CallsExportModule.forRootAsync({
        ...HEADER_OPTIONS,
        useFactory: async () => ({ fileName: 'calls of May' }),
      }),
    ]);
    expect(disposition(documentOf(app).paths['/calls/export']?.get as Operation)).toMatch(
      '`attachment; filename="calls of May.csv"`, ',
    );
    expect(disposition((await operations({ fileName: () => 'x' })).get)).toBe(
      '`attachment`, with the name of the file and the ending of the format that was asked for',
    );
  });

  it('stays the same if a module is used by several apps', async () => {
    const module = CallsExportModule.forRoot({ ...HEADER_OPTIONS, securityScheme: 'key' });
    const documents: OpenAPIObject[] = [];
    while (documents.length < 2)
      documents.push(documentOf((await startHost([memory(), module])).app));
    expect(documents[1]).toEqual(documents[0]);
    expect(names(documents[1]?.paths['/calls/export']?.get as Operation)).toEqual([
      'format',
      'status',
      'assistant_id',
      'date_from',
      'date_to',
      'timezone',
      'after',
    ]);
  });

  it('gives way to what the host says by its decorators', async () => {
    const { get, head } = await operations({
      decorators: [
        ApiTags('Reports'),
        ApiOperation({ description: 'Ours.' }),
        ApiQuery({ name: 'status', required: true, schema: { type: 'string' } }),
        ApiQuery({ name: 'access_token', required: false }),
        ApiResponse({ status: 418, description: 'A teapot.' }),
      ],
      hostParameters: ['access_token', '_'],
    });
    expect(get).toMatchObject({ summary: 'Export calls', description: 'Ours.' });
    expect(head).toMatchObject({ summary: 'Count calls', description: 'Ours.' });
    for (const operation of [get, head]) {
      expect(operation.tags).toEqual(['Reports']);
      expect(operation.responses).toMatchObject({ 200: {}, 418: { description: 'A teapot.' } });
      expect(names(operation)?.toSorted()).toEqual([
        'access_token',
        'after',
        'assistant_id',
        'date_from',
        'date_to',
        'format',
        'status',
        'timezone',
      ]);
    }
    expect(names((await operations()).get)).not.toContain('access_token');
  });

  interface CallSchema {
    readonly required: string[];
    readonly properties: Record<string, object>;
  }
  const callSchema = ({ responses }: Operation) => {
    const { content } = responses['200'] as { content: Record<string, { schema: unknown }> };
    return (content['application/json']?.schema as { items: CallSchema }).items;
  };

  it('follows the columns of all views, and says which ones each of them has', async () => {
    const { get } = await operations({
      columns: [
        'id',
        { key: 'call_sid', title: 'SID' },
        { key: 'seconds', property: 'duration', kind: 'decimal', description: 'How long' },
      ],
      views: { few: ['id', { key: 'is_long', property: 'duration', kind: 'boolean' }] },
    });
    const { required, properties } = callSchema(get);
    expect(required).toEqual(['id']);
    expect(properties).toEqual({
      id: expect.objectContaining({ type: 'integer', format: 'int64' }),
      call_sid: expect.objectContaining({ type: 'string' }),
      seconds: { type: 'number', nullable: true, description: 'How long', example: 0.0125 },
      is_long: { type: 'boolean', nullable: true, example: true },
    });
    const { content } = get.responses['200'] as { content: Record<string, { example: string }> };
    expect(content['text/csv']?.example.split('\r\n')[0]).toBe('"Call ID","SID","seconds"');
  });

  it.each([
    ['int', { type: 'integer', format: 'int32', minimum: 1 }, 'integer'],
    ['bigint', { type: 'integer', format: 'int64', minimum: 1 }, 'integer'],
    ['varchar', { type: 'string', maxLength: 255 }, 'string'],
  ] as const)('follows ids that are %s', async (type, schema, id) => {
    const columns = (more: object) => ({
      id: { type, primary: true },
      accountId: { type: 'int' },
      ...more,
    });
    const text = { type: 'varchar' };
    const Calls = new EntitySchema({
      name: `${type}Call`,
      columns: columns({
        ...{ callSid: text, customerPhoneNumber: text, status: text },
        ...{ duration: { type: 'int' }, assistantId: { type } },
        ...{ startedAt: { type: Date }, endedAt: { type: Date }, createdAt: { type: Date } },
      }) as never,
    });
    const Assistants = new EntitySchema({
      name: `${type}Assistant`,
      columns: columns({ name: text }) as never,
    });
    const dataSource = await new DataSource({
      type: 'mysql',
      database: 'calls',
      entities: [Calls, Assistants],
    } as never);
    // Types are MySQL's, of which no server is needed to know them.
    await (dataSource as unknown as { buildMetadatas(): Promise<void> }).buildMetadatas();
    const exporting = CallsExportModule.forRoot({
      ...HEADER_OPTIONS,
      calls: { entity: Calls },
      assistants: { entity: Assistants },
      dataSource: { token: 'DATA_SOURCE' },
      imports: [provided(dataSource)],
    });
    const { app } = await startHost([exporting]);
    const get = documentOf(app).paths['/calls/export']?.get as Operation;
    const parameter = get.parameters?.find(
      (each) => 'name' in each && each.name === 'assistant_id',
    );
    expect(parameter).toMatchObject({ schema });
    const after = get.parameters?.find((each) => 'name' in each && each.name === 'after');
    expect({ minimum: 1, ...(after as { schema: object }).schema }).toEqual({
      minimum: 1,
      ...schema,
    });
    expect(after).not.toHaveProperty('schema.minimum');
    expect(callSchema(get).properties['id']).toMatchObject({ type: id });
  });

  it.each([
    [['ongoing', 'completed', 'failed'], 'completed', ['completed', 'failed']],
    [['lost'], 'lost', ['lost', 'lost']],
  ])('has examples of the statuses %j alone', async (only, filter, inFile) => {
    const { get } = await operations({ columns: ['status'], statuses: { only } });
    const parameter = get.parameters?.find((each) => 'name' in each && each.name === 'status');
    expect(parameter).toMatchObject({ examples: { given: { value: filter } } });
    const { content } = get.responses['200'] as { content: Record<string, { example: object[] }> };
    expect(content['application/json']?.example).toEqual(inFile.map((status) => ({ status })));
    expect(callSchema(get).properties['status']).toMatchObject({
      enum: only,
      example: inFile[0],
    });
  });

  it('has no example of another kind, nor one of what is masked', async () => {
    const { get } = await operations({
      columns: [
        { key: 'started_at', kind: 'text', mask: String },
        { key: 'duration', kind: 'decimal', example: '12.5' },
        { key: 'customer_phone_number', mask: String },
        { key: 'status', description: 'The state', example: 'busy' },
      ],
    });
    const { properties } = callSchema(get);
    expect(
      Object.values(properties).map((schema) => (schema as { example: unknown }).example),
    ).toEqual(['text', 12.5, 'text', 'busy']);
    expect(properties['status']).toMatchObject({ description: 'The state' });
  });

  it('has no assistants where there are none', async () => {
    const { get, head } = await operations({ assistants: false });
    for (const operation of [get, head]) expect(names(operation)).not.toContain('assistant_id');
    expect(Object.keys(callSchema(get).properties)).not.toContain('assistant_name');
  });
});

/** A module that provides a DataSource, which the host has under a token. */
function provided(dataSource: DataSource): DynamicModule {
  class ProvidingModule {}
  const providers = [{ provide: 'DATA_SOURCE', useValue: dataSource }];
  return { module: ProvidingModule, providers, exports: ['DATA_SOURCE'] };
}
