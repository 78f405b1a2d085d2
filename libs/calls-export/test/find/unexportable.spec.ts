// @slow
import { text } from 'node:stream/consumers';
import type { EntitySchemaColumnOptions } from 'typeorm';
import {
  type CallsExportColumn,
  type ColumnKind,
  type Mask,
  UnexportableCallError,
} from '../../src';
import { casesOf, describeKinds, type KindCase } from './describe-kinds';
import { type HostEntities, hostEntities } from './entities';
import { FindHost } from './find-host';

type Column = Partial<EntitySchemaColumnOptions>;

interface UnexportableCase extends KindCase {
  readonly kind: ColumnKind;
  readonly column: Column;
  readonly value: unknown;
  readonly mask?: Mask;
}

const PG = 'postgres';
const SECRET = '+15557654321';
const VARCHAR: Column = { type: 'varchar', nullable: true };
const made = (from: (value: unknown) => unknown): Column => ({
  ...VARCHAR,
  transformer: { to: (value) => value, from: (value) => value && from(value) },
});
const masked = (title: string, kind: ColumnKind, mask: Mask): UnexportableCase => ({
  title: `a mask that returns ${title}`,
  kind,
  column: VARCHAR,
  value: SECRET,
  mask,
});

const CASES: readonly UnexportableCase[] = [
  ...['NaN', 'Infinity', '-Infinity'].flatMap((value): UnexportableCase[] => [
    {
      title: `the numeric ${value}`,
      on: [PG],
      kind: 'decimal',
      column: { type: 'numeric' },
      value,
    },
    { title: `the double ${value}`, on: [PG], kind: 'decimal', column: { type: 'float8' }, value },
    { title: `the real ${value}`, on: [PG], kind: 'decimal', column: { type: 'float4' }, value },
  ]),
  { title: 'a boolean of 2', kind: 'boolean', column: { type: 'smallint' }, value: 2 },
  {
    title: 'an infinite time',
    on: [PG],
    kind: 'time',
    column: { type: 'timestamptz' },
    value: 'infinity',
  },
  {
    title: 'an invalid time',
    on: ['sqljs'],
    kind: 'time',
    column: { type: 'datetime' },
    value: 'soon',
  },
  {
    title: 'text in a decimal column',
    on: ['sqljs'],
    kind: 'decimal',
    column: { type: 'decimal' },
    value: SECRET.slice(1) + 'x',
  },
  {
    title: 'a fraction in an integer column of SQLite',
    on: ['sqljs'],
    kind: 'integer',
    column: { type: 'int' },
    value: 1.5,
  },
  {
    title: 'digits followed by text',
    kind: 'decimal',
    column: made((value) => `${value} EUR`),
    value: SECRET,
  },
  { title: 'an exponent without digits', kind: 'decimal', column: made(() => 'e5'), value: SECRET },
  { title: 'an array', kind: 'decimal', column: made((value) => [value]), value: SECRET },
  { title: 'an array', kind: 'text', column: made((value) => [value]), value: SECRET },
  {
    title: 'an integer of more than 64 bits',
    kind: 'integer',
    column: made((value) => 10n ** 60n + BigInt(String(value))),
    value: SECRET.slice(1),
  },
  {
    title: 'a number beyond 64 bits',
    kind: 'integer',
    column: made((value) => Number(value) * 1e200),
    value: SECRET,
  },
  {
    title: 'an object that cannot be converted to a string',
    kind: 'decimal',
    column: made(() => Object.create(null)),
    value: SECRET,
  },
  {
    title: 'an object that cannot be converted to a string',
    kind: 'time',
    column: made(() => Object.create(null)),
    value: SECRET,
  },
  {
    title: 'a transformer that throws',
    kind: 'text',
    column: made((value) => {
      throw new Error(`no such phone: ${value}`);
    }),
    value: SECRET,
  },
  masked('an object', 'text', (value) => ({ value })),
  masked('a Date', 'text', () => new Date()),
  masked('a promise', 'text', async (value) => value),
  masked('a promise', 'boolean', async (value) => value),
  masked('a promise', 'time', async (value) => value),
  masked('a string', 'integer', (value) => value),
  masked('a string', 'boolean', (value) => value),
  masked('a string', 'time', (value) => `${value} o'clock`),
  masked('NaN', 'decimal', () => NaN),
  masked('NaN', 'integer', () => NaN),
  masked('a symbol', 'boolean', () => Symbol('yes')),
  masked('nothing, but throws', 'text', (value) => {
    throw new Error(`no such phone: ${value}`);
  }),
];

describeKinds('A value that cannot be exported', (database, type, kind) => {
  const IDS = [
    ['an integer', { type: 'int' }, 42],
    ['a text', { type: 'varchar' }, "'42'\t"],
  ] as const;

  it.each(
    casesOf(CASES, kind).map(
      (each, index) =>
        [each.title, each.kind, each, ...(IDS[index % IDS.length] as (typeof IDS)[0])] as const,
    ),
  )(
    'fails the export with an error that names the call, but not the value: %s as a column of the kind %s',
    async (_, __, { column, kind: of, value, mask }, ___, idColumn, id) => {
      const plain = hostEntities(
        type,
        { id: idColumn, x: { nullable: true, ...column } },
        { x: { nullable: true, ...column } },
      );
      const columns: CallsExportColumn[] = [
        'status',
        { key: 'x_key', property: 'x', kind: of, mask },
        { key: 'y_key', property: 'x', of: 'assistant', kind: of, mask },
      ];
      const entities: HostEntities = {
        calls: { ...plain.calls, idsGrow: true },
        assistants: plain.assistants,
        views: { call: columns.slice(0, 2), assistant: [columns[2] as CallsExportColumn] },
      };
      const host = await FindHost.start(database, { entities });
      await host.add('assistants', { id: 1, accountId: 7, x: value });
      await host.add('calls', { id, accountId: 7, callSid: 'CA', assistantId: 1, x: value });
      for (const service of host.services) {
        for (const [view, key] of [
          ['call', 'x_key'],
          ['assistant', 'y_key'],
        ] as const) {
          for (const format of ['csv', 'json'] as const) {
            const reading = async () => text(await service.export(7, { view, format }));
            const error = (await reading().catch(
              (reason: unknown) => reason,
            )) as UnexportableCallError;
            expect(error).toBeInstanceOf(UnexportableCallError);
            expect([error.callId, error.field]).toEqual([String(id), key]);
            expect(error.message).toContain(`Call ${id} `);
            expect(error.message).not.toContain(
              String(value).slice(0, 30) === '2' ? 'is 2' : String(value),
            );
          }
        }
      }
    },
    20_000,
  );

  it('fails the export of its account only: createdAt is null', async () => {
    const plain = hostEntities(type, {
      id: { type: 'varchar' },
      createdAt: { type: Date, nullable: true },
    });
    const host = await FindHost.start(database, { entities: plain });
    const call = { accountId: 7, callSid: 'CA' };
    await host.add(
      'calls',
      { ...call, id: 'a\tb', createdAt: null },
      { ...call, id: 'b', createdAt: '2023-10-30 10:00:00' },
    );
    await host.add('calls', { ...call, id: 'c', createdAt: '2023-10-30 10:00:00', accountId: 8 });
    for (const service of host.services) {
      const error = new UnexportableCallError('a\tb', 'createdAt', 'creation');
      await expect(service.export(7)).rejects.toThrow(error);
      await expect(service.count(7)).rejects.toThrow(error);
      expect(await service.count(8)).toBe(1);
    }
  });
});
