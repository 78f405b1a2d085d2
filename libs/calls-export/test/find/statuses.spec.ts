// @slow
import type { EntitySchemaColumnOptions } from 'typeorm';
import { STATUS_CODES, STATUS_NAMES } from './column-choices';
import { casesOf, describeKinds, type KindCase } from './describe-kinds';
import { hostEntities } from './entities';
import { expectFound, FindHost } from './find-host';
import { outcomesOf } from './outcomes';
import { createDomain, createIcuCollation, type Retyped, retyped } from './retyped';
import { LATIN_TEXTS, SHORT_TEXTS, SIMILAR_TEXTS } from './similar-texts';

interface StatusColumn extends KindCase, Partial<Retyped> {
  readonly column: Partial<EntitySchemaColumnOptions>;
  /** The stored statuses of the calls. */
  readonly statuses: readonly unknown[];
  /** Statuses that no call has. */
  readonly others: readonly string[];
}

enum Code {
  Queued = 1,
  Busy = 2,
}

const [PG, SERVER] = ['postgres', 'PostgreSQL server'] as const;
const TEXT_CASE = {
  statuses: [...SIMILAR_TEXTS, '', null],
  others: ['acme\n', 'ACMÉ', '007', 'acme\u00a0'],
};
const LABEL_CASE = {
  statuses: ['busy', 'no-answer', '1', null],
  others: ['BUSY', 'busy ', 'nobody', '2', '0', ''],
};
const STATUS = ['host_call.status'];
const byName: Readonly<Record<string, number>> = { queued: 1, busy: 2 };

const COLUMNS: readonly StatusColumn[] = [
  { title: 'varchar', column: { type: 'varchar' }, ...TEXT_CASE },
  { title: 'citext', on: [SERVER], column: { type: 'citext' }, ...TEXT_CASE },
  {
    title: 'text with a collation that ignores case and accents',
    on: [SERVER],
    column: { type: 'text' },
    ...retyped(
      createIcuCollation('status_letters', 'und-u-ks-level1'),
      'text COLLATE status_letters',
      STATUS,
    ),
    ...TEXT_CASE,
  },
  {
    title: 'domain over text',
    on: [PG],
    column: { type: 'text' },
    ...retyped(createDomain('status_name', 'text'), 'status_name', STATUS),
    ...TEXT_CASE,
  },
  {
    title: 'char(8)',
    on: [PG, 'mariadb'],
    column: { type: 'char', length: '8' },
    statuses: [...SHORT_TEXTS, null],
    others: ['Acme', 'acme\n', '７', 'acme12345'],
  },
  {
    title: 'enum',
    on: [PG, 'mariadb'],
    column: { type: 'enum', enum: ['busy', 'no-answer', '1', 'unused'], enumName: 'status_enum' },
    ...LABEL_CASE,
  },
  {
    title: 'enum of numbers',
    on: [PG, 'mariadb'],
    column: { type: 'enum', enum: Code, enumName: 'status_code' },
    statuses: ['1', '2', null],
    others: ['01', '3', 'busy', 'Busy', '1 ', ''],
  },
  {
    title: 'simple-enum',
    on: ['sqljs'],
    column: { type: 'simple-enum', enum: ['busy', 'no-answer', '1', 'unused'] },
    ...LABEL_CASE,
  },
  {
    title: 'int',
    column: { type: 'int' },
    statuses: [1, 2, 7, null],
    others: ['01', '7abc', ' 7', '7.0', 'busy', ''],
  },
  {
    title: 'boolean',
    column: { type: 'boolean' },
    statuses: [true, false, null],
    others: ['t', '1', '0', 'TRUE', 'busy'],
  },
  {
    title: 'smallint that a transformer maps to names',
    column: { type: 'smallint', transformer: STATUS_CODES },
    statuses: [0, 1, 2, null],
    others: ['0', '1', 'BUSY', 'nobody', ''],
  },
  {
    title: 'int whose transformer maps unknown names to undefined',
    column: {
      type: 'int',
      transformer: {
        to: (name: string | null) => name && byName[name],
        from: (code: number | null) =>
          Object.keys(byName).find((name) => byName[name] === code) ?? null,
      },
    },
    statuses: [1, 2, null],
    others: ['1', 'nobody', ''],
  },
  {
    title: 'varchar that a transformer writes in upper case',
    column: {
      type: 'varchar',
      transformer: {
        to: (name: string | null) => name && name.toUpperCase(),
        from: (name: string | null) => name && name.toLowerCase(),
      },
    },
    statuses: ['BUSY', 'QUEUED', null],
    others: ['BUSY', 'Busy', 'nobody'],
  },
  ...['utf8mb4_unicode_ci', 'utf8mb4_bin'].map((collation): StatusColumn => ({
    title: `varchar COLLATE ${collation}`,
    on: ['mariadb'],
    column: { type: 'varchar', charset: 'utf8mb4', collation },
    ...TEXT_CASE,
  })),
  {
    title: 'varchar COLLATE latin1_swedish_ci',
    on: ['mariadb'],
    column: { type: 'varchar', charset: 'latin1', collation: 'latin1_swedish_ci' },
    statuses: [...LATIN_TEXTS, null],
    others: ['ａｃｍｅ', '７', '😀', '?'],
  },
  ...['NOCASE', 'RTRIM'].map((collation): StatusColumn => ({
    title: `text COLLATE ${collation}`,
    on: ['sqljs'],
    column: { type: 'text', collation },
    ...TEXT_CASE,
  })),
];

describeKinds('Statuses', (database, type, kind) => {
  it.each(casesOf(COLUMNS, kind))(
    'of type $title are exported and filtered as find() returns them',
    async (each) => {
      const { before, after = [], column, statuses, others } = each;
      const entities = hostEntities(type, { status: column });
      const host = await FindHost.connect(database, { entities, before, formats: ['json'] });
      for (const sql of after) await host.dataSource.query(sql);
      const rows = statuses.flatMap((status, index) =>
        [7, 8].map((accountId) => ({
          id: index * 10 + accountId,
          accountId,
          callSid: 'CA',
          status,
        })),
      );
      await host.add('calls', ...rows);
      await host.startApps();
      const found = await expectFound(host, 7);
      expect(found).toHaveLength(statuses.length);
      for (const { status } of found) {
        if (status) expect(await expectFound(host, 7, { status })).toHaveLength(1);
      }
      for (const status of [...others, ...STATUS_NAMES]) {
        const expected = await host.find((account) => account === 7, { status });
        for (const outcome of await outcomesOf(host, 7, { status })) {
          expect([status, outcome]).toEqual([status, expect.any(Array)]);
          expect(outcome).toHaveLength(expected.length);
        }
      }
    },
  );
});
