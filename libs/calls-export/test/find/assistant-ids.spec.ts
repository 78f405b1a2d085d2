// @slow
import type { EntitySchemaColumnOptions } from 'typeorm';
import { casesOf, describeKinds, type KindCase } from './describe-kinds';
import { hostEntities } from './entities';
import { expectFound, FindHost } from './find-host';
import { DISTINCT_TEXTS, INT8, TRICKY_TEXTS, UUIDS } from './id-values';

type Column = Partial<EntitySchemaColumnOptions>;

interface AssistantCase extends KindCase {
  /** The column of the assistants' IDs and its values, which are distinct to the database. */
  readonly column: Column;
  readonly ids: readonly unknown[];
  /** The column of a call's assistant, and its values that are not in `ids`. */
  readonly ofCall: Column;
  readonly others?: readonly unknown[];
  /** IDs that no call has. */
  readonly strangers?: readonly (string | number)[];
}

const PG = 'postgres';

const ASSISTANTS: readonly AssistantCase[] = [
  {
    title: 'int and bigint',
    column: { type: 'int' },
    ids: [1, 2, 2 ** 31 - 1],
    ofCall: { type: 'bigint' },
    others: [3_000_000_000, -1],
  },
  {
    title: 'bigint and int',
    column: { type: 'bigint' },
    ids: [1, 2, 2 ** 31 - 1, 3_000_000_000],
    ofCall: { type: 'int' },
    others: [3],
    strangers: [3_000_000_000, '9223372036854775807'],
  },
  {
    title: 'smallint and int',
    column: { type: 'smallint' },
    ids: [1, 2],
    ofCall: { type: 'int' },
    others: [70_000],
  },
  {
    title: 'bigint',
    on: [PG, 'mariadb'],
    column: { type: 'bigint' },
    ids: INT8,
    ofCall: { type: 'bigint' },
    others: ['9007199254740994'],
  },
  {
    title: 'int unsigned',
    on: ['mariadb'],
    column: { type: 'int', unsigned: true },
    ids: [1, 4_294_967_295],
    ofCall: { type: 'int', unsigned: true },
  },
  {
    title: 'int and varchar',
    column: { type: 'int' },
    ids: [1, 2, 7],
    ofCall: { type: 'varchar' },
    others: ['07', '1 ', 'a', '１', '3000000000'],
    strangers: ['07'],
  },
  {
    title: 'varchar and int',
    column: { type: 'varchar' },
    ids: ['07', '1', 'a', '2x'],
    ofCall: { type: 'int' },
    others: [7, 2],
    strangers: [7],
  },
  {
    title: 'uuid',
    on: [PG, 'mariadb'],
    column: { type: 'uuid' },
    ids: UUIDS,
    ofCall: { type: 'uuid' },
    strangers: ['x', '018f0000-0000-7000-8000-0000000000c0'],
  },
  {
    title: 'uuid and varchar',
    on: [PG, 'mariadb'],
    column: { type: 'uuid' },
    ids: UUIDS,
    ofCall: { type: 'varchar' },
    others: ['x', '018F0000-0000-7000-8000-0000000000A0'],
    strangers: ['x'],
  },
  {
    title: 'varchar and uuid',
    on: [PG, 'mariadb'],
    column: { type: 'varchar' },
    ids: [...UUIDS, 'x', '018F0000-0000-7000-8000-0000000000C0'],
    ofCall: { type: 'uuid' },
    others: ['018f0000-0000-7000-8000-0000000000c0'],
  },
  {
    title: 'char(36) and uuid',
    on: [PG, 'mariadb'],
    column: { type: 'char', length: '36' },
    ids: UUIDS,
    ofCall: { type: 'uuid' },
  },
  {
    title: 'varchar',
    on: [PG, 'sqljs'],
    column: { type: 'varchar' },
    ids: TRICKY_TEXTS,
    ofCall: { type: 'text' },
    others: ['nobody', 'x'.repeat(300)],
    strangers: ['acme\n', 'nobody\0'],
  },
  {
    title: 'varchar',
    on: ['mariadb'],
    column: { type: 'varchar' },
    ids: DISTINCT_TEXTS,
    ofCall: { type: 'varchar' },
    others: ['ACME', 'acme ', 'acmé'],
    strangers: ['Acme'],
  },
  {
    title: 'varchar with different collations',
    on: ['mariadb'],
    column: { type: 'varchar', charset: 'utf8mb4', collation: 'utf8mb4_bin' },
    ids: ['acme', 'ACME', 'é', '😀'],
    ofCall: { type: 'varchar', charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' },
    others: ['acmé'],
  },
  {
    title: 'varchar with different character sets',
    on: ['mariadb'],
    column: { type: 'varchar', charset: 'latin1', collation: 'latin1_swedish_ci' },
    ids: ['acme', 'é'],
    ofCall: { type: 'varchar', charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' },
    others: ['ACME', '😀', 'e'],
  },
  {
    title: 'text with different collations',
    on: ['PostgreSQL server'],
    column: { type: 'text', collation: 'C' },
    ids: ['a', 'A', 'é'],
    ofCall: { type: 'text', collation: 'POSIX' },
    others: ['b'],
  },
  {
    title: 'citext and text',
    on: ['PostgreSQL server'],
    column: { type: 'citext' },
    ids: ['acme', 'b'],
    ofCall: { type: 'text' },
    others: ['ACME'],
  },
  {
    title: 'enum and varchar',
    on: [PG, 'mariadb'],
    column: { type: 'enum', enum: ['a', 'b'], enumName: 'assistant_enum' },
    ids: ['a', 'b'],
    ofCall: { type: 'varchar' },
    others: ['c', 'A', '1'],
    strangers: ['c'],
  },
  {
    title: 'numeric and varchar',
    on: [PG],
    column: { type: 'numeric' },
    ids: ['1', '2.50'],
    ofCall: { type: 'varchar' },
    others: ['2.5', 'x'],
    strangers: ['x'],
  },
  ...['NOCASE', 'RTRIM'].map((collation): AssistantCase => ({
    title: `varchar COLLATE ${collation}`,
    on: ['sqljs'],
    column: { type: 'varchar', collation },
    ids: DISTINCT_TEXTS,
    ofCall: { type: 'varchar', collation },
    others: ['ACME', 'acme '],
    strangers: ['Acme'],
  })),
];

describeKinds('IDs of assistants', (database, type, kind) => {
  it.each(casesOf(ASSISTANTS, kind))(
    'select the calls of each assistant, as $title',
    async ({ column, ids, ofCall, others = [], strangers = [] }) => {
      const host = await FindHost.connect(database, {
        entities: hostEntities(
          type,
          { assistantId: { nullable: true, ...ofCall } },
          { id: column },
        ),
        formats: ['json'],
      });
      // The first one belongs to another account.
      await host.add(
        'assistants',
        ...ids.map((id, n) => ({ id, accountId: n === 0 ? 8 : 7, name: `Bot ${n}` })),
      );
      const fits = (id: unknown) => {
        if (ofCall.type === 'uuid') return String(id).length === 36;
        if (!/int/.test(String(ofCall.type))) return true;
        return (
          /^-?\d+$/.test(String(id)) &&
          (ofCall.type !== 'int' || Number(id) < 2 ** 31 || ofCall.unsigned)
        );
      };
      const ofCalls = [...ids, ...others].filter(fits);
      await host.add(
        'calls',
        ...[...ofCalls, null].map((assistantId, n) => ({
          id: n + 1,
          accountId: 7,
          callSid: `CA${n}`,
          assistantId,
        })),
      );
      await host.startApps({ pageSize: 2 });
      await host.startApps();
      const found = await expectFound(host, 7);
      expect(found.filter((call) => call['assistant_name'] !== null).length).toBeGreaterThan(0);
      for (const assistantId of [...ids, ...others, ...strangers] as string[]) {
        await expectFound(host, 7, { assistantId });
      }
    },
    30_000,
  );
});
