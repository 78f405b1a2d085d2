// @slow
import { casesOf, describeKinds } from './describe-kinds';
import { hostEntities } from './entities';
import { expectFound, FindHost } from './find-host';
import { outcomesOf } from './outcomes';
import { expectRefused } from './refused';
import {
  HOUR,
  later,
  shifted,
  START,
  TRANSFORMER_CASES,
  type TransformerCase,
} from './transformer-cases';

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
  it.each(casesOf(TRANSFORMER_CASES, kind))('are applied to $title', async (each) => {
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
    ['in another zone', shifted(5.5 * HOUR)],
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
    ['a string', { from: () => 'yesterday', to: () => START }],
  ])(
    'are rejected if they change the start, which filters compare in SQL: %s',
    async (_, wrong) => {
      await expectRefused(
        start(database, type, { calls: { startedAt: { transformer: wrong } } }),
        'HostCall',
        'startedAt',
      );
    },
  );
});
