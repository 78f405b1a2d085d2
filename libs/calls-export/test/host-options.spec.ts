import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import {
  type DynamicModule,
  type INestApplication,
  type NestInterceptor,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { TypeOrmModule } from '@nestjs/typeorm';
import { map } from 'rxjs';
import {
  Column,
  DataSource,
  DeleteDateColumn,
  Entity,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import {
  Call,
  CALL_STATUSES,
  CallsExportModule,
  type ExportReport,
  type ExportRequest,
} from '../src';
import {
  ACCOUNT_1,
  type Adapter,
  ADAPTER_NAMES,
  closeHosts,
  ENTITIES,
  HEADER_OPTIONS,
  HeaderGuard,
  memory,
  startHost,
} from './small-host';

const options = HEADER_OPTIONS;

class Times {
  @Column({ type: Date, nullable: true })
  start!: Date | null;

  @Column({ type: Date, nullable: true })
  end!: Date | null;
}

@Entity()
class Agent {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  accountId!: number;

  @Column()
  name!: string;

  @DeleteDateColumn()
  leftAt!: Date | null;
}

@Entity()
class Ring {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  accountId!: number;

  // Left out where an entity is found, but not here.
  @Column({ name: 'SID', select: false })
  callSid!: string;

  @ManyToOne(() => Agent, { nullable: true })
  agent?: Relation<Agent> | null;

  @Column({ type: String, nullable: true })
  customerPhoneNumber!: string | null;

  @Column({ default: 'busy' })
  status!: string;

  @Column({ type: Number, nullable: true })
  duration!: number | null;

  @Column(() => Times)
  times!: Times;

  @DeleteDateColumn()
  deletedAt!: Date | null;
}

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

async function exported(
  url: string,
  account = 1,
  others: Record<string, string> = {},
): Promise<unknown> {
  const headers = { 'x-account': String(account), ...others };
  const response = await fetch(url, { headers });
  if (response.status !== 200) return response.status;
  const calls = (await response.json()) as { call_sid: string }[];
  return calls.map(({ call_sid }) => call_sid);
}

const IMPORTS = {
  forRoot: () => CallsExportModule.forRoot(options),
  forRootAsync: () =>
    CallsExportModule.forRootAsync({ ...options, useFactory: async () => ({ pageSize: 10 }) }),
};

describe.each(ADAPTER_NAMES)('In a host on %s', (adapter) => {
  describe.each(Object.keys(IMPORTS) as (keyof typeof IMPORTS)[])('by %s, the export', (method) => {
    const imports = (autoLoad = true) => [memory(undefined, 1, autoLoad), IMPORTS[method]()];

    it.each([true, false])('works with autoLoadEntities: %s', async (autoLoad) => {
      const url = await start(imports(autoLoad), adapter);
      expect(await exported(`${url}/calls/export?format=json`)).toEqual(['CA of 1']);
      expect(await exported(`${url}/calls/export?format=json`, 2)).toEqual([]);
    });

    it('stands behind a global prefix and versions', async () => {
      const url = await start(imports(), adapter, (host) =>
        host
          .setGlobalPrefix('api')
          .enableVersioning({ type: VersioningType.URI, defaultVersion: '3' }),
      );
      expect(await exported(`${url}/api/v3/calls/export?format=json`)).toEqual(['CA of 1']);
    });

    it.each([undefined, '3'])('is there in every version of a header, as %s', async (version) => {
      const url = await start(imports(), adapter, (host) =>
        host.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' }),
      );
      expect(
        await exported(
          `${url}/calls/export?format=json`,
          1,
          version ? { 'x-version': version } : {},
        ),
      ).toEqual(['CA of 1']);
    });

    it('is left a file by pipes and interceptors that change what they see', async () => {
      const envelope: NestInterceptor = {
        intercept: (_, next) => next.handle().pipe(map((data: unknown) => ({ data }))),
      };
      const url = await start(imports(), adapter, (host) =>
        host
          .useGlobalPipes(
            new ValidationPipe({
              transform: true,
              whitelist: true,
              forbidNonWhitelisted: true,
              transformOptions: { enableImplicitConversion: true },
            }),
          )
          .useGlobalInterceptors(envelope),
      );
      expect(await exported(`${url}/calls/export?format=json`)).toEqual(['CA of 1']);
      const refused = await fetch(`${url}/calls/export?from=2023-10-30`, {
        headers: ACCOUNT_1,
      });
      expect(await refused.json()).toMatchObject({
        message: [expect.stringContaining('from is not a parameter of the export')],
      });
    });

    it.each(['', 'format=json', 'status=busy'])(
      'answers HEAD with the headers of GET and the number of calls (%s)',
      async (query) => {
        const url = `${await start(imports(), adapter)}/calls/export?${query}`;
        const [head, get] = await Promise.all(
          ['HEAD', 'GET'].map((method) => fetch(url, { method, headers: ACCOUNT_1 })),
        );
        // Of the connection and the moment, and of how a body is sent, which there is none of.
        const passing = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'etag'];
        const headers = (response?: Response) =>
          Object.fromEntries(
            [...(response?.headers ?? [])].filter(([name]) => !passing.includes(name)),
          );
        expect(await head?.text()).toBe('');
        await get?.text();
        expect(headers(head)).toEqual({
          ...headers(get),
          'x-total-count': query === 'status=busy' ? '0' : '1',
        });
      },
    );

    it("gives its errors to the host's filters", async () => {
      const url = await start(imports(), adapter, (host) =>
        host.useGlobalFilters({
          catch: (error, context) =>
            host
              .getHttpAdapter()
              .reply(context.switchToHttp().getResponse(), { code: error.getStatus() }, 418),
        }),
      );
      const response = await fetch(`${url}/calls/export?status=lost`, {
        headers: ACCOUNT_1,
      });
      expect([response.status, await response.json()]).toEqual([418, { code: 400 }]);
    });
  });
});

describe('A host', () => {
  it('exports from several DataSources, each on a path of its own', async () => {
    const url = await start([
      memory(undefined, 1, true),
      memory('other', 7, true),
      CallsExportModule.forRoot(options),
      CallsExportModule.forRoot({ ...options, path: 'other/calls', dataSource: 'other' }),
    ]);
    expect(await exported(`${url}/calls/export?format=json`)).toEqual(['CA of 1']);
    expect(await exported(`${url}/calls/export?format=json`, 7)).toEqual([]);
    expect(await exported(`${url}/other/calls?format=json`, 7)).toEqual(['CA of 7']);
  });

  it('has relations, embedded objects, hidden columns and deleted rows in its entities', async () => {
    const at = (time: string) => new Date(`2023-10-30T${time}Z`);
    const url = await start([
      TypeOrmModule.forRootAsync({
        useFactory: () => ({ type: 'sqljs', synchronize: true, autoLoadEntities: true }),
        dataSourceFactory: async (settings) => {
          const dataSource = await new DataSource(settings as never).initialize();
          const agents = dataSource.getRepository(Agent);
          const agent = await agents.save({ accountId: 1, name: 'Support Bot' });
          // It took the call all the same.
          await agents.softDelete(agent.id);
          const rings = dataSource.getRepository(Ring);
          const times = { start: at('10:00:00'), end: at('10:05:00') };
          await rings.insert([
            { accountId: 1, callSid: 'CA1', agent, times },
            { accountId: 1, callSid: 'CA2', times: { start: at('09:00:00') } },
            { accountId: 1, callSid: 'CA3', times: {}, deletedAt: new Date() },
            { accountId: 1, callSid: 'CA4', times: { start: at('08:00:00') } },
          ]);
          return dataSource;
        },
      }),
      CallsExportModule.forRoot({
        guards: [HeaderGuard],
        pageSize: 1,
        calls: {
          entity: Ring,
          properties: { assistantId: 'agent', startedAt: 'times.start', endedAt: 'times.end' },
        },
        assistants: { entity: Agent },
      }),
    ]);
    const byStart = `${url}/calls/export?format=json&date_from=2023-10-30T08:30`;
    expect(await exported(byStart)).toEqual(['CA2', 'CA1']);
    expect(await exported(`${url}/calls/export?format=json&assistant_id=1`)).toEqual(['CA1']);
    const csv = await fetch(`${url}/calls/export`, { headers: ACCOUNT_1 });
    expect((await csv.text()).split('\r\n').slice(1, -1)).toEqual([
      '1,"CA1","Support Bot",,"busy",,"2023-10-30T10:00:00","2023-10-30T10:05:00"',
      '2,"CA2",,,"busy",,"2023-10-30T09:00:00",',
      '4,"CA4",,,"busy",,"2023-10-30T08:00:00",',
    ]);
  });

  it('adds statuses, by which clients filter, and which its OpenAPI document has', async () => {
    const url = await start([
      memory(undefined, 1, true),
      CallsExportModule.forRoot({ ...options, statuses: ['voicemail'] }),
    ]);
    expect(await exported(`${url}/calls/export?format=json&status=voicemail`)).toEqual(['CA of 1']);
    expect(await exported(`${url}/calls/export?format=json&status=busy`)).toEqual([]);
    expect(await exported(`${url}/calls/export?format=json&status=lost`)).toBe(400);
    const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    const operation = document.paths['/calls/export']?.get;
    expect(JSON.stringify(operation?.parameters)).toContain('voicemail');
  });

  it('replaces the statuses, in its refusals and its OpenAPI document too', async () => {
    const only = ['voicemail', 'ongoing', 'voicemail'];
    const url = await start([
      memory(undefined, 1, true),
      CallsExportModule.forRoot({ ...options, statuses: { only } }),
    ]);
    expect(await exported(`${url}/calls/export?format=json&status=voicemail`)).toEqual(['CA of 1']);
    expect(await exported(`${url}/calls/export?format=json&status=ongoing`)).toEqual([]);
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

  it('names a status once that is a standard one too', async () => {
    const url = await start([
      memory(undefined, 1, true),
      CallsExportModule.forRoot({ ...options, statuses: ['ongoing', 'voicemail', 'busy'] }),
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
    ['its digits', '1', ['CA of 1']],
    ['one without calls', 2, []],
    ['nothing', undefined, 403],
    ['null', null, 403],
    ['an empty text', '', 403],
    ['no number', NaN, 403],
    ['a fraction', 1.5, 403],
    ['an object', { toString: () => '1' }, 403],
    ['a text where accounts are integers', '1 or so', 403],
  ])('finds an account that is %s', async (_title, account, expected) => {
    const url = await start([
      memory(undefined, 1, true),
      CallsExportModule.forRoot({ ...options, findAccount: async () => account as number }),
    ]);
    expect(await exported(`${url}/calls/export?format=json`)).toEqual(expected);
  });

  it('keeps its own jwt strategy, which the export asks by default', async () => {
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

  it('is told what came of an export, and its own mistake then does no harm', async () => {
    const reports: ExportReport[] = [];
    const onExportEnd = (report: ExportReport) => {
      reports.push(report);
      throw new Error('a mistake');
    };
    const url = await start([
      memory(undefined, 1, true),
      CallsExportModule.forRoot({ ...options, onExportEnd }),
    ]);
    expect(await exported(`${url}/calls/export?format=json`)).toEqual(['CA of 1']);
    while (reports.length === 0) await new Promise(setImmediate);
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
    expect(await exported(`${url}/calls/export?format=json`)).toEqual(['CA of 1']);
  });

  class Unregistered {}
  it.each<[wrong: object, sentence: string]>([
    [{ pagesize: 5 }, 'CallsExportModule takes no option pagesize here, but findAccount, '],
    [{ toString: 5 }, 'takes no option toString here'],
    [{ pageSize: 0 }, 'option pageSize must be an integer from 1 to 50000, not 0'],
    [{ pageSize: '5' }, "option pageSize must be an integer from 1 to 50000, not '5'"],
    [{ formulaGuard: 'no' }, "option formulaGuard must be true or false, not 'no'"],
    [{ byteOrderMark: 1 }, 'option byteOrderMark must be true or false, not 1'],
    [{ delimiter: ' ' }, "option delimiter must be one of ',', ';', '\\t' and '|', not ' '"],
    [{ findAccount: 'sub' }, "option findAccount must be a function, not 'sub'"],
    [{ maxConcurrent: 1.5 }, 'option maxConcurrent must be an integer from 1 to'],
    [{ maxPerAccount: -1 }, 'option maxPerAccount must be an integer from 1 to'],
    [{ retryTimeout: NaN }, 'option retryTimeout must be a number of seconds from 0 to'],
    [{ queryTimeout: 0 }, 'option queryTimeout must be a number of seconds from 0.1 to'],
    [{ idleTimeout: 0 }, 'option idleTimeout must be a number of seconds from 0.1 to'],
    [
      { maxDuration: 0 },
      'option maxDuration must be a number of seconds from 0.1 to 86400, or Infinity',
    ],
    [{ countTimeout: Infinity }, 'option countTimeout must be a number of seconds from 0.1 to'],
    [{ acceptHttp10: 1 }, 'option acceptHttp10 must be true or false, not 1'],
    [{ pageMemory: 0.5 }, 'option pageMemory must be an integer from 1 to'],
    [{ copy: 'no' }, "option copy must be true or false, not 'no'"],
    [{ primaryFallback: 1 }, 'option primaryFallback must be true or false, not 1'],
    [{ onExportEnd: 'log' }, "option onExportEnd must be a function, not 'log'"],
    [{ path: '' }, "option path must be a path such as calls/export, not ''"],
    [{ guards: ['jwt'] }, 'option guards must be a list of guards'],
    [{ dataSource: 5 }, 'option dataSource must be the name of a DataSource, { token } or a '],
    ...['voicemail', null, [''], {}, { only: [] }, { only: ['busy', ''] }, { only: 'busy' }].map<
      [object, string]
    >((statuses) => [
      { statuses },
      'option statuses must be a list of texts that are not empty, or { only } with such a list of at least one text, not ',
    ]),
    [{ calls: Call }, 'option calls must be an object with an entity'],
    [
      { calls: { entity: Unregistered } },
      'the DataSource has no entity Unregistered: add it to its',
    ],
    [
      { calls: { ...ENTITIES.calls, properties: { sid: 'callSid' } } },
      'sid is none of the fields that Call is read for: id, accountId, callSid, ',
    ],
    [
      { calls: { ...ENTITIES.calls, properties: { callSid: 'sid' } } },
      "Call has no property sid; say by properties: { callSid: '…' } which one has it",
    ],
    [
      { calls: { ...ENTITIES.calls, properties: { startedAt: 'status' } } },
      'Call.status must be a column of times, not varchar',
    ],
  ])('does not start with a wrong option (case %#)', async (wrong, sentence) => {
    const starting = async () =>
      start([memory(undefined, 1, false), CallsExportModule.forRoot({ ...options, ...wrong })]);
    await expect(starting()).rejects.toThrow(sentence);
  });

  it('does not start on a database without support', async () => {
    const oracle = TypeOrmModule.forRootAsync({
      useFactory: () => ({ type: 'sqljs', synchronize: true, autoLoadEntities: true }),
      dataSourceFactory: async (settings) => {
        const dataSource = await new DataSource(settings as never).initialize();
        const type = 'oracle';
        return Object.defineProperty(dataSource, 'options', {
          value: { ...dataSource.options, type },
        });
      },
    });
    await expect(start([oracle, CallsExportModule.forRoot(options)])).rejects.toThrow(
      'CallsExportModule does not support databases of the type oracle, but postgres, ',
    );
  });

  it('does not start with what is in the wrong place beside a factory', () => {
    const wrong = { useFactory: () => ({}), pageSize: 5 };
    expect(() => CallsExportModule.forRootAsync(wrong)).toThrow(
      'CallsExportModule takes no option pageSize beside its factory, but path, guards, ',
    );
  });
});
