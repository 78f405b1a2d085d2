// @slow
import type { EntitySchemaColumnOptions } from 'typeorm';
import type { MappedCalls } from '../../src';
import { casesOf, describeKinds, type KindCase } from './describe-kinds';
import { expectContinued } from './continued';
import { hostEntities } from './entities';
import { expectFound, FindHost } from './find-host';
import { DISTINCT_TEXTS, INT4, INT8, TRICKY_TEXTS, UUIDS } from './id-values';
import { SHORT_TEXTS } from './similar-texts';

type Column = Partial<EntitySchemaColumnOptions>;

interface IdCase extends KindCase {
  readonly column: Column;
  /** The stored values, which are distinct to the database. */
  readonly ids: readonly unknown[];
}

const PG = 'postgres';
const PAGE_SIZES = [1, 3, 100];

const IDS: readonly IdCase[] = [
  { title: 'int', column: { type: 'int' }, ids: INT4 },
  { title: 'bigint', column: { type: 'bigint' }, on: [PG, 'mariadb'], ids: INT8 },
  { title: 'bigint', column: { type: 'bigint' }, on: ['sqljs'], ids: INT4 },
  {
    title: 'bigint unsigned',
    column: { type: 'bigint', unsigned: true },
    on: ['mariadb'],
    ids: INT8.filter((id) => !id.startsWith('-')),
  },
  { title: 'smallint', column: { type: 'smallint' }, ids: [-32768, 0, 5, 32767] },
  { title: 'uuid', column: { type: 'uuid' }, on: [PG, 'mariadb'], ids: UUIDS },
  {
    title: 'uuid that TypeORM generates',
    column: { type: 'uuid', generated: 'uuid' },
    on: ['PostgreSQL server', 'mariadb'],
    ids: UUIDS,
  },
  {
    title: 'uuid that TypeORM generates',
    column: { type: 'varchar', generated: 'uuid' },
    on: ['sqljs'],
    ids: UUIDS,
  },
  { title: 'char(36)', column: { type: 'char', length: '36' }, on: [PG, 'mariadb'], ids: UUIDS },
  { title: 'varchar', column: { type: 'varchar' }, on: [PG, 'sqljs'], ids: TRICKY_TEXTS },
  { title: 'text', column: { type: 'text' }, on: [PG, 'sqljs'], ids: TRICKY_TEXTS },
  {
    title: 'text COLLATE "C"',
    column: { type: 'text', collation: 'C' },
    on: [PG],
    ids: TRICKY_TEXTS,
  },
  { title: 'citext', column: { type: 'citext' }, on: ['PostgreSQL server'], ids: DISTINCT_TEXTS },
  { title: 'char(8)', column: { type: 'char', length: '8' }, on: [PG], ids: SHORT_TEXTS },
  {
    title: 'enum',
    column: { type: 'enum', enum: ['b', 'a', 'C', 'é'], enumName: 'id_enum' },
    on: [PG],
    ids: ['b', 'a', 'C', 'é'],
  },
  { title: 'varchar', column: { type: 'varchar' }, on: ['mariadb'], ids: DISTINCT_TEXTS },
  ...['utf8mb4_bin', 'utf8mb4_unicode_ci', 'utf8mb4_nopad_bin'].map((collation): IdCase => ({
    title: `varchar COLLATE ${collation}`,
    column: { type: 'varchar', charset: 'utf8mb4', collation },
    on: ['mariadb'],
    ids: collation.includes('nopad') ? TRICKY_TEXTS : DISTINCT_TEXTS,
  })),
  {
    title: 'varchar COLLATE NOCASE',
    column: { type: 'varchar', collation: 'NOCASE' },
    on: ['sqljs'],
    ids: DISTINCT_TEXTS,
  },
];

