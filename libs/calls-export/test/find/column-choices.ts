import * as fc from 'fast-check';
import type { EntitySchemaColumnOptions } from 'typeorm';
import type { DatabaseType } from './entities';

/** A column that a host app may use for a field, and the values of its property. */
export interface ColumnChoice {
  readonly column: Partial<EntitySchemaColumnOptions>;
  readonly values: fc.Arbitrary<unknown>;
}

export type Choices = Readonly<Record<string, readonly ColumnChoice[]>>;

const INT4 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const SAFE = fc.maxSafeInteger();
/** Text that sql.js and the varchar of every database store unchanged. */
const TEXT = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...' "\'\\,;\r\n\t{}$:=+-@é☎😀'), maxLength: 6 }),
    fc.constantFrom('', ' ', '07', 'NULL', 'null', '\\N', 'a\r\nb'),
  )
  .map((any) => any.replaceAll('\0', '').replace(/^\ufeff+/, ''));
/** Within the range that every database supports. */
const TIME = fc
  .oneof(
    fc.date({
      min: new Date('1971-01-01'),
      max: new Date('2037-12-31'),
      noInvalidDate: true,
    }),
    // The hours around the DST changes in New York.
    fc.integer({ min: -180, max: 180 }).map((m) => new Date(Date.UTC(2023, 2, 12, 7, m))),
    fc.integer({ min: -180, max: 180 }).map((m) => new Date(Date.UTC(2023, 10, 5, 6, m))),
  )
  .map((date) => new Date(date));

const reversed = (value: string) => [...value].reverse().join('');
/** Stands for encryption: the stored text reveals nothing. */
export const CIPHER = {
  to: (value: string | null) => value && `enc:${reversed(value)}`,
  from: (value: string | null) => value && reversed(value.slice(4)),
};
export const STATUS_NAMES = ['queued', 'busy', 'completed'];
export const STATUS_CODES = {
  to: (name: string | null) => (name === null ? null : STATUS_NAMES.indexOf(name)),
  from: (code: number | null) => (code === null ? null : STATUS_NAMES[code]),
};
/** For an ID that the driver returns as a string. */
export const AS_NUMBER = {
  to: (value: number | null) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};
export const AS_BIGINT = {
  to: (value: bigint | null) => value?.toString() ?? null,
  from: (value: string | number | null) => (value === null ? null : BigInt(value)),
};
export const PREFIXED = {
  to: (account: string) => Number(account.slice(4)),
  from: (account: number) => `acc_${account}`,
};
/** The table has milliseconds, the property seconds. */
const FROM_MILLIS = {
  to: (seconds: number | null) => seconds && seconds * 1000,
  from: (millis: number | string | null) => millis && Number(millis) / 1000,
};

const sometimes = (values: fc.Arbitrary<unknown>) => fc.option(values, { freq: 4 });

/** Unique under every collation, by their numbers. */
const ID_TEXT = fc
  .tuple(fc.nat(1e6), fc.string({ unit: fc.constantFrom(...'\t\n\\"\'ab,;é☎😀$:?'), maxLength: 4 }))
  .map(([number, any]) => `${number}${any}.`);

const COMMON = {
  id: [
    { column: { type: 'varchar' }, values: ID_TEXT },
    { column: { type: 'int' }, values: INT4 },
    { column: { type: 'bigint', transformer: AS_NUMBER }, values: SAFE },
    { column: { type: 'bigint', transformer: AS_BIGINT }, values: SAFE.map(BigInt) },
  ],
  accountId: [
    { column: { type: 'int' }, values: fc.constantFrom(7, 70, -7) },
    { column: { type: 'varchar' }, values: fc.constantFrom('7', '07', '7 ', 'a', 'A', 'á') },
    {
      column: { type: 'int', transformer: PREFIXED },
      values: fc.constantFrom('acc_7', 'acc_70', 'acc_8'),
    },
  ],
  assistantId: [{ column: { type: 'int' }, values: sometimes(fc.integer({ min: 1, max: 5 })) }],
  callSid: [
    { column: { type: 'varchar' }, values: TEXT },
    { column: { type: 'text', nullable: true }, values: sometimes(TEXT) },
  ],
  customerPhoneNumber: [
    { column: { type: 'varchar' }, values: sometimes(TEXT) },
    { column: { type: 'text', transformer: CIPHER }, values: sometimes(TEXT) },
  ],
  status: [
    { column: { type: 'varchar' }, values: sometimes(fc.constantFrom('busy', 'BUSY', 'busy ')) },
    {
      column: { type: 'smallint', transformer: STATUS_CODES },
      values: sometimes(fc.constantFrom(...STATUS_NAMES)),
    },
  ],
  duration: [
    { column: { type: 'int' }, values: sometimes(INT4) },
    { column: { type: 'bigint' }, values: sometimes(SAFE.map(String)) },
    {
      column: { type: 'bigint', transformer: FROM_MILLIS },
      values: sometimes(fc.integer({ min: 0, max: 1e9 })),
    },
  ],
  name: [
    { column: { type: 'varchar' }, values: sometimes(TEXT) },
    { column: { type: 'text', transformer: [CIPHER, CIPHER] }, values: sometimes(TEXT) },
  ],
} satisfies Choices;

