import type { ObjectLiteral, ValueTransformer } from 'typeorm';
import type { AccountId } from '../../src';
import { AS_BIGINT, AS_NUMBER, CIPHER, PREFIXED, STATUS_CODES } from './column-choices';
import type { KindCase } from './describe-kinds';
import type { Columns } from './entities';

/** Stands for a time class such as that of Day.js, whose `valueOf()` is that of a Date. */
class Moment {
  constructor(private readonly date: Date) {}
  valueOf(): number {
    return this.date.getTime();
  }
  toDate(): Date {
    return this.date;
  }
}

/** A transformer that leaves null unchanged. */
function transformer<Property, Value>(
  from: (value: Value) => Property,
  to: (property: Property) => Value,
): ValueTransformer {
  return {
    from: (value: Value | null) => (value === null ? null : from(value)),
    to: (property: Property | null) => (property === null ? null : to(property)),
  };
}

const TIMES = {
  'an object with the value of a Date': transformer<Moment, Date>(
    (date) => new Moment(date),
    (moment) => moment.toDate(),
  ),
  'milliseconds since 1970': transformer<number, Date>(
    (date) => date.getTime(),
    (millis) => new Date(millis),
  ),
  'an ISO string': transformer<string, Date>(
    (date) => date.toISOString(),
    (iso) => new Date(iso),
  ),
  'another Date': transformer<Date, Date>(
    (date) => new Date(date),
    (date) => new Date(date),
  ),
};
export const shifted = (millis: number) =>
  transformer<Date, Date>(
    (date) => new Date(date.getTime() + millis),
    (date) => new Date(date.getTime() - millis),
  );
export const HOUR = 3_600_000;

export const START = new Date('2023-10-30T10:00:00.000Z');
export const later = (seconds: number) => new Date(START.getTime() + seconds * 1000);

/** Columns with transformers, and their stored values. */
export interface TransformerCase extends KindCase {
  readonly calls?: Columns;
  readonly assistants?: Columns;
  /** Stored values that replace the default ones. */
  readonly call?: (n: number) => ObjectLiteral;
  readonly assistant?: (n: number) => ObjectLiteral;
  /** Default 7. */
  readonly account?: AccountId;
  readonly status?: string;
  /** Accounts without calls. */
  readonly strangers?: readonly AccountId[];
}

const stored = (text: string) => CIPHER.to(text);

