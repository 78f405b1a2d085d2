import { until } from '@calls/testing';
import type { DynamicModule, INestApplication } from '@nestjs/common';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { CALL_STATUSES, CallsExportModule, type ExportReport, type ExportRequest } from '../src';
import { exportedSids } from './exported-sids';
import {
  ACCOUNT_1,
  type Adapter,
  closeHosts,
  ENTITIES,
  HEADER_OPTIONS,
  memory,
  startHost,
} from './small-host';

let app: INestApplication;
afterEach(closeHosts);

async function start(
  imports: DynamicModule[],
  adapter?: Adapter,
  configure?: (host: INestApplication) => void,
  providers?: NonNullable<DynamicModule['providers']>,
): Promise<string> {
  const host = await startHost(imports, { adapter, configure, providers });
  app = host.app;
  return host.url;
}

describe('A host', () => {
  it('can export from several DataSources, each on its own path', async () => {
    const url = await start([
      memory(undefined, 1, true),
      memory('other', 7, true),
      CallsExportModule.forRoot(HEADER_OPTIONS),
      CallsExportModule.forRoot({ ...HEADER_OPTIONS, path: 'other/calls', dataSource: 'other' }),
    ]);
    expect(await exportedSids(`${url}/calls/export?format=json`)).toEqual(['CA of 1']);
    expect(await exportedSids(`${url}/calls/export?format=json`, 7)).toEqual([]);
    expect(await exportedSids(`${url}/other/calls?format=json`, 7)).toEqual(['CA of 7']);
  });

  it('can add statuses, which clients can filter by, and which the OpenAPI document lists', async () => {
    const url = await start([
      memory(undefined, 1, true),
      CallsExportModule.forRoot({ ...HEADER_OPTIONS, statuses: ['voicemail'] }),
    ]);
    expect(await exportedSids(`${url}/calls/export?format=json&status=voicemail`)).toEqual([
      'CA of 1',
    ]);
    expect(await exportedSids(`${url}/calls/export?format=json&status=busy`)).toEqual([]);
    expect(await exportedSids(`${url}/calls/export?format=json&status=lost`)).toBe(400);
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    const operation = document.paths['/calls/export']?.get;
    expect(JSON.stringify(operation?.parameters)).toContain('voicemail');
  });

  it('can replace the statuses, also in error messages and the OpenAPI document', async () => {
    const only = ['voicemail', 'ongoing', 'voicemail'];
    const url = await start([
      memory(undefined, 1, true),
      CallsExportModule.forRoot({ ...HEADER_OPTIONS, statuses: { only } }),
    ]);
    expect(await exportedSids(`${url}/calls/export?format=json&status=voicemail`)).toEqual([
      'CA of 1',
    ]);
    expect(await exportedSids(`${url}/calls/export?format=json&status=ongoing`)).toEqual([]);
    const refused = await fetch(`${url}/calls/export?status=completed`, {
      headers: ACCOUNT_1,
    });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      expect.objectContaining({ message: ['status must be one of voicemail, ongoing'] }),
    ]);
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    expect(document.paths['/calls/export']?.get?.parameters).toContainEqual(
      expect.objectContaining({
        name: 'status',
        schema: { type: 'string', enum: ['voicemail', 'ongoing'] },
      }),
    );
  });

  it('lists a status only once if it adds a standard one', async () => {
    const url = await start([
      memory(undefined, 1, true),
      CallsExportModule.forRoot({ ...HEADER_OPTIONS, statuses: ['ongoing', 'voicemail', 'busy'] }),
    ]);
    const refused = await fetch(`${url}/calls/export?status=lost`, {
      headers: ACCOUNT_1,
    });
    expect(await refused.json()).toMatchObject({
      message: [`status must be one of ${CALL_STATUSES.join(', ')}, voicemail`],
    });
  });

  it.each<[string, ExportRequest['user'], unknown]>([
    ['an integer', 1, ['CA of 1']],
    ['an integer in digits', '1', ['CA of 1']],
    ['an account without calls', 2, []],
    ['undefined', undefined, 403],
    ['null', null, 403],
    ['an empty string', '', 403],
    ['NaN', NaN, 403],
    ['a fraction', 1.5, 403],
    ['an object', { toString: () => '1' }, 403],
    ['a text although accounts are integers', '1 or so', 403],
  ])('can find an account that is %s', async (_title, account, expected) => {
    const url = await start([
      memory(undefined, 1, true),
      CallsExportModule.forRoot({ ...HEADER_OPTIONS, findAccount: async () => account as number }),
    ]);
    expect(await exportedSids(`${url}/calls/export?format=json`)).toEqual(expected);
  });

  it('keeps its own jwt strategy, which the export uses by default', async () => {
    class OwnStrategy extends PassportStrategy(
      class {
        readonly name = 'custom';
        success!: (user: object) => void;
        fail!: () => void;
        authenticate(request: { headers: Record<string, string> }): void {
          if (request.headers['authorization'] === 'Bearer of 1') this.success({ account_id: 1 });
          else this.fail();
        }
      },
      'jwt',
    ) {
      validate = (user: object) => user;
    }
    const url = await start(
      [memory(undefined, 1, true), CallsExportModule.forRoot(ENTITIES)],
      'Express',
      (host) => host.useGlobalGuards(new (AuthGuard('jwt'))()),
      [OwnStrategy],
    );
    const status = async (authorization: string) =>
      (await fetch(`${url}/calls/export`, { headers: { authorization } })).status;
    expect([await status('Bearer of 1'), await status('Bearer of 2')]).toEqual([200, 401]);
  });

  it('gets a report of each export, and may throw an error without affecting exports', async () => {
    const reports: ExportReport[] = [];
    const onExportEnd = (report: ExportReport) => {
      reports.push(report);
      throw new Error('a mistake');
    };
    const url = await start([
      memory(undefined, 1, true),
      CallsExportModule.forRoot({ ...HEADER_OPTIONS, onExportEnd }),
    ]);
    expect(await exportedSids(`${url}/calls/export?format=json`)).toEqual(['CA of 1']);
    await until(() => reports.length > 0, 10_000);
    expect(reports).toEqual([
      {
        outcome: 'completed',
        format: 'json',
        account: 1,
        rows: 1,
        bytes: expect.any(Number),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        durationMs: expect.any(Number),
        firstByteMs: expect.any(Number),
      },
    ]);
    expect(await exportedSids(`${url}/calls/export?format=json`)).toEqual(['CA of 1']);
  });
});