const STATUS_ENUM: ColumnChoice = {
  column: { type: 'enum', enum: STATUS_NAMES, enumName: 'find_status' },
  values: sometimes(fc.constantFrom(...STATUS_NAMES)),
};

function timesOf(...columns: Partial<EntitySchemaColumnOptions>[]): ColumnChoice[] {
  return columns.map((column) => ({ column, values: sometimes(TIME) }));
}

/** MariaDB rejects UUIDs of unknown versions. */
const UUID_ID: ColumnChoice = { column: { type: 'uuid' }, values: fc.uuid({ version: [1, 4, 7] }) };
const LARGE_ID: ColumnChoice = {
  column: { type: 'bigint' },
  values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
};
/** Few values, so that there are ties. */
const CREATED = {
  integers: { column: { type: 'bigint' }, values: fc.integer({ min: -3, max: 3 }).map(String) },
  times: {
    column: { type: Date },
    values: fc.integer({ min: -3, max: 3 }).map((s) => new Date(1000 * s)),
  },
} satisfies Readonly<Record<string, ColumnChoice>>;

const CHOICES: Readonly<Record<DatabaseType, Choices>> = {
  postgres: {
    ...COMMON,
    id: [...COMMON.id, UUID_ID, LARGE_ID],
    status: [...COMMON.status, STATUS_ENUM],
    startedAt: timesOf({ type: 'timestamptz' }, { type: 'timestamp' }, { type: Date }),
    endedAt: timesOf({ type: 'timestamptz', precision: 0 }, { type: 'timestamp', precision: 3 }),
  },
  mariadb: {
    ...COMMON,
    id: [...COMMON.id, UUID_ID, LARGE_ID],
    status: [...COMMON.status, STATUS_ENUM],
    startedAt: timesOf({ type: 'datetime', precision: 6 }, { type: 'datetime', precision: 3 }),
    endedAt: timesOf({ type: 'datetime' }, { type: 'datetime', precision: 3 }),
  },
  sqljs: {
    ...COMMON,
    startedAt: timesOf({ type: 'datetime' }, { type: Date }),
    endedAt: timesOf({ type: 'datetime' }),
  },
};

export interface ChosenColumns {
  readonly calls: Readonly<Record<string, ColumnChoice>>;
  readonly assistants: Readonly<Record<string, ColumnChoice>>;
}

/** The columns of the two entities of a host app. Both have the same type of accounts. */
export function anyColumns(type: DatabaseType): fc.Arbitrary<ChosenColumns> {
  const { name, ...ofCalls }: Choices = { ...CHOICES[type], createdAt: Object.values(CREATED) };
  const pick = (choices: Choices) =>
    fc.record(
      Object.fromEntries(
        Object.entries(choices).map(([field, all]) => [field, fc.constantFrom(...all)]),
      ),
    );
  return fc.tuple(pick(ofCalls), pick({ name: name as ColumnChoice[] })).map(([calls, names]) => ({
    calls: calls as ChosenColumns['calls'],
    assistants: {
      ...names,
      id: { column: { type: 'int' }, values: fc.constant(undefined) },
      accountId: calls['accountId'] as ColumnChoice,
    },
    // Shown if a property fails.
    [fc.toStringMethod]: () =>
      fc.stringify(Object.entries(calls).map(([field, { column }]) => [field, column])),
  }));
}

/** Random entities as plain objects, with unique IDs. */
export function anyRows(
  columns: Readonly<Record<string, ColumnChoice>>,
  maxLength: number,
): fc.Arbitrary<Record<string, unknown>[]> {
  const values = Object.entries(columns).map(([field, choice]) => [field, choice.values] as const);
  return fc.uniqueArray(fc.record(Object.fromEntries(values)), {
    maxLength,
    selector: ({ id }) => String(id),
  });
}