export const TRANSFORMER_CASES: readonly TransformerCase[] = [
  {
    title: 'an encrypted phone number',
    calls: { customerPhoneNumber: { type: 'varchar', transformer: CIPHER } },
    call: (n) => ({ customerPhoneNumber: n === 2 ? null : stored(`+1555000000${n}`) }),
  },
  {
    title: 'texts that a list of transformers decodes, the last one first',
    calls: {
      callSid: { type: 'varchar', transformer: [CIPHER, transformer(atob, btoa)] },
      customerPhoneNumber: { type: 'text', transformer: [CIPHER, CIPHER] },
    },
    call: (n) => ({
      callSid: btoa(stored(`CA${n}`) as string),
      customerPhoneNumber: stored(stored(`+1555${n}`) as string),
    }),
  },
  {
    title: 'null, for which a transformer returns a value',
    calls: {
      callSid: {
        type: 'varchar',
        nullable: true,
        transformer: { from: (sid) => sid ?? 'no SID', to: String },
      },
      customerPhoneNumber: {
        type: 'varchar',
        transformer: { from: (phone) => phone ?? 'withheld', to: String },
      },
      duration: { type: 'int', transformer: { from: (seconds) => seconds ?? 0, to: Number } },
      endedAt: {
        transformer: { from: (end: Date | null) => end ?? new Date(0), to: (end: Date) => end },
      },
    },
    assistants: {
      name: { type: 'varchar', transformer: { from: (name) => name ?? 'nameless', to: String } },
    },
    call: (n) =>
      n === 2 ? { callSid: null, duration: null, customerPhoneNumber: null, endedAt: null } : {},
    assistant: (n) => (n === 1 ? { name: null } : {}),
  },
  {
    title: 'a value for which a transformer returns null',
    calls: {
      customerPhoneNumber: {
        type: 'varchar',
        transformer: { from: (phone) => (phone === '' ? null : phone), to: (phone) => phone ?? '' },
      },
      duration: {
        type: 'int',
        transformer: { from: (s) => (s === -1 ? undefined : s), to: (s) => s ?? -1 },
      },
    },
    call: (n) => (n === 2 ? { customerPhoneNumber: '', duration: -1 } : {}),
  },
  {
    title: 'a status that is a code in the table',
    calls: { status: { type: 'smallint', transformer: STATUS_CODES } },
    call: (n) => ({ status: n % 3 }),
    status: 'busy',
  },
  {
    title: 'an encrypted status',
    calls: { status: { type: 'varchar', transformer: CIPHER } },
    call: (n) => ({ status: stored(n % 2 ? 'busy' : 'queued') }),
    status: 'busy',
  },
  {
    title: 'an id that is a number',
    on: ['postgres', 'mariadb'],
    calls: { id: { type: 'bigint', transformer: AS_NUMBER } },
    call: (n) => ({ id: String(2 ** 40 + n) }),
  },
  {
    title: 'an id that is a BigInt',
    on: ['postgres', 'mariadb'],
    calls: { id: { type: 'bigint', transformer: AS_BIGINT } },
    call: (n) => ({ id: String(2n ** 60n + BigInt(n)) }),
  },
  {
    title: "assistants' ids that are BigInts",
    calls: { assistantId: { type: 'bigint', transformer: AS_BIGINT } },
    assistants: { id: { type: 'bigint', transformer: AS_BIGINT } },
  },
  {
    title: 'a duration that is stored in milliseconds',
    calls: {
      duration: {
        type: 'bigint',
        transformer: transformer(
          (ms) => Number(ms) / 1000,
          (s: number) => s * 1000,
        ),
      },
    },
    call: (n) => ({ duration: n * 1000 }),
  },
  {
    title: 'encrypted names',
    assistants: { name: { type: 'varchar', transformer: CIPHER } },
    assistant: (n) => ({ name: stored(`Bot ${n}`) }),
  },
  ...Object.entries(TIMES).flatMap(([title, time]): TransformerCase[] => [
    { title: `a start that is ${title}`, calls: { startedAt: { transformer: time } } },
    { title: `an end that is ${title}`, calls: { endedAt: { transformer: time } } },
  ]),
  { title: 'an end that is an hour later', calls: { endedAt: { transformer: shifted(HOUR) } } },
  {
    title: 'accounts that are numbers in the table',
    calls: { accountId: { type: 'int', transformer: PREFIXED } },
    assistants: { accountId: { type: 'int', transformer: PREFIXED } },
    account: 'acc_7',
    // The transformer maps all but the first to 7 or NaN.
    strangers: ['acc_9', 'acc_07', 'ACC_7', '1234 7', 'acc_7.0', 'acc_', 'acc_x', 7, '7', 7n],
  },
  {
    title: 'encrypted accounts',
    calls: { accountId: { type: 'varchar', transformer: CIPHER } },
    assistants: { accountId: { type: 'varchar', transformer: CIPHER } },
    call: (n) => ({ accountId: stored(n === 4 ? '8' : '7') }),
    assistant: (n) => ({ accountId: stored(n === 2 ? '8' : '7') }),
    strangers: ['enc:7', '07', '7 '],
  },
  {
    title: 'accounts that are BigInts',
    calls: { accountId: { type: 'bigint', transformer: AS_BIGINT } },
    assistants: { accountId: { type: 'bigint', transformer: AS_BIGINT } },
    account: 7n,
    strangers: [9n, 'x', '7 ', 2n ** 70n],
  },
  {
    title: 'accounts with leading zeros in the property only',
    calls: {
      accountId: { type: 'int', transformer: transformer((n: number) => `00${n}`, Number) },
    },
    assistants: {
      accountId: { type: 'int', transformer: transformer((n: number) => `00${n}`, Number) },
    },
    account: '007',
    strangers: ['7', '07', 7, '7.0', '', '0x7'].filter(Boolean),
  },
];
