import { type DynamicModule, Inject, Injectable, Module } from '@nestjs/common';
import { text } from 'node:stream/consumers';
import { DataSource } from 'typeorm';
import {
  Call,
  CallsExportModule,
  CallsExportService,
  type ExportRequest,
  getCallsExportServiceToken,
} from '../src';
import {
  ACCOUNT_1,
  ADAPTER_NAMES,
  closeHosts,
  ENTITIES,
  HEADER_OPTIONS,
  memory,
  startHost,
} from './small-host';

const opened: DataSource[] = [];

/** An in-memory database with a call of account 1. */
async function databaseOf(owner: string): Promise<DataSource> {
  const dataSource = await new DataSource({
    type: 'sqljs',
    synchronize: true,
    entities: [ENTITIES.calls.entity, ENTITIES.assistants.entity],
  }).initialize();
  opened.push(dataSource);
  await dataSource
    .getRepository(Call)
    .insert({ accountId: 1, callSid: `CA of ${owner}`, status: 'busy' });
  return dataSource;
}

afterEach(async () => {
  await closeHosts();
  for (const dataSource of opened.splice(0)) {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
});

/** A module that provides a value under a token, as in Nest's recipe for TypeORM. */
function providing(token: string | symbol | typeof DataSource, value: unknown): DynamicModule {
  class ProvidingModule {}
  return {
    module: ProvidingModule,
    providers: [{ provide: token, useValue: value }],
    exports: [token],
  };
}

async function sids(url: string, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(`${url}?format=json`, { headers: { ...ACCOUNT_1, ...headers } });
  if (response.status !== 200) return response.status;
  const calls = (await response.json()) as { call_sid: string }[];
  return calls.map(({ call_sid }) => call_sid);
}

describe.each(ADAPTER_NAMES)('The DataSource of an export, on %s,', (adapter) => {
  it.each([
    ['a string', 'DATA_SOURCE'],
    ['a symbol', Symbol('data source')],
    ['a class', DataSource],
  ])('can be provided by the host under %s', async (_title, token) => {
    const module = providing(token, await databaseOf('the host'));
    const exporting = CallsExportModule.forRoot({
      ...HEADER_OPTIONS,
      dataSource: typeof token === 'function' ? token : { token },
      imports: [module],
    });
    const { url } = await startHost([exporting], { adapter });
    expect(await sids(`${url}/calls/export`)).toEqual(['CA of the host']);
  });

  it.each(['a function', 'an injected function'])(
    'can be chosen for each request, by %s',
    async (way) => {
      const tenants = new Map([
        ['red', await databaseOf('red')],
        ['blue', await databaseOf('blue')],
      ]);
      const choose = async (request: ExportRequest) =>
        tenants.get((request as { headers: Record<string, string> }).headers['x-tenant'] as string);
      const injected = way === 'an injected function';
      const exporting = CallsExportModule.forRootAsync({
        ...HEADER_OPTIONS,
        dataSource: injected ? { token: 'TENANTS' } : (choose as never),
        imports: injected ? [providing('TENANTS', choose)] : [],
        useFactory: () => ({ maxPerAccount: 1 }),
      });
      const { url, app } = await startHost([exporting], { adapter });
      const exported = (tenant: string) => sids(`${url}/calls/export`, { 'x-tenant': tenant });
      const results: unknown[] = [];
      for (const tenant of ['red', 'blue', 'red', 'green']) results.push(await exported(tenant));
      expect(results).toEqual([['CA of red'], ['CA of blue'], ['CA of red'], 403]);
      const head = await fetch(`${url}/calls/export`, {
        method: 'HEAD',
        headers: { ...ACCOUNT_1, 'x-tenant': 'blue' },
      });
      expect(head.headers.get('x-total-count')).toBe('1');

      const service = app.get(CallsExportService, { strict: false });
      const blue = { format: 'ndjson', dataSource: tenants.get('blue') } as const;
      expect(await text(await service.export(1, blue))).toContain('CA of blue');
      expect(await service.count(1, { dataSource: tenants.get('red') })).toBe(1);
      // Account 1 of one tenant is not account 1 of another.
      const running = await service.export(1, blue);
      await expect(service.export(1, blue)).rejects.toThrow(
        'Account limit reached: 1 export is already running',
      );
      await text(await service.export(1, { dataSource: tenants.get('red') }));
      await text(running);
      await expect(service.export(1)).rejects.toThrow(
        'dataSource is missing: pass the DataSource that has the calls',
      );
    },
  );

  it('can be chosen for a request that continues after one of its calls', async () => {
    const tenant = await databaseOf('red');
    await tenant
      .getRepository(Call)
      .insert({ accountId: 1, callSid: 'CA2 of red', status: 'busy' });
    const exporting = CallsExportModule.forRoot({ ...HEADER_OPTIONS, dataSource: () => tenant });
    const { url } = await startHost([exporting], { adapter });
    const continueAfter = async (after: string) => {
      const response = await fetch(`${url}/calls/export?format=json&after=${after}`, {
        headers: ACCOUNT_1,
      });
      return [response.status, await response.json()];
    };
    expect(await continueAfter('1')).toMatchObject([200, [{ call_sid: 'CA2 of red' }]]);
    for (const stranger of ['3', 'x', '9'.repeat(30)]) {
      expect(await continueAfter(stranger)).toMatchObject([
        400,
        { message: [expect.stringMatching(/^after must be the id of an existing call/)] },
      ]);
    }
  });

  it('returns 500 for a tenant whose DataSource lacks the entities', async () => {
    const empty = await new DataSource({ type: 'sqljs' }).initialize();
    opened.push(empty);
    const exporting = CallsExportModule.forRoot({ ...HEADER_OPTIONS, dataSource: () => empty });
    const { url } = await startHost([exporting], { adapter });
    expect(await sids(`${url}/calls/export`)).toBe(500);
  });
});

describe('An import of CallsExportModule', () => {
  @Injectable()
  class Job {
    constructor(
      @Inject(getCallsExportServiceToken()) readonly first: CallsExportService,
      @Inject(getCallsExportServiceToken('other')) readonly other: CallsExportService,
      @Inject(getCallsExportServiceToken('archive')) readonly archive: CallsExportService,
    ) {}
  }

  it('has its own service, named after its DataSource or by its option name', async () => {
    @Module({
      imports: [
        CallsExportModule.forRoot({ ...HEADER_OPTIONS, path: 'first' }),
        CallsExportModule.forRoot({ ...HEADER_OPTIONS, path: 'other', dataSource: 'other' }),
        CallsExportModule.forRoot({
          ...HEADER_OPTIONS,
          path: 'archive',
          name: 'archive',
          dataSource: 'third',
        }),
      ],
      providers: [Job],
    })
    class JobModule {}
    const { app } = await startHost([
      memory(undefined, 1, true),
      memory('other', 2, true),
      memory('third', 3, true),
      JobModule,
    ]);
    const { first, other, archive } = app.get(Job, { strict: false });
    const counts = await Promise.all(
      [first, other, archive].flatMap((service) => [1, 2, 3].map((id) => service.count(id))),
    );
    expect(counts).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
  });

  it('rejects a DataSource other than its own', async () => {
    const { app } = await startHost([
      memory(undefined, 1, true),
      CallsExportModule.forRoot(HEADER_OPTIONS),
    ]);
    const service = app.get(CallsExportService, { strict: false });
    const dataSource = await databaseOf('somebody else');
    await expect(service.export(1, { dataSource })).rejects.toThrow(
      "Exports read from the app's own DataSource: leave dataSource out",
    );
  });
});

describe('A host without @nestjs/typeorm', () => {
  afterEach(() => jest.resetModules());

  it('must provide its DataSource under a token', async () => {
    const dataSource = await databaseOf('the host');
    await jest.isolateModulesAsync(async () => {
      jest.doMock('@nestjs/typeorm', () => {
        throw Object.assign(new Error("Cannot find module '@nestjs/typeorm'"), {
          code: 'MODULE_NOT_FOUND',
        });
      });
      const library: typeof import('../src') = require('../src');
      const options = { ...ENTITIES, guards: [] };
      expect(() => library.CallsExportModule.forRoot(options)).toThrow(
        'CallsExportModule needs @nestjs/typeorm: install it, or set the option dataSource: { token } to',
      );
      const exporting = library.CallsExportModule.forRoot({
        ...options,
        dataSource: { token: 'DATA_SOURCE' },
        imports: [providing('DATA_SOURCE', dataSource)],
      });
      expect(exporting.providers).toContainEqual(
        expect.objectContaining({ useExisting: 'DATA_SOURCE' }),
      );
    });
    jest.dontMock('@nestjs/typeorm');
  });
});
