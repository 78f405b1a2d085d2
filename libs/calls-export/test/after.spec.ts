// @slow
import { text } from 'node:stream/consumers';
import { describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { CallsExportService, type ExportReport, InvalidAfterError } from '../src';
import { importsOn } from './exporting-host';
import {
  assistantsSchema,
  bareOptions,
  callsSchema,
  type Columns,
  type DatabaseType,
  typeOf,
} from './find/entities';
import { ACCOUNT_1, closeHosts, HeaderGuard, startHost } from './small-host';

const GONE =
  'after must be the id of an existing call of this account. Leave it out to export from the beginning.';
const NOT_STARTED =
  'after must be the id of a call that has started, because a date range has no others. Leave it out to export from the beginning.';

const TEXT_RULE = 'must have 1 to 255 characters and no control characters';
const TEXT_FAULTS = ['\0', 'a\nb', 'x'.repeat(256)];

type Id = number | bigint | string;

/** A type of call ids. */
interface Ids {
  readonly title: string;
  readonly column: (type: DatabaseType) => Columns[string];
  readonly idsGrow: boolean;
  /** The ids of the seven calls. */
  readonly ids: readonly (number | string)[];
  /**
   * Ids that no call has, including values that the column can't store and texts that the database treats as
   * equal.
   */
  readonly strangers: readonly Id[];
  /** What a request must name, and values that violate it. */
  readonly rule: (type: DatabaseType) => readonly [rule: string, faults: readonly string[]];
}

const uuid = (n: number) => `0b5c0a1e-0000-4000-8000-${String(n).padStart(12, '0')}`;

const IDS: readonly Ids[] = [
  {
    title: 'small integers',
    column: () => ({ type: 'smallint' }),
    idsGrow: true,
    ids: [-32768, -2, 0, 7, 8, 9, 32767],
    strangers: [10, 32768, -32769, 2 ** 40, 2n ** 63n, 2n ** 70n, '1.5', NaN, 'x', '7x', '\0', ''],
    rule: (type) => [
      type === 'sqljs'
        ? `must be an integer from ${-(2n ** 63n)} to ${2n ** 63n - 1n}`
        : 'must be an integer from -32768 to 32767',
      ['x', '1.5', '0x7', '+7', ' 7', '7x', '1e1', '9'.repeat(20), `-${'9'.repeat(20)}`, '\0'],
    ],
  },
  {
    title: 'random UUIDs',
    column: (type) =>
      type === 'sqljs' ? { type: 'varchar', generated: 'uuid' } : { type: 'uuid' },
    idsGrow: false,
    ids: [5, 3, 7, 1, 2, 6, 4].map(uuid),
    strangers: [uuid(9), 7, 'x', '\0', `${uuid(5)}x`],
    rule: (type) =>
      type === 'sqljs'
        ? [TEXT_RULE, TEXT_FAULTS]
        : [`must be a UUID such as ${uuid(1)}`, ['x', '7', `${uuid(5)}0`, `{${uuid(5)}}`]],
  },
  {
    title: 'texts',
    column: () => ({ type: 'varchar', length: '40' }),
    idsGrow: true,
    ids: ['b', 'B2', "c'd", 'é', '"', '%&+', '7'],
    strangers: [8, 'zz', '07', 'b ', 'É', 'x'.repeat(300), '\0'],
    rule: () => [TEXT_RULE, TEXT_FAULTS],
  },
];

const at = (second: number) => new Date(Date.UTC(2023, 9, 30, 10, 0, second));

/** A fraction of a second, except for its last digit, in the database's highest precision. */
const FRACTIONS: Readonly<Record<DatabaseType, string>> = {
  postgres: '.00000',
  mariadb: '.00000',
  sqljs: '.00',
};

/**
 * The seven calls without their ids: the third has no start, the fourth belongs to another account, and the
 * fifth is deleted. A start is the last digit of a fraction of a second.
 */
const CALLS = [
  { accountId: 1, status: 'busy', started: 3, deletedAt: null },
  { accountId: 1, status: 'queued', started: 1, deletedAt: null },
  { accountId: 1, status: 'busy', started: undefined, deletedAt: null },
  { accountId: 2, status: 'busy', started: 2, deletedAt: null },
  { accountId: 1, status: 'busy', started: 2, deletedAt: at(9) },
  { accountId: 1, status: 'busy', started: 1, deletedAt: null },
  { accountId: 1, status: 'queued', started: 2, deletedAt: null },
];

const FILTERS: readonly Record<string, string>[] = [
  {},
  { status: 'busy' },
  { date_from: '2023-10-30' },
  { status: 'queued', date_to: '2023-10-30T10:00:00' },
];

describe.each(IDS)('With ids that are $title', ({ column, idsGrow, ids, strangers, rule }) => {
  describeEachDatabase(
    'an export with after',
    bareOptions,
    (database) => {
      const [unstarted, theirs, deleted] = ids.slice(2) as [Id, Id, Id];
      const reports: ExportReport[] = [];
      let dataSource: DataSource;
      let type: DatabaseType;
      /** One for each reader: with and without COPY. */
      let hosts: { readonly url: string; readonly service: CallsExportService }[];

      beforeEach(async () => {
        type = typeOf(database.url);
        const moment = {
          ...(type === 'mariadb' && { precision: 6 }),
          type: type === 'postgres' ? 'timestamptz' : 'datetime',
        };
        const entity = callsSchema(type, {
          id: column(type),
          deletedAt: { ...moment, deleteDate: true, nullable: true },
          createdAt: moment,
        } as Columns);
        const assistants = { entity: assistantsSchema(type) };
        dataSource = await new DataSource({
          ...bareOptions(database.url),
          entities: [entity, assistants.entity],
          synchronize: true,
          dropSchema: true,
        } as DataSourceOptions).initialize();
        const time = (digit: number) => () => `'2023-10-30 10:00:00${FRACTIONS[type]}${digit}'`;
        await dataSource.getRepository(entity).insert(
          CALLS.map(({ started, ...call }, n) => ({
            ...call,
            id: ids[n],
            callSid: `CA${n}`,
            startedAt: started === undefined ? null : time(started),
            createdAt: time(Math.floor(n / 2)),
          })),
        );
        reports.length = 0;
        hosts = [];
        for (const copy of type === 'postgres' ? [true, false] : [false]) {
          const module = importsOn(dataSource, {
            calls: { entity, idsGrow },
            assistants,
            guards: [HeaderGuard],
            pageSize: 2,
            copy,
            onExportEnd: (report) => reports.push(report),
          });
          const { app, url } = await startHost(module, { adapter: copy ? 'Express' : 'Fastify' });
          hosts.push({ url, service: app.get(CallsExportService, { strict: false }) });
        }
      });

      afterEach(async () => {
        await closeHosts();
        if (dataSource?.isInitialized) await dataSource.destroy();
      });

      const ask = (url: string, query: Record<string, string>, method = 'GET') =>
        fetch(`${url}/calls/export?${new URLSearchParams({ format: 'ndjson', ...query })}`, {
          method,
          headers: ACCOUNT_1,
        });
      const rowsOf = async (url: string, query: Record<string, string>): Promise<string[]> => {
        const response = await ask(url, query);
        expect(response.status).toBe(200);
        return (await response.text()).split(/(?<=\n)/).filter((row) => row !== '');
      };
      const idOf = (row: string) => String((JSON.parse(row) as { id: Id }).id);

      it('has the calls that follow the named one, and HEAD counts them', async () => {
        for (const { url } of hosts) {
          for (const filter of FILTERS) {
            const rows = await rowsOf(url, filter);
            expect(rows.length).toBeGreaterThan(0);
            expect(await rowsOf(url, { ...filter, after: '' })).toEqual(rows);
            for (const [index, row] of rows.entries()) {
              const query = { ...filter, after: idOf(row) };
              const rest = rows.slice(index + 1);
              expect(await rowsOf(url, query)).toEqual(rest);
              const head = await ask(url, query, 'HEAD');
              expect(head.headers.get('x-total-count')).toBe(String(rest.length));
            }
          }
        }
      });

      it('continues after a call that no longer matches the filter', async () => {
        for (const { url } of hosts) {
          const rows = await rowsOf(url, { status: 'busy' });
          expect(rows).toHaveLength(3);
          await dataSource.query(`UPDATE host_call SET status = 'failed' WHERE status = 'busy'`);
          for (const row of rows)
            expect(await rowsOf(url, { status: 'busy', after: idOf(row) })).toEqual([]);
          await dataSource.query(`UPDATE host_call SET status = 'busy' WHERE status = 'failed'`);
          for (const [index, row] of rows.entries()) {
            const started = await rowsOf(url, { after: idOf(row) });
            expect(started.filter((each) => each.includes('"busy"'))).toEqual(
              rows.slice(index + 1),
            );
          }
        }
      });

      it("returns 400 if the call is gone, is not the account's, has no start, or if its id is invalid", async () => {
        const [ruled, faults] = rule(type);
        const refused: (readonly [query: Record<string, string>, message: string])[] = [
          [{ after: String(theirs) }, GONE],
          [{ after: String(deleted) }, GONE],
          [{ after: String(strangers[0]) }, GONE],
          [{ after: String(theirs), date_from: '2023-10-30' }, GONE],
          [{ after: String(unstarted), date_to: '2023-10-30' }, NOT_STARTED],
          ...faults.map((after) => [{ after }, `after ${ruled}`] as const),
        ];
        for (const { url } of hosts) {
          for (const [query, message] of refused) {
            reports.length = 0;
            const response = await ask(url, query);
            expect(await response.json()).toEqual({
              statusCode: 400,
              error: 'Bad Request',
              message: [message],
            });
            expect((await ask(url, query, 'HEAD')).status).toBe(400);
            const reasons = reports.map(({ outcome, reason }) => [outcome, reason]);
            expect(reasons).toEqual(
              faults.includes(String(query['after'])) ? [] : [['refused', message]],
            );
          }
          const twice = await fetch(`${url}/calls/export?after=1&after=2`, {
            headers: ACCOUNT_1,
          });
          expect(twice.status).toBe(400);
          expect(await twice.json()).toMatchObject({
            message: ['after must be given only once'],
          });
          // No refused request still holds an export slot.
          expect((await rowsOf(url, { after: String(unstarted) })).length).toBeLessThan(5);
        }
      });

      it('continues through the service, which rejects ids that no call has', async () => {
        for (const { service } of hosts) {
          for (const after of [...strangers, theirs, deleted]) {
            await expect(service.export(1, { after })).rejects.toThrow(
              new InvalidAfterError('unknown'),
            );
            await expect(service.count(1, { after })).rejects.toThrow(GONE);
          }
          await expect(service.export(1, { after: unstarted, startedFrom: at(0) })).rejects.toThrow(
            NOT_STARTED,
          );
          const file = await text(await service.export(1, { format: 'ndjson', after: ids[1] }));
          const all = await text(await service.export(1, { format: 'ndjson' }));
          expect(file).toContain('\n');
          expect(all.endsWith(file)).toBe(true);
          expect(await service.count(1, { after: ids[1] })).toBe(file.split('\n').length - 1);
          expect(await service.count(2, { after: theirs })).toBe(0);
          expect(service.load.running).toBe(0);
        }
      });
    },
    EVERY_DATABASE,
  );
});
