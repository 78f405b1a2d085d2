// @slow
import type { ObjectLiteral, ValueTransformer } from 'typeorm';
import type { AccountId } from '../../src';
import { AS_BIGINT, AS_NUMBER, CIPHER, PREFIXED, STATUS_CODES } from './column-choices';
import { casesOf, describeKinds, type KindCase } from './describe-kinds';
import { type Columns, hostEntities } from './entities';
import { expectFound, FindHost } from './find-host';
import { outcomesOf } from './outcomes';
import { expectRefused } from './refused';

/** A time of a library such as Day.js: no Date, but with the value of one. */
class Moment {
  constructor(private readonly date: Date) {}
  valueOf(): number {
    return this.date.getTime();
  }
  toDate(): Date {
    return this.date;
  }
}

/** Transforms what is there, and leaves null alone. */
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
  'an ISO text': transformer<string, Date>(
    (date) => date.toISOString(),
    (iso) => new Date(iso),
  ),
  'another Date': transformer<Date, Date>(
    (date) => new Date(date),
    (date) => new Date(date),
  ),
};
const shifted = (millis: number) =>
  transformer<Date, Date>(
    (date) => new Date(date.getTime() + millis),
    (date) => new Date(date.getTime() - millis),
  );
const HOUR = 3_600_000;

const START = new Date('2023-10-30T10:00:00.000Z');
const later = (seconds: number) => new Date(START.getTime() + seconds * 1000);

interface TransformerCase extends KindCase {
  readonly calls?: Columns;
  readonly assistants?: Columns;
  /** What the database has in place of the plain values. */
  readonly call?: (n: number) => ObjectLiteral;
  readonly assistant?: (n: number) => ObjectLiteral;
  /** Whose calls; default 7. */
  readonly account?: AccountId;
  readonly status?: string;
  /** Accounts that nobody has. */
  readonly strangers?: readonly AccountId[];
}

const stored = (text: string) => CIPHER.to(text);

const CASES: readonly TransformerCase[] = [
  {
    title: 'an encrypted phone number',
    calls: { customerPhoneNumber: { type: 'varchar', transformer: CIPHER } },
    call: (n) => ({ customerPhoneNumber: n === 2 ? null : stored(`+1555000000${n}`) }),
  },
  {
    title: 'texts that several transformers have made, the last of which is undone first',
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
    title: 'nothing, which a transformer has a word for',
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
    title: 'a value that a transformer makes null',
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
    title: 'a status that is an encrypted text',
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
    title: 'a duration that is kept in milliseconds',
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
    title: 'names that are encrypted',
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
    // All but the first are the number 7, or none, to the transformer.
    strangers: ['acc_9', 'acc_07', 'ACC_7', '1234 7', 'acc_7.0', 'acc_', 'acc_x', 7, '7', 7n],
  },
  {
    title: 'accounts that are encrypted',
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
    title: 'accounts that lead with zeros in the property alone',
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

const CALLS = [1, 2, 3, 4, 5];

async function start(
  database: Parameters<typeof FindHost.start>[0],
  type: Parameters<typeof hostEntities>[0],
  { calls, assistants, call = () => ({}), assistant = () => ({}) }: Omit<TransformerCase, 'title'>,
): Promise<FindHost> {
  const host = await FindHost.connect(database, {
    entities: hostEntities(type, calls, assistants),
  });
  for (const n of [1, 2]) {
    await host.add('assistants', {
      id: n,
      accountId: n === 2 ? 8 : 7,
      name: `Bot ${n}`,
      ...assistant(n),
    });
  }
  for (const n of CALLS) {
    await host.add('calls', {
      id: n,
      accountId: n === 4 ? 8 : 7,
      callSid: `CA${n}`,
      assistantId: n === 5 ? null : n === 4 ? 2 : (n % 2) + 1,
      customerPhoneNumber: `+1555000000${n}`,
      status: n % 2 ? 'busy' : 'queued',
      duration: n,
      startedAt: n === 5 ? null : later(n),
      endedAt: later(n + 60),
      ...call(n),
    });
  }
  return host;
}

describeKinds('Transformers', (database, type, kind) => {
  it.each(casesOf(CASES, kind))('give $title', async (each) => {
    const { account = 7, status = 'busy', strangers = [] } = each;
    const host = await start(database, type, each);
    await host.startApps();
    expect(await expectFound(host, account)).toHaveLength(4);
    expect((await expectFound(host, account, { status })).length).toBeGreaterThan(0);
    expect((await expectFound(host, account, { assistantId: 1 })).length).toBeGreaterThan(0);
    await expectFound(host, account, { assistantId: 2 });
    for (const n of CALLS) {
      await expectFound(host, account, { startedFrom: later(n) });
      await expectFound(host, account, { startedBefore: BigInt(later(n).getTime()) * 1000n + 1n });
    }
    for (const stranger of strangers) {
      for (const outcome of await outcomesOf(host, stranger)) {
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(TypeError);
        else expect([stranger, outcome]).toEqual([stranger, []]);
      }
    }
  });

  it.each([
    ['an hour later', shifted(HOUR)],
    ['an hour earlier', shifted(-HOUR)],
    ['a millisecond later', shifted(1)],
    ['in the zone of the host', shifted(5.5 * HOUR)],
    [
      'rounded to the minute',
      {
        from: (d: Date | null) => d && new Date(Math.floor(d.getTime() / 60_000) * 60_000),
        to: (d: Date) => d,
      },
    ],
    [
      'in reverse',
      {
        from: (d: Date | null) => d && new Date(2e12 - d.getTime()),
        to: (d: Date) => new Date(2e12 - d.getTime()),
      },
    ],
    ['a word', { from: () => 'yesterday', to: () => START }],
  ])('are refused where they make a start %s, by which no filter would agree', async (_, wrong) => {
    await expectRefused(
      start(database, type, { calls: { startedAt: { transformer: wrong } } }),
      'HostCall',
      'startedAt',
    );
  });
});
