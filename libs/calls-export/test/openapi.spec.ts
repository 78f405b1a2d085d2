import { Module, Version, VersioningType } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags, type OpenAPIObject } from '@nestjs/swagger';
import { CallsExportGuard, CallsExportModule, type CallsExportModuleOptions } from '../src';
import { describeWith, documentOf, names, type Operation, operations } from './openapi-document';
import { closeHosts, HEADER_OPTIONS, memory, startHost } from './small-host';

afterEach(closeHosts);

function operationIds(paths: OpenAPIObject['paths']): unknown[] {
  return Object.values(paths)
    .flatMap(({ get, head }) => [get?.operationId, head?.operationId])
    .toSorted();
}

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

  it("come from the host's operationIdFactory if it has one", async () => {
    const paths = await describeWith([{}], undefined, {
      operationIdFactory: (controller, method) => `${method} of ${controller}`,
    });
    expect(operationIds(paths)).toEqual([
      'count of CallsExportController',
      'export of CallsExportController',
    ]);
  });
});

describe('The security of an operation', () => {
  it.each<[string, CallsExportModuleOptions, unknown]>([
    ['a bearer token by default', { guards: undefined }, [{ bearer: [] }]],
    [
      'the scheme of the option securityScheme',
      { guards: [CallsExportGuard], securityScheme: 'jwt' },
      [{ jwt: [] }],
    ],
    ["empty with the host's own guards", {}, undefined],
    ["the scheme of the host's own guards", { securityScheme: 'key' }, [{ key: [] }]],
    ['the scheme of a global guard', { guards: [], securityScheme: 'cookie' }, [{ cookie: [] }]],
  ])('is %s', async (_title, options, security) => {
    // Preview mode creates no guards, so none needs a strategy.
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

  it('must be a name', () => {
    expect(() => CallsExportModule.forRoot({ securityScheme: '' })).toThrow(
      "option securityScheme must be the name of a security scheme, got ''",
    );
  });
});

describe('The description of the export', () => {
  const disposition = ({ responses }: Operation) =>
    (responses['200'] as { headers: Record<string, { description: string }> }).headers[
      'Content-Disposition'
    ]?.description;

  it('has the file name, also if a factory returns the options', async () => {
    expect(disposition((await operations()).get)).toBe(
      '`attachment; filename="calls_export.csv"`, with the extension of the requested format',
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
      '`attachment`, with the name of the file and the extension of the requested format',
    );
  });

  it('is the same in several apps that import one module', async () => {
    const module = CallsExportModule.forRoot({ ...HEADER_OPTIONS, securityScheme: 'key' });
    const documents: OpenAPIObject[] = [];
    for (let apps = 0; apps < 2; apps++)
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

  it("is overridden by the host's decorators", async () => {
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
});