/** The orders of a scan. `times` are few, so that there are ties. */
const ORDERS: readonly (KindCase & {
  readonly createdAt?: Column;
  readonly times?: readonly unknown[];
})[] = [
  { title: 'by ascending IDs' },
  {
    title: 'by creation time',
    on: [PG],
    createdAt: { type: 'timestamptz' },
    times: [
      '1969-12-31T23:59:59.999999Z',
      '1969-12-31T23:59:59.999998Z',
      '2023-11-05T05:30:00.000001Z',
      '2023-11-05T06:30:00.000001Z',
      '0044-03-15 12:00:00 BC',
      'infinity',
      '-infinity',
    ],
  },
  {
    title: 'by creation time without a zone',
    on: [PG],
    createdAt: { type: 'timestamp' },
    times: ['1066-10-14 09:00:00.5', '1969-12-31 23:59:59.999999', '2023-11-05 01:30:00.000001'],
  },
  {
    title: 'by creation time',
    on: ['mariadb'],
    createdAt: { type: 'datetime', precision: 6 },
    times: ['1066-10-14 09:00:00.5', '1969-12-31 23:59:59.999999', '1969-12-31 23:59:59.999998'],
  },
  {
    title: 'by creation time, in seconds',
    on: ['mariadb'],
    createdAt: { type: 'datetime', precision: 0 },
    times: ['1066-10-14 09:00:00', '1969-12-31 23:59:59', '2023-11-05 01:30:00'],
  },
  {
    title: 'by creation time',
    on: ['sqljs'],
    createdAt: { type: 'datetime' },
    times: ['1066-10-14 09:00:00.500', '1969-12-31 23:59:59', '2023-11-05 01:30:00.001'],
  },
  { title: 'by an integer', createdAt: { type: 'int' }, times: [-5, 0, 9, 10] },
  {
    title: 'by a large integer',
    on: [PG, 'mariadb'],
    createdAt: { type: 'bigint' },
    times: ['-9007199254740993', '9007199254740992', '9007199254740993', '9223372036854775807'],
  },
];

describeKinds('IDs of calls', (database, type, kind) => {
  const orders = casesOf(ORDERS, kind);

  it.each(casesOf(IDS, kind).map((each, index) => ({ ...each, order: index % orders.length })))(
    'identify and order calls, as $title',
    async ({ column, ids, order }) => {
      // By IDs, and by one of the other orders.
      for (const { createdAt, times = [null] } of [
        orders[0],
        orders[1 + (order % (orders.length - 1))],
      ] as typeof orders) {
        const { calls, assistants } = hostEntities(type, {
          id: column,
          ...(createdAt && { createdAt }),
        });
        const mapped: MappedCalls = { ...calls, idsGrow: !createdAt };
        const host = await FindHost.connect(database, {
          entities: { calls: mapped, assistants },
          formats: ['json'],
        });
        await host.add('assistants', { id: 1, accountId: 7, name: 'Bot' });
        const rows = ids.map((id, index) => ({
          id,
          accountId: index % 5 === 4 ? 8 : 7,
          callSid: `CA${index}`,
          assistantId: index % 2 ? 1 : null,
          status: index % 3 ? 'busy' : 'queued',
          startedAt: index % 4 ? new Date(1e12 + 1000 * (index % 3)) : null,
          ...(createdAt && { createdAt: times[(index * 7) % times.length] }),
        }));
        await host.add('calls', ...rows);
        for (const pageSize of PAGE_SIZES) await host.startApps({ pageSize });
        const ways = host.services.length / PAGE_SIZES.length;
        expect((await expectFound(host, 7)).length).toBeGreaterThan(ids.length / 2);
        await expectFound(host, 7, { status: 'busy' });
        await expectFound(host, 7, { assistantId: 1 });
        await expectFound(host, 7, { startedFrom: new Date(1e12 + 1000) });
        for (const filter of [
          {},
          { status: 'busy' },
          { assistantId: 1 },
          { startedBefore: new Date(1e12 + 2000) },
        ]) {
          const continued = await expectContinued(host.services.slice(ways, 2 * ways), 7, filter);
          expect(continued.length).toBeGreaterThan(0);
        }
        await host.close();
      }
    },
    60_000,
  );
});
