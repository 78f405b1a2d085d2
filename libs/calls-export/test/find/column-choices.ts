import * as fc from 'fast-check';
import type { EntitySchemaColumnOptions } from 'typeorm';
import type { DatabaseType } from './entities';

/** A column that a host may have for a field, and the values of its property. */
export interface ColumnChoice {
  readonly column: Partial<EntitySchemaColumnOptions>;
  readonly values: fc.Arbitrary<unknown>;
}

export type Choices = Readonly<Record<string, readonly ColumnChoice[]>>;

const INT4 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const SAFE = fc.maxSafeInteger();
/** What sql.js and a varchar of every database keep. */
const TEXT = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...' "\'\\,;\r\n\t{}$:=+-@é☎😀'), maxLength: 6 }),
    fc.constantFrom('', ' ', '07', 'NULL', 'null', '\\N', 'a\r\nb'),
  )
  .map((any) => any.replaceAll('\0', '').replace(/^\ufeff+/, ''));
/** Each of them is in the years and the summer times of all databases and zones. */
const TIME = fc
  .oneof(
    fc.date({
      min: new Date('1971-01-01'),
      max: new Date('2037-12-31'),
      noInvalidDate: true,
    }),
    // The hours around the two changes of New York.
    fc.integer({ min: -180, max: 180 }).map((m) => new Date(Date.UTC(2023, 2, 12, 7, m))),
    fc.integer({ min: -180, max: 180 }).map((m) => new Date(Date.UTC(2023, 10, 5, 6, m))),
  )
  .map((date) => new Date(date));

const reversed = (value: string) => [...value].reverse().join('');
/** Stands for a cipher: what is in the table tells nothing. */
export const CIPHER = {
  to: (value: string | null) => value && `enc:${reversed(value)}`,
  from: (value: string | null) => value && reversed(value.slice(4)),
};
export const STATUS_NAMES = ['queued', 'busy', 'completed'];
export const STATUS_CODES = {
  to: (name: string | null) => (name === null ? null : STATUS_NAMES.indexOf(name)),
  from: (code: number | null) => (code === null ? null : STATUS_NAMES[code]),
};
/** An id that is a number where the driver gives a text. */
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
/** Milliseconds in the table. */
const FROM_MILLIS = {
  to: (seconds: number | null) => seconds && seconds * 1000,
  from: (millis: number | string | null) => millis && Number(millis) / 1000,
};

const sometimes = (values: fc.Arbitrary<unknown>) => fc.option(values, { freq: 4 });

/** Of which two differ in more than any collation minds. */
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

/** MariaDB takes no UUIDs of versions that it does not know. */
const UUID_ID: ColumnChoice = { column: { type: 'uuid' }, values: fc.uuid({ version: [1, 4, 7] }) };
const LARGE_ID: ColumnChoice = {
  column: { type: 'bigint' },
  values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
};
/** With ties. */
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

/** The columns of a host's two entities. Accounts are of one kind in both. */
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
    // In the report of a failure.
    [fc.toStringMethod]: () =>
      fc.stringify(Object.entries(calls).map(([field, { column }]) => [field, column])),
  }));
}

/** Rows of an entity, as its properties. */
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
